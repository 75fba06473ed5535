//! A forecasting study with signature models, on Burn: data, models, training, report.
//!
//! [`run`] runs a study; `cargo run --release -p sig-train` is its command line. By default it
//! makes a [synthetic series in which order matters](data::synthetic), trains a
//! [`SigDense`](sig_nn::SigDense) model and two baselines on it, and writes scores and plots to a
//! folder. Other tasks are the Hurst exponent of [fractional Brownian motion](data::fbm), the
//! [signed area](data::area) of noisy loops, and series from a CSV or Parquet file.
//!
//! # The artifacts folder
//!
//! - `report.html`: everything below on one self-contained page
//! - `config.json`: the settings of the study, [`StudyConfig`]
//! - `metrics.json`: the scores, [`StudyReport`]
//! - `forecasts.csv`: the forecasts of the test part with their intervals, and what came
//! - `losses.csv`: the loss of each training step of each model
//! - `losses.svg`, `forecast.svg`: losses over epochs; forecasts and actual values
//! - `MODEL/seed-N`: `model.bpk`, the weights of the best epoch; `forecaster.json`, what else is
//!   needed to use them; `history.json`, the epochs; during training also `checkpoints` to resume
//!   from
//!
//! # Reproducibility
//!
//! Data, initial weights and the order of the batches are drawn from the seed on the host. So a run
//! on Flex is bit-identical when repeated or resumed, and other devices start from the same
//! numbers.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "ndarray", allow(deprecated))]

#[macro_use]
mod output;

mod cli;
pub mod config;
pub mod data;
mod devices;
mod error;
mod evaluate;
mod interrupt;
mod model;
mod predict;
mod report;
mod runner;
mod saved;
mod study;
mod trained;
mod training;
mod unoptimised;

pub use cli::StudyArgs;
pub use config::StudyConfig;
pub use devices::remote_devices;
pub use error::Error;
pub use evaluate::Scores;
pub use interrupt::stop_on_ctrl_c;
pub use report::{ModelReport, RunReport, StudyReport};
/// An error of a file that is read or written.
#[doc(inline)]
pub use sig_data::Error as FileError;
pub use study::run;
pub use training::{EpochLine, best_weights};
pub use unoptimised::warn_if_unoptimised;
