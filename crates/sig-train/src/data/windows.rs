use super::split::{Part, Parts};
use super::{Scale, Series};

/// All windows of a scaled series; those of neighbouring starts overlap.
#[derive(Debug)]
pub(crate) struct Windows {
    rows: Vec<Vec<f32>>,
    parts: Parts,
    /// The channel that is forecast.
    pub(crate) target: usize,
    /// Points seen.
    pub(crate) length: usize,
    /// Points forecast.
    pub(crate) horizon: usize,
}

impl Windows {
    pub(crate) fn new(
        series: &Series,
        scale: &Scale,
        parts: Parts,
        length: usize,
        horizon: usize,
    ) -> Self {
        let rows = series.rows.iter().map(|row| scale.apply(row)).collect();
        Self {
            rows,
            parts,
            target: series.target,
            length,
            horizon,
        }
    }

    pub(crate) fn channels(&self) -> usize {
        self.rows[0].len()
    }

    pub(crate) fn count(&self, part: Part) -> usize {
        self.parts.starts(part).len()
    }

    /// What the model sees of a window, `[length, channels]` flattened.
    pub(crate) fn input(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let start = self.parts.starts(part).start + index;
        self.rows[start - self.length..start]
            .iter()
            .flatten()
            .copied()
    }

    /// What it is to forecast, `[horizon]`.
    pub(crate) fn target(&self, part: Part, index: usize) -> impl Iterator<Item = f32> {
        let start = self.parts.starts(part).start + index;
        self.rows[start..start + self.horizon]
            .iter()
            .map(|row| row[self.target])
    }
}
