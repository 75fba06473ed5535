use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::StudyConfig;
use crate::config::ModelKind;
use crate::data::{Dataset, Part};
use crate::evaluate::Scores;

/// metrics.json: the scores on the test part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyReport {
    /// The first model of the study; `r2`, `rmse` and `mae` are its scores.
    pub model: ModelKind,
    /// The means of its scores over seeds and folds.
    #[serde(flatten)]
    pub scores: Scores,
    /// The season that `mase` is over, if the series has one.
    #[serde(default)]
    pub season: Option<usize>,
    /// What is forecast.
    pub target: String,
    /// Windows in the training, validation and test part.
    pub windows: [usize; 3],
    /// Where the models were trained.
    pub device: String,
    /// The seeds; each model is trained once per seed.
    pub seeds: Vec<u64>,
    /// Every model of the study, in its order.
    pub models: Vec<ModelReport>,
}

/// One model of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Which model.
    pub model: ModelKind,
    /// The means of its scores over seeds and folds.
    #[serde(flatten)]
    pub scores: Scores,
    /// Their sample standard deviations over seeds and folds, if there are several.
    pub spread: Option<Scores>,
    /// Trainable parameters.
    pub parameters: usize,
    /// Mean wall-clock time per epoch.
    pub seconds_per_epoch: f64,
    /// Its trainings, one per seed and fold.
    pub runs: Vec<RunReport>,
}

/// One training of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The seed of synthetic data, weights and batches.
    pub seed: u64,
    /// The cut-off, from 1; the last one has all rows.
    #[serde(default)]
    pub fold: usize,
    /// The scores on the test part, with the weights of the best epoch.
    #[serde(flatten)]
    pub scores: Scores,
    /// Epochs trained.
    pub epochs: usize,
    /// The epoch with the lowest validation loss; 0 if the model is not trained.
    pub best_epoch: usize,
    /// That loss, the mean squared error on the validation part.
    pub valid_loss: Option<f64>,
    /// Wall-clock time of the training.
    pub seconds: f64,
}

impl StudyReport {
    pub(crate) fn of(
        config: &StudyConfig,
        dataset: &Dataset,
        device: &str,
        outcomes: &[Outcome],
    ) -> Self {
        let models = config.models.iter();
        let models: Vec<_> = models
            .map(|&model| ModelReport::of(model, outcomes))
            .collect();
        let parts = [Part::Train, Part::Valid, Part::Test];
        Self {
            model: models[0].model,
            scores: models[0].scores,
            season: config.data.season(),
            target: dataset.target.name.clone(),
            windows: parts.map(|part| dataset.samples.count(part)),
            device: device.into(),
            seeds: config.seeds.clone(),
            models,
        }
    }
}

impl ModelReport {
    fn of(model: ModelKind, outcomes: &[Outcome]) -> Self {
        let of_model = |outcome: &&Outcome| outcome.run.model == model;
        let outcomes: Vec<_> = outcomes.iter().filter(of_model).collect();
        let runs: Vec<_> = outcomes
            .iter()
            .map(|outcome| outcome.report.clone())
            .collect();
        let scores: Vec<_> = runs.iter().map(|run| run.scores).collect();
        let seconds: f64 = runs.iter().map(|run| run.seconds).sum();
        let epochs: usize = runs.iter().map(|run| run.epochs).sum();
        Self {
            model,
            scores: Scores::mean(&scores),
            spread: Scores::spread(&scores),
            parameters: outcomes[0].parameters,
            seconds_per_epoch: seconds / epochs.max(1) as f64,
            runs,
        }
    }

    /// The number of epochs, or the least and the most over the seeds.
    pub(super) fn epochs(&self) -> String {
        let epochs = || self.runs.iter().map(|run| run.epochs);
        match (epochs().min(), epochs().max()) {
            (Some(least), Some(most)) if least < most => format!("{least}–{most}"),
            (_, most) => most.unwrap_or_default().to_string(),
        }
    }
}
