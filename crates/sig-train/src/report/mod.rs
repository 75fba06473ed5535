//! What a study leaves behind: scores, curves and forecasts.

mod metrics;
mod plots;
mod table;

pub use metrics::{ModelReport, StudyReport};
pub(crate) use plots::{Curve, draw_forecasts, draw_losses};
pub(crate) use table::table;
