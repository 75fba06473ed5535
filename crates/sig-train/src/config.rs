//! What a study is: everything its numbers depend on, but for the device.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::{Error, StudyArgs};

const WEIGHT_DECAY: [(ModelKind, f32); 9] = [
    (ModelKind::SigKan, 1.0),
    (ModelKind::SigDense, 1.0),
    (ModelKind::SigLayer, 1.0),
    (ModelKind::LogSig, 1.0),
    (ModelKind::Gru, 0.2),
    (ModelKind::Lstm, 0.2),
    (ModelKind::Mlp, 1.0),
    (ModelKind::Linear, 0.01),
    (ModelKind::Naive, 0.0),
];

/// A model that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A Kolmogorov–Arnold layer whose units are weighted by the signature of the window
    #[value(name = "sigkan")]
    #[serde(rename = "sigkan")]
    SigKan,
    /// A dense layer whose units are weighted by the signature of the window
    #[value(name = "sigdense")]
    #[serde(rename = "sigdense")]
    SigDense,
    /// A hidden layer on signatures of the window and of its endings
    #[value(name = "siglayer")]
    #[serde(rename = "siglayer")]
    SigLayer,
    /// The same on log-signatures
    #[value(name = "logsig")]
    #[serde(rename = "logsig")]
    LogSig,
    /// A gated recurrent unit, read at its last step
    Gru,
    /// Long short-term memory, read at its last step
    Lstm,
    /// Two hidden layers on the flattened window
    Mlp,
    /// A linear map of the flattened window
    Linear,
    /// The last value of the target, held
    Naive,
}

impl ModelKind {
    /// Every model there is.
    pub const ALL: [Self; 9] = [
        Self::SigKan,
        Self::SigDense,
        Self::SigLayer,
        Self::LogSig,
        Self::Gru,
        Self::Lstm,
        Self::Mlp,
        Self::Linear,
        Self::Naive,
    ];

    /// The name on the command line and in every file.
    pub fn name(self) -> &'static str {
        match self {
            Self::SigKan => "sigkan",
            Self::SigDense => "sigdense",
            Self::SigLayer => "siglayer",
            Self::LogSig => "logsig",
            Self::Gru => "gru",
            Self::Lstm => "lstm",
            Self::Mlp => "mlp",
            Self::Linear => "linear",
            Self::Naive => "naive",
        }
    }

    /// Whether its size grows with the depth of a signature.
    pub(crate) fn has_signature(self) -> bool {
        matches!(
            self,
            Self::SigKan | Self::SigDense | Self::SigLayer | Self::LogSig
        )
    }
}

/// A whole set-up under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The study's own
    #[default]
    Study,
    /// The bench model of keras_sig: Dense(7), SigDense(10), Flatten, Dense(10, relu),
    /// Dense(horizon), on 10 series, length 20, depth 3, horizon 10, batches of 128; SigDense as it
    /// is in the reference implementation
    KerasSig,
}

/// Where the series come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "source")]
pub enum DataConfig {
    /// [`synthetic`](crate::data::synthetic), from the seed of the study.
    Synthetic {
        /// Hours of the series.
        hours: usize,
        /// Independent groups of assets; each is five series.
        groups: usize,
    },
    /// A file of the user's.
    Csv {
        /// The file.
        path: PathBuf,
        /// The column to forecast.
        target: String,
        /// The column to leave out.
        time: Option<String>,
    },
}

/// A study, as config.json keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyConfig {
    /// The models, in the order of their training.
    pub models: Vec<ModelKind>,
    /// The set-up, which the architectures depend on.
    pub preset: Preset,
    /// The series.
    pub data: DataConfig,
    /// Points that a model sees.
    pub length: usize,
    /// Points that it forecasts.
    pub horizon: usize,
    /// The last level of the signature.
    pub depth: usize,
    /// The most epochs.
    pub epochs: usize,
    /// Windows a training step.
    pub batch_size: usize,
    /// Of the synthetic series, the initial weights and the order of the batches.
    pub seed: u64,
    /// How a model is trained.
    pub training: TrainingConfig,
}

/// How every model of a study is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingConfig {
    /// The learning rate at the start.
    pub learning_rate: f64,
    /// AdamW's decoupled weight decay for each model, with which it did best on some seeds.
    pub weight_decay: BTreeMap<ModelKind, f32>,
    /// The norm to which the gradient of each parameter is clipped.
    pub gradient_norm: f32,
    /// What the learning rate is multiplied by on a plateau.
    pub plateau_factor: f64,
    /// Epochs without a better validation loss that make a plateau.
    pub plateau_patience: usize,
    /// Epochs without a better validation loss after which training ends.
    pub stop_patience: usize,
}

