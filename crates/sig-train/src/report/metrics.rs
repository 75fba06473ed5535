use serde::{Deserialize, Serialize};

use crate::config::ModelKind;
use crate::evaluate::Scores;

/// metrics.json: the scores on the test part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyReport {
    /// The first model of the study, which `r2`, `rmse` and `mae` are those of.
    pub model: ModelKind,
    /// Its scores.
    #[serde(flatten)]
    pub scores: Scores,
    /// The unit of `rmse` and `mae`.
    pub unit: String,
    /// The series that is forecast.
    pub target: String,
    /// Windows of the training, validation and test part.
    pub windows: [usize; 3],
    /// Where the models were trained.
    pub device: String,
    /// Of the data, the weights and the batches.
    pub seed: u64,
    /// Every model of the study, in its order.
    pub models: Vec<ModelReport>,
}

/// One model of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Which model.
    pub model: ModelKind,
    /// Its scores on the test part, with the weights of its best epoch.
    #[serde(flatten)]
    pub scores: Scores,
    /// Numbers that are learned.
    pub parameters: usize,
    /// Epochs trained.
    pub epochs: usize,
    /// The epoch with the lowest validation loss.
    pub best_epoch: usize,
    /// That loss, the mean squared error on the validation part.
    pub valid_loss: f64,
    /// Wall-clock time of the training.
    pub seconds: f64,
}
