//! A trained model on disk: its weights, and what else is needed to use them.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};

use crate::config::ModelKind;
use crate::data::{Dataset, Scale};
use crate::model::Forecaster;
use crate::training::{Run, read_record};
use crate::{Error, StudyConfig};
use sig_data::Folder;

pub(crate) const WEIGHTS: &str = "model.bpk";
pub(crate) const FORECASTER: &str = "forecaster.json";

/// The model with the weights of a folder.
pub(crate) fn load_weights(folder: &Folder, model: Forecaster) -> Result<Forecaster, Error> {
    let path = folder.path(WEIGHTS);
    let record = read_record::<ModuleRecord>(&path)?;
    let model = model.try_load_record(record);
    model.map_err(|error| Error::data(&path, format!("damaged: {error}")))
}

/// forecaster.json: a model, the series that are its input, and their scale.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) model: ModelKind,
    pub(crate) seed: u64,
    pub(crate) config: StudyConfig,
    /// Of the channels, in the order in which the model sees them.
    pub(crate) names: Vec<String>,
    pub(crate) target: String,
    /// Of each series, by its key.
    pub(crate) scales: BTreeMap<String, Scale>,
    /// What is added to the scaled forecasts of each step for the ends of their intervals.
    pub(crate) intervals: Vec<[f64; 2]>,
}

impl Saved {
    pub(crate) fn new(
        run: Run,
        config: &StudyConfig,
        dataset: &Dataset,
        intervals: &[[f64; 2]],
    ) -> Self {
        Self {
            model: run.model,
            seed: run.seed,
            config: config.clone(),
            names: dataset.names.clone(),
            target: dataset.target.name.clone(),
            scales: dataset.scales(),
            intervals: intervals.to_vec(),
        }
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn problem(&self) -> Option<String> {
        let channels = self.names.len();
        if !self.model.learns() {
            return Some(format!("{} is not trained", self.model.name()));
        }
        let fits = |scale: &Scale| scale.offset.len() == channels && scale.width.len() == channels;
        let of_channel = self.channel().is_some();
        if of_channel && !self.scales.values().all(fits)
            || self.intervals.len() != self.config.horizon
        {
            return Some(
                "its scales or intervals are not those of its channels and horizon".into(),
            );
        }
        let sizes = self.config.sizes(channels).check(self.model);
        let checked = self.config.check().and(sizes);
        checked.err().map(|error| error.to_string())
    }

    /// The channel that is forecast, if it is one.
    pub(crate) fn channel(&self) -> Option<usize> {
        self.names.iter().position(|name| *name == self.target)
    }
}