impl StudyConfig {
    /// The config of a preset without options.
    pub fn preset(preset: Preset) -> Self {
        let study = Self {
            models: vec![ModelKind::SigDense, ModelKind::Mlp, ModelKind::Linear],
            preset,
            data: DataConfig::Synthetic {
                hours: 6000,
                groups: 1,
            },
            length: 24,
            horizon: 4,
            depth: 2,
            epochs: 80,
            batch_size: 64,
            seed: 42,
            training: TrainingConfig {
                learning_rate: 5e-3,
                weight_decay: BTreeMap::from(WEIGHT_DECAY),
                gradient_norm: 1.0,
                plateau_factor: 0.5,
                plateau_patience: 5,
                stop_patience: 15,
            },
        };
        match preset {
            Preset::Study => study,
            Preset::KerasSig => Self {
                data: DataConfig::Synthetic {
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

    /// The config that the options ask for, those not given being taken from `base`.
    ///
    /// # Errors
    ///
    /// Names the option whose value makes no sense.
    pub fn with_args(base: Self, args: &StudyArgs) -> Result<Self, Error> {
        let mut config = base;
        if !args.model.is_empty() {
            config.models = args.model.clone();
        }
        if let Some(path) = &args.csv {
            let target = args.target.clone().ok_or_else(|| {
                Error::Usage("--csv needs --target COLUMN, the column to forecast".into())
            })?;
            // Resuming from another folder should find the same file.
            let path = std::path::absolute(path).map_err(Error::io(path))?;
            config.data = DataConfig::Csv {
                path,
                target,
                time: args.time.clone(),
            };
        } else if args.target.is_some() || args.time.is_some() {
            return Err(Error::Usage("--target and --time need --csv FILE".into()));
        }
        let numbers = [
            (&mut config.length, args.length),
            (&mut config.horizon, args.horizon),
            (&mut config.depth, args.depth),
            (&mut config.epochs, args.epochs),
            (&mut config.batch_size, args.batch_size),
        ];
        for (value, given) in numbers {
            *value = given.unwrap_or(*value);
        }
        config.seed = args.seed.unwrap_or(config.seed);
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        let least = [
            ("--length", self.length, 2),
            ("--horizon", self.horizon, 1),
            ("--depth", self.depth, 1),
            ("--epochs", self.epochs, 1),
            ("--batch-size", self.batch_size, 1),
        ];
        for (option, value, least) in least {
            if value < least {
                return Err(Error::Usage(format!(
                    "{option} must be at least {least}, got {value}"
                )));
            }
        }
        for (index, model) in self.models.iter().enumerate() {
            if self.models[..index].contains(model) {
                return Err(Error::Usage(format!(
                    "--model {}: given twice",
                    model.name()
                )));
            }
        }
        Ok(())
    }

    /// The first field that differs from `other`, with both values: `"epochs is 20 there and 30 here"`.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let value = |config| serde_json::to_value(config).expect("plain data becomes JSON");
        difference("", &value(self), &value(other))
    }
}

fn difference(at: &str, here: &serde_json::Value, there: &serde_json::Value) -> Option<String> {
    use serde_json::Value::{Null, Object};
    match (here, there) {
        (Object(one), Object(other)) => one.keys().chain(other.keys()).find_map(|key| {
            let value = |map: &serde_json::Map<_, _>| map.get(key).cloned().unwrap_or(Null);
            let at = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            difference(&at, &value(one), &value(other))
        }),
        (here, there) if here == there => None,
        _ => Some(format!("{at} is {here} there and {there} here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: StudyArgs) -> Result<StudyConfig, Error> {
        StudyConfig::with_args(StudyConfig::preset(Preset::Study), &args)
    }

    #[test]
    fn zeros_are_refused_by_the_name_of_their_option() {
        let cases = [
            (
                "--length",
                StudyArgs {
                    length: Some(1),
                    ..Default::default()
                },
            ),
            (
                "--horizon",
                StudyArgs {
                    horizon: Some(0),
                    ..Default::default()
                },
            ),
            (
                "--depth",
                StudyArgs {
                    depth: Some(0),
                    ..Default::default()
                },
            ),
            (
                "--epochs",
                StudyArgs {
                    epochs: Some(0),
                    ..Default::default()
                },
            ),
            (
                "--batch-size",
                StudyArgs {
                    batch_size: Some(0),
                    ..Default::default()
                },
            ),
        ];
        for (option, args) in cases {
            let message = config(args).unwrap_err().to_string();
            assert!(message.starts_with(option), "{message}");
        }
    }

    #[test]
    fn differences_are_named() {
        let one = config(StudyArgs::default()).unwrap();
        let mut other = one.clone();
        assert_eq!(one.difference(&other), None);
        other.training.stop_patience = 99;
        let found = one.difference(&other).unwrap();
        assert!(
            found == "training.stop_patience is 15 there and 99 here",
            "{found}"
        );
    }

    #[test]
    fn config_survives_json() {
        for preset in [Preset::Study, Preset::KerasSig] {
            let config = StudyConfig::preset(preset);
            let text = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<StudyConfig>(&text).unwrap(), config);
        }
    }
}
