//! The settings of a study: everything that its results depend on, except the device.

mod data;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use data::file;
pub use data::{DataConfig, FileConfig, Fill, Scaling, Task};
pub use sig_data::Format;

pub use crate::model::{ModelKind, Preset};

use crate::model::Sizes;
use crate::{Error, StudyArgs};

/// A study, as config.json keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyConfig {
    /// The models, in the order of their training.
    pub models: Vec<ModelKind>,
    /// The preset, which the architectures depend on.
    pub preset: Preset,
    /// The series or paths.
    pub data: DataConfig,
    /// Points per window, the input of a model.
    pub length: usize,
    /// Points that are forecast.
    pub horizon: usize,
    /// The depth of signatures.
    pub depth: usize,
    /// The maximum number of epochs.
    pub epochs: usize,
    /// Windows per training step.
    pub batch_size: usize,
    /// Each model is trained once per seed. A seed determines synthetic data, initial weights and
    /// the order of the batches.
    pub seeds: Vec<u64>,
    /// At how many cut-offs each model is trained anew and scored.
    #[serde(default = "one")]
    pub folds: usize,
    /// How the models are trained.
    pub training: TrainingConfig,
}

fn one() -> usize {
    1
}

/// How every model of a study is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingConfig {
    /// The initial learning rate.
    pub learning_rate: f64,
    /// The decoupled weight decay of AdamW, per model.
    pub weight_decay: BTreeMap<ModelKind, f32>,
    /// The norm to which the gradient of each parameter is clipped.
    pub gradient_norm: f32,
    /// The factor of the learning rate on a plateau.
    pub plateau_factor: f64,
    /// Epochs without a better validation loss that make a plateau.
    pub plateau_patience: usize,
    /// Epochs without a better validation loss after which training ends.
    pub stop_patience: usize,
}

impl TrainingConfig {
    /// The weight decay of a model.
    pub(crate) fn weight_decay(&self, model: ModelKind) -> f32 {
        let decay = self.weight_decay.get(&model).copied();
        decay.unwrap_or_else(|| model.weight_decay())
    }
}

impl StudyConfig {
    /// The config of a preset without options.
    pub fn preset(preset: Preset) -> Self {
        let study = Self {
            models: vec![
                ModelKind::SigDense,
                ModelKind::Mlp,
                ModelKind::Linear,
                ModelKind::Naive,
            ],
            preset,
            data: DataConfig::Volumes {
                hours: 6000,
                groups: 1,
            },
            length: 24,
            horizon: 4,
            depth: 2,
            epochs: 80,
            batch_size: 64,
            seeds: vec![42],
            folds: 1,
            training: TrainingConfig {
                learning_rate: 5e-3,
                weight_decay: BTreeMap::from(
                    ModelKind::ALL.map(|kind| (kind, kind.weight_decay())),
                ),
                gradient_norm: 1.0,
                plateau_factor: 0.5,
                plateau_patience: 5,
                stop_patience: 15,
            },
        };
        match preset {
            Preset::Study => study,
            Preset::KerasSig => Self {
                data: DataConfig::Volumes {
                    hours: 4000,
                    groups: 2,
                },
                length: 20,
                horizon: 10,
                depth: 3,
                batch_size: 128,
                ..study
            },
        }
    }

    /// The sizes of a model of series with these channels.
    pub(crate) fn sizes(&self, channels: usize) -> Sizes {
        Sizes {
            preset: self.preset,
            channels,
            length: self.length,
            horizon: self.horizon,
            depth: self.depth,
        }
    }

    /// The config with the data of a task and windows that suit it.
    fn with_task(self, task: Task) -> Self {
        let (data, length, horizon) = match task {
            Task::Volumes => {
                let volumes = Self::preset(self.preset);
                (volumes.data, volumes.length, volumes.horizon)
            }
            Task::Fbm => (DataConfig::Fbm { paths: 4000 }, 64, 1),
            Task::Area => (DataConfig::Area { paths: 4000 }, 32, 1),
        };
        Self {
            data,
            length,
            horizon,
            ..self
        }
    }

