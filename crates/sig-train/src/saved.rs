//! What a trained model needs beside its weights to be used alone.

use serde::{Deserialize, Serialize};

use crate::StudyConfig;
use crate::config::{DataConfig, ModelKind, Scaling};
use crate::data::{Dataset, Scale};
use crate::training::Run;

pub(crate) const WEIGHTS: &str = "model.bpk";
pub(crate) const FORECASTER: &str = "forecaster.json";

/// forecaster.json: a model, the series that it sees and their scale.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) model: ModelKind,
    pub(crate) seed: u64,
    pub(crate) config: StudyConfig,
    /// Of the channels, in the order in which the model sees them.
    pub(crate) names: Vec<String>,
    pub(crate) target: String,
    pub(crate) scale: Scale,
}

impl Saved {
    pub(crate) fn new(run: Run, config: &StudyConfig, dataset: &Dataset) -> Self {
        Self {
            model: run.model,
            seed: run.seed,
            config: config.clone(),
            names: dataset.names.clone(),
            target: dataset.target.name.clone(),
            scale: dataset.scale.clone(),
        }
    }

    /// The channel that is forecast, if it is one.
    pub(crate) fn channel(&self) -> Option<usize> {
        self.names.iter().position(|name| *name == self.target)
    }

    /// The rows of the rolling median that the series were divided by, if they were.
    pub(crate) fn median_rows(&self) -> Option<usize> {
        match &self.config.data {
            DataConfig::File(file) => (file.scaling == Scaling::Median).then_some(file.median_rows),
            _ => None,
        }
    }
}
