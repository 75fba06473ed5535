//! From a source of series to batches of windows:
//! series → parts by time → scaling fitted on the first → windows → batches.

pub mod csv;
mod loader;
mod scale;
mod split;
pub mod synthetic;
mod windows;

pub(crate) use loader::{Batch, WindowLoader};
pub(crate) use scale::Scale;
pub(crate) use split::{Part, split};
pub(crate) use windows::Windows;

use crate::Error;
use crate::config::{DataConfig, StudyConfig};

/// Several series over the same time steps, one of which is to be forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// One name a channel.
    pub names: Vec<String>,
    /// The channel to forecast.
    pub target: usize,
    /// One row a time step, one value a channel.
    pub rows: Vec<Vec<f64>>,
}

/// The windows of the three parts, and what brings their values back to the units of the source.
pub(crate) struct Dataset {
    pub(crate) windows: Windows,
    pub(crate) names: Vec<String>,
    pub(crate) scale: Scale,
}

/// Reads or makes the series and cuts its windows.
///
/// # Errors
///
/// Says which line of the file is wrong, that the series is too short for the windows asked for, or
/// that there is nothing to forecast.
pub(crate) fn load(config: &StudyConfig) -> Result<Dataset, Error> {
    let series = match &config.data {
        DataConfig::Synthetic { hours, groups } => {
            synthetic::generate(*hours, *groups, config.seed)
        }
        DataConfig::Csv { path, target, time } => csv::read(path, target, time.as_deref())?,
    };
    let parts = split(series.rows.len(), config.length, config.horizon)?;
    let tested = &series.rows[parts.starts(Part::Test).start..];
    if tested
        .iter()
        .all(|row| row[series.target] == tested[0][series.target])
    {
        let target = &series.names[series.target];
        return Err(Error::Usage(format!(
            "`{target}` does not change in the last {} rows, the test part: it cannot be scored",
            tested.len()
        )));
    }
    let scale = Scale::fit(&series.rows[..parts.train_rows]);
    let windows = Windows::new(&series, &scale, parts, config.length, config.horizon);
    Ok(Dataset {
        windows,
        names: series.names,
        scale,
    })
}
