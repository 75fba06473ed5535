//! The report of a study: scores, loss curves and forecasts.

mod figures;
mod forecasts;
mod metrics;
mod page;
mod plots;
mod table;
#[cfg(test)]
mod tests;

pub use metrics::{ModelReport, RunReport, StudyReport};
pub(crate) use table::{table, worse_than_naive};

use crate::data::Dataset;
use crate::training::{History, Run};
use crate::{Error, StudyConfig};
use figures::Figures;
use sig_data::{Folder, write};

pub(crate) const PAGE: &str = "report.html";
const LOSS_PLOT: &str = "losses.svg";
const FORECAST_PLOT: &str = "forecast.svg";
const FORECASTS: &str = "forecasts.csv";

/// The files that [`write_figures`] and [`write_forecasts`] leave.
pub(crate) const FILES: [&str; 4] = [PAGE, LOSS_PLOT, FORECAST_PLOT, FORECASTS];

/// A training that has ended, with the forecasts of its model.
pub(crate) struct Outcome {
    pub(crate) run: Run,
    pub(crate) report: RunReport,
    pub(crate) parameters: usize,
    pub(crate) history: History,
    /// Of the test part.
    pub(crate) windows: Vec<Window>,
}

/// A window of the test part, step by step in the unit of the target.
pub(crate) struct Window {
    pub(crate) forecast: Vec<f64>,
    /// NaN where it is not known.
    pub(crate) actual: Vec<f64>,
    /// The ends of the interval of each step.
    pub(crate) intervals: Vec<[f64; 2]>,
}

/// Writes the forecasts of the test part.
///
/// # Arguments
///
/// - `dataset`: the data of a training.
///
/// # Errors
///
/// Names the file that cannot be written.
pub(crate) fn write_forecasts<'a>(
    artifacts: &Folder,
    outcomes: &'a [Outcome],
    dataset: impl Fn(Run) -> &'a Dataset,
) -> Result<(), Error> {
    let path = artifacts.path(FORECASTS);
    let all = outcomes
        .iter()
        .map(|outcome| (outcome, dataset(outcome.run)));
    let text = forecasts::forecasts(all).map_err(|error| Error::data(&path, error.to_string()))?;
    Ok(write(&path, &text)?)
}

/// Draws the losses and the forecasts of the first seed, whose data is given, and writes the page
/// with both.
///
/// # Errors
///
/// Names the file that cannot be drawn or written.
pub(crate) fn write_figures(
    artifacts: &Folder,
    config: &StudyConfig,
    dataset: &Dataset,
    report: &StudyReport,
    outcomes: &[Outcome],
) -> Result<(), Error> {
    let figures = Figures {
        dataset,
        report,
        outcomes,
        of_paths: config.data.is_of_paths(),
    };
    let figures = [
        ("Losses", LOSS_PLOT, figures.losses()),
        (
            "Forecasts of the test part",
            FORECAST_PLOT,
            figures.forecasts(),
        ),
    ]
    .into_iter()
    .map(|(title, name, figure)| {
        let path = artifacts.path(name);
        let failed = |reason| Error::data(&path, format!("the plot cannot be drawn: {reason}"));
        let svg = figure.svg().map_err(failed)?;
        write(&path, svg.as_bytes())?;
        Ok((title, svg))
    });
    let figures = figures.collect::<Result<Vec<_>, Error>>()?;
    let page = page::page(config, report, &figures);
    Ok(write(&artifacts.path(PAGE), page.as_bytes())?)
}
