use std::ops::Range;

use super::split::Part;

/// The samples of a study, each a window with its target. The windows of a series overlap; of a set
/// of paths each path is a window.
#[derive(Debug)]
pub(crate) struct Samples {
    rows: Vec<Vec<f32>>,
    targets: Vec<f32>,
    /// The samples of each part, by the number of their first target.
    parts: [Range<usize>; 3],
    /// Rows from one sample to the next.
    step: usize,
    /// The row behind the window of sample 0.
    first_end: usize,
    /// Points per window.
    pub(crate) length: usize,
    /// Values per target.
    pub(crate) horizon: usize,
}

impl Samples {
    /// Samples of one series: windows of `length` scaled rows, and the `horizon` targets that
    /// follow. There is one target per row.
    pub(crate) fn of_series(
        rows: Vec<Vec<f32>>,
        targets: Vec<f32>,
        parts: [Range<usize>; 3],
        length: usize,
        horizon: usize,
    ) -> Self {
        Self {
            rows,
            targets,
            parts,
            step: 1,
            first_end: 0,
            length,
            horizon,
        }
    }

    /// Samples of paths of `length` scaled rows each, one after the other, with one target per
    /// path.
    pub(crate) fn of_paths(
        rows: Vec<Vec<f32>>,
        targets: Vec<f32>,
        parts: [Range<usize>; 3],
        length: usize,
    ) -> Self {
        Self {
            rows,
            targets,
            parts,
            step: length,
            first_end: length,
            length,
            horizon: 1,
        }
    }

    pub(crate) fn channels(&self) -> usize {
        self.rows[0].len()
    }

    pub(crate) fn count(&self, part: Part) -> usize {
        self.parts[part as usize].len()
    }

    /// The window of a sample, `[length, channels]` flattened.
    pub(crate) fn input(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let end = self.first_target(part, index) * self.step + self.first_end;
        self.rows[end - self.length..end].iter().flatten().copied()
    }

    /// The target of a sample, `[horizon]`.
    pub(crate) fn target(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let first = self.first_target(part, index);
        self.targets[first..first + self.horizon].iter().copied()
    }

    /// The number of a sample's first target among all.
    pub(crate) fn first_target(&self, part: Part, index: usize) -> usize {
        self.parts[part as usize].start + index
    }
}
