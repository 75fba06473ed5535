//! forecasts.csv: what the models forecast on the test part, and what came.

use sig_data::SEPARATOR;

use super::Outcome;
use crate::data::{Dataset, Part};

/// A row per model, seed, window and step, in the units of the source, with the interval of each
/// forecast. What is not known is empty.
///
/// # Arguments
///
/// - `outcomes`: the trainings, each with its data.
pub(super) fn forecasts<'a>(
    outcomes: impl Iterator<Item = (&'a Outcome, &'a Dataset)>,
) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let (mut all, mut groups) = (Vec::new(), Vec::new());
    for (outcome, dataset) in outcomes {
        groups.clone_from(&dataset.groups);
        all.push((outcome, dataset));
    }
    let header = ["model", "seed"].into_iter();
    let header = header.chain(groups.iter().map(String::as_str));
    writer.write_record(header.chain(["time", "step", "actual", "forecast", "low", "high"]))?;
    for (outcome, dataset) in all {
        let (model, seed) = (outcome.run.model.name(), outcome.run.name());
        for (index, window) in outcome.windows.iter().enumerate() {
            let first = dataset.samples.first_target(Part::Test, index);
            let level = &dataset.target.levels[dataset.level(Part::Test, index)];
            for (step, [low, high]) in window.intervals.iter().enumerate() {
                let number = |value: f64| match value {
                    value if value.is_nan() => String::new(),
                    value => value.to_string(),
                };
                let values = [window.actual[step], window.forecast[step], *low, *high].map(number);
                let keys = level.key.split(SEPARATOR).take(groups.len());
                let place = [dataset.time(first + step), (step + 1).to_string()];
                let record = [model, &seed].into_iter().chain(keys);
                let record = record.chain(place.iter().chain(&values).map(String::as_str));
                writer.write_record(record)?;
            }
        }
    }
    Ok(writer.into_inner().expect("memory takes any text"))
}
