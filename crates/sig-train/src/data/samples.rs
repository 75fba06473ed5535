use super::split::Part;

/// What the values of a sample are relative to, so that series with a trend look the same everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relative {
    /// The last point of the window.
    Last,
    /// The point before each.
    Before,
}

impl Relative {
    /// Rows before a window that it needs.
    pub(crate) fn rows_before(self) -> usize {
        usize::from(self == Self::Before)
    }
}

/// The samples of a study, each a window with its target. The windows of a series overlap; of a set
/// of paths each path is a window.
#[derive(Debug)]
pub(crate) struct Samples {
    /// Scaled rows; paths stand one after the other, and so do series.
    pub(crate) rows: Vec<Vec<f64>>,
    /// One per row of a series, whose `horizon` targets after a window are to be forecast, or one
    /// per path.
    pub(crate) targets: Vec<f64>,
    /// The samples of each part, by the number of their first target.
    pub(crate) parts: [Vec<usize>; 3],
    /// Whether the rows are those of paths, rather than of series.
    pub(crate) of_paths: bool,
    /// What samples are relative to, if to anything, and the channel that is the target.
    pub(crate) relative: Option<(Relative, usize)>,
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
        (start..start + self.length).flat_map(move |row| {
            let origin = self.relative.map(|(relative, _)| match relative {
                Relative::Last => &self.rows[start + self.length - 1],
                Relative::Before => &self.rows[row - 1],
            });
            let values = self.rows[row].iter().enumerate();
            values.map(move |(channel, value)| {
                (value - origin.map_or(0.0, |origin| origin[channel])) as f32
            })
        })
    }

    /// The target of a sample, `[horizon]`.
    pub(crate) fn target(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let mut origin = self.origin(part, index);
        self.actual(part, index).map(move |value| {
            let relative = value - origin;
            if matches!(self.relative, Some((Relative::Before, _))) {
                origin = value;
            }
            relative as f32
        })
    }

    /// A forecast of a sample, on the scale of the rows.
    pub(crate) fn absolute(&self, part: Part, index: usize, forecast: &mut [f64]) {
        let mut origin = self.origin(part, index);
        for value in forecast {
            *value += origin;
            if matches!(self.relative, Some((Relative::Before, _))) {
                origin = *value;
            }
        }
    }

    /// The last value of the target in the window of a sample that is relative.
    fn origin(&self, part: Part, index: usize) -> f64 {
        let last = || &self.rows[self.first_target(part, index) - 1];
        self.relative.map_or(0.0, |(_, channel)| last()[channel])
    }

    /// The values that are forecast, on the scale of the rows.
    pub(crate) fn actual(&self, part: Part, index: usize) -> impl Iterator<Item = f64> {
        let first = self.first_target(part, index);
        self.targets[first..first + self.horizon].iter().copied()
    }

    /// The number of a sample's first target among all.
    pub(crate) fn first_target(&self, part: Part, index: usize) -> usize {
        self.parts[part as usize][index]
    }
}
