//! The samples of a study, and what brings their values back to the units of the source.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Part, Samples, Scale};

/// The samples of the three parts, and how to undo their scale.
pub(crate) struct Dataset {
    pub(crate) samples: Arc<Samples>,
    /// Of the channels.
    pub(crate) names: Vec<String>,
    pub(crate) target: Target,
    /// The columns of ids that tell the series apart.
    pub(crate) groups: Vec<String>,
    /// The time of each target, if any is told.
    pub(super) times: Vec<String>,
    /// Whether the value of each target was missing.
    pub(super) filled: Vec<bool>,
}

/// What is to be forecast.
pub(crate) struct Target {
    pub(crate) name: String,
    /// The channel it is of, if it is of one.
    pub(crate) channel: Option<usize>,
    /// Whether the logarithm is forecast.
    pub(crate) log: bool,
    /// Of each series.
    pub(crate) levels: Vec<Level>,
}

/// How a series is scaled.
pub(crate) struct Level {
    /// By what the series is known.
    pub(crate) key: String,
    /// Its targets among all.
    pub(crate) targets: Range<usize>,
    /// Of the channels, or of the numbers of paths.
    pub(crate) scale: Scale,
    /// What each of the targets was divided by, if by anything.
    pub(crate) medians: Option<Vec<f64>>,
    /// The mean absolute change of the target over a season in the training part, in its unit.
    pub(crate) change: Option<f64>,
}

impl Target {
    /// The series of a target, by its place.
    pub(crate) fn level(&self, number: usize) -> usize {
        let after = |level: &Level| level.targets.end <= number;
        self.levels
            .partition_point(after)
            .min(self.levels.len() - 1)
    }

    fn median(&self, level: &Level, number: usize) -> f64 {
        let medians = level.medians.as_ref();
        medians.map_or(1.0, |all| all[number - level.targets.start])
    }

    /// A scaled value of the target of this number in the units of the source.
    ///
    /// # Arguments
    ///
    /// - `level`: that of the series.
    pub(crate) fn undo(&self, level: usize, number: usize, value: f64) -> f64 {
        let level = &self.levels[level];
        let value = level.scale.undo(self.channel.unwrap_or(0), value);
        let value = value * self.median(level, number);
        if self.log { value.exp() } else { value }
    }

    /// A value in the units of the source on the scale of the target of this number.
    fn scaled(&self, level: usize, number: usize, value: f64) -> f64 {
        let level = &self.levels[level];
        let value = if self.log { value.ln() } else { value };
        let value = value / self.median(level, number);
        level.scale.apply_to(self.channel.unwrap_or(0), value)
    }
}

impl Dataset {
    /// The time of the target of this number, or without times the number from 1.
    pub(crate) fn time(&self, number: usize) -> String {
        let time = self.times.get(number).cloned();
        time.unwrap_or_else(|| (number + 1).to_string())
    }

    /// The series of a sample, by its place.
    pub(crate) fn level(&self, part: Part, index: usize) -> usize {
        self.target.level(self.samples.first_target(part, index))
    }

    /// The values of a sample that are forecast, in the units of the source; NaN where none is known.
    pub(crate) fn actual(&self, part: Part, index: usize) -> Vec<f64> {
        let (first, level) = (
            self.samples.first_target(part, index),
            self.level(part, index),
        );
        let actual = self.samples.actual(part, index).enumerate();
        let actual = actual.map(|(step, value)| match self.filled.get(first + step) {
            Some(true) => f64::NAN,
            _ => self.target.undo(level, first + step, value),
        });
        actual.collect()
    }

    /// The forecast of a sample that repeats what was `season` values before, or where the series has
    /// not as many the last one, or for paths the mean; scaled.
    pub(crate) fn repeated(&self, part: Part, index: usize, season: usize) -> Vec<f64> {
        let horizon = self.samples.horizon;
        if self.target.channel.is_none() {
            return vec![0.0; horizon];
        }
        let (first, level) = (
            self.samples.first_target(part, index),
            self.level(part, index),
        );
        let known = first - self.target.levels[level].targets.start;
        let season = if season > known { 1 } else { season };
        let repeated = (0..horizon).map(|step| {
            let from = first + step - season * (step / season + 1);
            let value = self.target.undo(level, from, self.samples.targets[from]);
            self.target.scaled(level, first + step, value)
        });
        repeated.collect()
    }

    /// The scale of each series, by its key.
    pub(crate) fn scales(&self) -> BTreeMap<String, Scale> {
        let levels = self.target.levels.iter();
        let scales = levels.map(|level| (level.key.clone(), level.scale.clone()));
        scales.collect()
    }
}
