//! forecasts.csv: what the models forecast on the test part, and what came.

use super::Outcome;
use crate::data::{Dataset, Part};

/// A row per model, seed, window and step, in the units of the source.
///
/// # Arguments
///
/// - `outcomes`: the trainings, each with its data.
pub(super) fn forecasts<'a>(
    outcomes: impl Iterator<Item = (&'a Outcome, &'a Dataset)>,
) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["model", "seed", "time", "step", "actual", "forecast"])?;
    for (outcome, dataset) in outcomes {
        let (model, seed) = (outcome.run.model.name(), outcome.run.seed.to_string());
        for (window, forecast) in outcome.forecasts.iter().enumerate() {
            let first = dataset.samples.first_target(Part::Test, window);
            let actual = dataset.samples.actual(Part::Test, window);
            for (step, (actual, &forecast)) in actual.zip(forecast).enumerate() {
                let time = dataset.time(first + step);
                let [actual, forecast] = [actual, forecast]
                    .map(|value| dataset.target.undo(first + step, value).to_string());
                let step = (step + 1).to_string();
                writer.write_record([model, &seed, &time, &step, &actual, &forecast])?;
            }
        }
    }
    Ok(writer.into_inner().expect("memory takes any text"))
}