    /// The config that the options ask for, those not given being taken from `base`.
    ///
    /// # Errors
    ///
    /// Names the option whose value makes no sense.
    pub fn with_args(base: Self, args: &StudyArgs) -> Result<Self, Error> {
        let mut config = base;
        match &args.compare {
            Some(all) if all.is_empty() => {
                let season = config.data.season().is_some();
                let suits = |kind: &ModelKind| season || *kind != ModelKind::SeasonalNaive;
                config.models = ModelKind::ALL.into_iter().filter(suits).collect();
            }
            Some(models) => config.models = models.clone(),
            None if args.model.is_empty() => {}
            None => config.models = args.model.clone(),
        }
        // A study that goes on keeps its own numbers.
        if let Some(task) = args.task.filter(|&task| config.data.task() != Some(task)) {
            config = config.with_task(task);
        }
        config.data = config.data.with_args(args)?;
        let numbers = [
            (&mut config.length, args.length),
            (&mut config.horizon, args.horizon),
            (&mut config.depth, args.depth),
            (&mut config.epochs, args.epochs),
            (&mut config.batch_size, args.batch_size),
            (&mut config.folds, args.folds),
        ];
        for (value, given) in numbers {
            *value = given.unwrap_or(*value);
        }
        let rate = &mut config.training.learning_rate;
        *rate = args.learning_rate.unwrap_or(*rate);
        if !args.seed.is_empty() {
            config.seeds = args.seed.clone();
        }
        config.check()?;
        Ok(config)
    }

    /// # Errors
    ///
    /// Names the option whose value makes no sense.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (option, value, least) in [
            ("--length", self.length, 2),
            ("--horizon", self.horizon, 1),
            ("--depth", self.depth, 1),
            ("--epochs", self.epochs, 1),
            ("--batch-size", self.batch_size, 1),
            ("--folds", self.folds, 1),
            ("--model", self.models.len(), 1),
            ("--seed", self.seeds.len(), 1),
        ] {
            // A sum of a few is still a number.
            if !(least..1 << 48).contains(&value) {
                return Err(Error::Usage(format!(
                    "{option} must be at least {least}, got {value}"
                )));
            }
        }
        let rate = self.training.learning_rate;
        if !(rate.is_finite() && rate > 0.0) {
            let message = format!("--learning-rate must be a number above 0, got {rate}");
            return Err(Error::Usage(message));
        }
        if let Some(model) = twice(&self.models) {
            let message = format!("--model {}: given twice", model.name());
            return Err(Error::Usage(message));
        }
        if let Some(seed) = twice(&self.seeds) {
            return Err(Error::Usage(format!("--seed {seed}: given twice")));
        }
        if let DataConfig::File(file) = &self.data {
            let season = file.season.unwrap_or(1);
            for (option, value) in [("--median-rows", file.median_rows), ("--season", season)] {
                if !(1..1 << 48).contains(&value) {
                    let message = format!("{option} must be at least 1, got {value}");
                    return Err(Error::Usage(message));
                }
            }
        }
        if self.data.is_of_paths() && self.folds != 1 {
            return Err(Error::Usage(format!(
                "--folds {}: the paths of this task have no order in time",
                self.folds
            )));
        }
        if self.data.is_of_paths() && self.horizon != 1 {
            return Err(Error::Usage(format!(
                "--horizon {}: this task estimates one number a path",
                self.horizon
            )));
        }
        Ok(())
    }

    /// The first field that differs from `other`, with both values: `"epochs is 20 there and 30
    /// here"`.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let found = sig_data::difference(self, other)?;
        let (field, there, here) = (found.field, found.before, found.now);
        Some(format!("{field} is {there} there and {here} here"))
    }
}

fn twice<T: PartialEq + Copy>(values: &[T]) -> Option<T> {
    let mut each = values.iter().enumerate();
    each.find_map(|(index, value)| values[..index].contains(value).then_some(*value))
}
