use std::ops::Range;

use super::split::Part;

/// The samples of a study, each a window with its target. The windows of a series overlap; of a set
/// of paths each path is a window.
#[derive(Debug)]
pub(crate) struct Samples {
    /// Scaled rows; paths stand one after the other.
    pub(crate) rows: Vec<Vec<f64>>,
    /// One per row of a series, whose `horizon` targets after a window are to be forecast, or one
    /// per path.
    pub(crate) targets: Vec<f64>,
    /// The samples of each part, by the number of their first target.
    pub(crate) parts: [Range<usize>; 3],
    /// Whether the rows are those of paths, rather than of one series.
    pub(crate) of_paths: bool,
    /// Of a series whose samples are relative to the last point of their window, the channel that is
    /// the target.
    pub(crate) relative_to: Option<usize>,
    /// Points per window.
    pub(crate) length: usize,
    /// Values per target.
    pub(crate) horizon: usize,
}

impl Samples {
    pub(crate) fn channels(&self) -> usize {
        self.rows[0].len()
    }

    pub(crate) fn count(&self, part: Part) -> usize {
        self.parts[part as usize].len()
    }

    /// The window of a sample, `[length, channels]` flattened.
    pub(crate) fn input(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let first = self.first_target(part, index);
        let start = if self.of_paths {
            first * self.length
        } else {
            first - self.length
        };
        let rows = &self.rows[start..start + self.length];
        let origin = &rows[self.length - 1];
        rows.iter().flat_map(move |row| {
            let points = row.iter().zip(origin);
            points.map(|(value, last)| match self.relative_to {
                Some(_) => (value - last) as f32,
                None => *value as f32,
            })
        })
    }

    /// The target of a sample, `[horizon]`.
    pub(crate) fn target(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let origin = self.origin(part, index);
        self.actual(part, index)
            .map(move |value| (value - origin) as f32)
    }

    /// What is added to the target and the forecast of a sample that is relative.
    pub(crate) fn origin(&self, part: Part, index: usize) -> f64 {
        let last = || &self.rows[self.first_target(part, index) - 1];
        self.relative_to.map_or(0.0, |channel| last()[channel])
    }

    /// The values that are forecast, on the scale of the rows.
    pub(crate) fn actual(&self, part: Part, index: usize) -> impl Iterator<Item = f64> {
        let first = self.first_target(part, index);
        self.targets[first..first + self.horizon].iter().copied()
    }

    /// The number of a sample's first target among all.
    pub(crate) fn first_target(&self, part: Part, index: usize) -> usize {
        self.parts[part as usize].start + index
    }
}
