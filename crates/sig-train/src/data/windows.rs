use std::ops::Range;

use super::split::Part;

/// All windows, each with what is to be made of it: those of a series overlap, those of a set of
/// paths are the paths.
#[derive(Debug)]
pub(crate) struct Windows {
    rows: Vec<Vec<f32>>,
    targets: Vec<f32>,
    /// For each part the windows, by the first of their targets.
    parts: [Range<usize>; 3],
    /// Rows from one window to the next.
    step: usize,
    /// The end of window 0 in `rows`.
    first_end: usize,
    /// Points seen.
    pub(crate) length: usize,
    /// Values to be forecast.
    pub(crate) horizon: usize,
}

impl Windows {
    /// Windows of `length` scaled rows of one series, before each of which it is to forecast
    /// `horizon` of the targets, one of which there is a row.
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

    /// Paths of `length` rows each, one after the other, with a target each.
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

    /// What the model sees of a window, `[length, channels]` flattened.
    pub(crate) fn input(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let end = self.first_target(part, index) * self.step + self.first_end;
        self.rows[end - self.length..end].iter().flatten().copied()
    }

    /// What it is to forecast, `[horizon]`.
    pub(crate) fn target(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let first = self.first_target(part, index);
        self.targets[first..first + self.horizon].iter().copied()
    }

    /// The number of a window's first target among all.
    pub(crate) fn first_target(&self, part: Part, index: usize) -> usize {
        self.parts[part as usize].start + index
    }
}
