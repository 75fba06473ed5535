use super::plots::{Curve, draw};
use super::{FORECAST_PLOT, LOSS_PLOT, ModelReport};
use crate::Error;
use crate::artifacts::Artifacts;
use crate::data::{Part, Scale, Windows};
use crate::training::History;

/// Time steps of the forecast plot.
const SHOWN: usize = 168;

/// A model that is trained, with what it forecasts.
pub(crate) struct Outcome {
    pub(crate) report: ModelReport,
    pub(crate) history: History,
    /// `[windows][horizon]` of the test part
    pub(crate) forecasts: Vec<Vec<f64>>,
}

/// What the figures of a study are drawn from.
pub(crate) struct Figures<'a> {
    pub(crate) outcomes: &'a [Outcome],
    pub(crate) windows: &'a Windows,
    pub(crate) scale: &'a Scale,
    /// The name of the series that is forecast.
    pub(crate) target: &'a str,
}

impl Figures<'_> {
    /// Draws the losses and the forecasts.
    ///
    /// # Errors
    ///
    /// Names the file that cannot be drawn or written.
    pub(crate) fn draw(&self, artifacts: &Artifacts) -> Result<(), Error> {
        let labels = [
            "Validation loss by epoch",
            "epoch",
            "log10 of the mean squared error",
        ];
        draw(&artifacts.path(LOSS_PLOT), &self.losses(), labels)?;
        let labels = [
            "Forecasts of the test part",
            "time step of the test part",
            self.target,
        ];
        draw(&artifacts.path(FORECAST_PLOT), &self.forecasts(), labels)
    }

    fn losses(&self) -> Vec<Curve> {
        let curve = |outcome: &Outcome| {
            let epochs = outcome.history.epochs.iter();
            let point = |loss: f64| loss.max(f64::MIN_POSITIVE).log10();
            Curve {
                name: outcome.report.model.name().into(),
                points: epochs
                    .map(|it| (it.epoch as f64, point(it.valid_loss)))
                    .collect(),
            }
        };
        self.outcomes.iter().map(curve).collect()
    }

    /// The last step of each forecast at the time step that it is about, beside what came, in the
    /// units of the source.
    fn forecasts(&self) -> Vec<Curve> {
        let (last, target) = (self.windows.horizon - 1, self.windows.target);
        let windows = 0..self.windows.count(Part::Test).min(SHOWN);
        let curve = |name: String, value: &dyn Fn(usize) -> f64| {
            let point = |at| ((at + last) as f64, self.scale.undo(target, value(at)));
            Curve {
                name,
                points: windows.clone().map(point).collect(),
            }
        };
        let came = |window| {
            let value = self.windows.target(Part::Test, window).last();
            f64::from(value.expect("the horizon is not 0"))
        };
        let mut curves = vec![curve("what came".into(), &came)];
        curves.extend(self.outcomes.iter().map(|outcome| {
            let name = format!("{}, {} ahead", outcome.report.model.name(), last + 1);
            curve(name, &|window| outcome.forecasts[window][last])
        }));
        curves
    }
}
