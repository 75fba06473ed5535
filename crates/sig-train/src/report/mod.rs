//! What a study leaves behind: scores, curves and forecasts.

mod figures;
mod metrics;
mod plots;
mod table;

pub(crate) use figures::{Figures, Outcome};
pub use metrics::{ModelReport, StudyReport};
pub(crate) use table::table;

pub(crate) const LOSS_PLOT: &str = "losses.svg";
pub(crate) const FORECAST_PLOT: &str = "forecast.svg";
