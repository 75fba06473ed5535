//! A forecasting study with signature models, on Burn: data, models, training, report.
//!
//! [`run`] is the whole of it; `cargo run --release --example sigkan` is its command line. By
//! default it makes a [series in which order matters](data::synthetic), trains a
//! [`SigDense`](sig_nn::SigDense) model and two baselines on it, and writes scores and plots to a
//! folder. Other tasks are the Hurst exponent of [fractional Brownian motion](data::fbm), the
//! [signed area](data::area) of noisy loops, and series of the user's from CSV or Parquet.
//!
//! # The artifacts folder
//!
//! - `report.html`: all of the following to look at, in one page that loads nothing
//! - `config.json`: the study, [`StudyConfig`]
//! - `metrics.json`: the scores, [`StudyReport`]
//! - `losses.csv`: the loss of each training step of each model
//! - `losses.svg`, `forecast.svg`: the losses by epoch, and forecasts beside what came
//! - a folder a model and in it one a seed: `model.bpk`, the weights of its best epoch;
//!   `forecaster.json`, what else is needed to use them; `history.json`, its epochs; while it is in
//!   training, `checkpoints` to resume from
//!
//! # Reproducibility
//!
//! Data, initial weights and the order of the batches come from the seed, on the host. So a run on
//! Flex repeats to the bit, a resumed training is the same as one that was never interrupted, and
//! other devices start from the same numbers.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod cli;
pub mod config;
pub mod data;
mod device;
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
mod training;

/// The folder of results, in which every file is either complete or absent.
mod artifacts {
    pub(crate) use sig_data::{Folder as Artifacts, write};
}

pub use cli::StudyArgs;
pub use config::StudyConfig;
pub use device::NamedDevice;
pub use devices::remote_devices;
pub use error::Error;
pub use evaluate::Scores;
pub use interrupt::stop_on_ctrl_c;
pub use report::{ModelReport, RunReport, StudyReport};
pub use study::run;
