//! A forecasting study with signature models, on Burn: data, models, training, report.
//!
//! [`run`] is the whole of it; `cargo run --release --example sigkan` is its command line. By
//! default it makes a [series in which order matters](data::synthetic), trains a
//! [`SigDense`](sig_nn::SigDense) model and two baselines on it, and writes scores and plots to a
//! folder.
//!
//! # The artifacts folder
//!
//! - `config.json`: the study, [`StudyConfig`]
//! - `metrics.json`: the scores, [`StudyReport`]
//! - `losses.csv`: the loss of each training step of each model
//! - `losses.svg`, `forecast.svg`: the validation losses by epoch, and forecasts beside what came
//! - a folder a model: `model.bpk`, the weights of its best epoch; `history.json`, its epochs; while
//!   it is in training, `checkpoints` to resume from
//!
//! # Reproducibility
//!
//! Data, initial weights and the order of the batches come from the seed, on the host. So a run on
//! Flex repeats to the bit, a resumed training is the same as one that was never interrupted, and
//! other devices start from the same numbers.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod artifacts;
mod cli;
pub mod config;
pub mod data;
mod device;
mod error;
mod evaluate;
mod model;
mod report;
mod runner;
mod study;
mod training;

pub use cli::StudyArgs;
pub use config::StudyConfig;
pub use device::NamedDevice;
pub use error::Error;
pub use evaluate::Scores;
pub use report::{ModelReport, StudyReport};
pub use study::run;
