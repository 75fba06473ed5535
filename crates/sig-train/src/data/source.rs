use std::sync::Arc;

use super::file::series;
use super::split::{Parts, split, split_paths};
use super::{Paths, Relative, Samples, Scale, Series, area, fbm, relative, synthetic};
use crate::Error;
use crate::config::{DataConfig, Scaling, StudyConfig};
use crate::data::Part;

/// The samples of the three parts, and what brings their values back to the units of the source.
pub(crate) struct Dataset {
    pub(crate) samples: Arc<Samples>,
    /// Of the channels.
    pub(crate) names: Vec<String>,
    /// Of the channels.
    pub(crate) scale: Scale,
    pub(crate) target: Target,
}

/// What is to be forecast.
pub(crate) struct Target {
    pub(crate) name: String,
    /// The channel it is of, if it is of one.
    pub(crate) channel: Option<usize>,
    /// The unit of the scaled values.
    pub(crate) unit: String,
    offset: f64,
    width: f64,
    /// What each of the targets was divided by, if by anything.
    medians: Option<Vec<f64>>,
}

impl Target {
    /// A scaled value of the target of this number in the units of the source.
    pub(crate) fn undo(&self, number: usize, value: f64) -> f64 {
        let median = self.medians.as_ref().map_or(1.0, |all| all[number]);
        (value * self.width + self.offset) * median
    }
}

const DEVIATIONS: &str = "standard deviations of the target on the training part";

/// Reads or makes the data for a seed and cuts its samples.
///
/// # Errors
///
/// Says which line of the file is wrong, that the series is too short for the windows asked for, or
/// that there is nothing to forecast.
pub(crate) fn load(config: &StudyConfig, seed: u64) -> Result<Dataset, Error> {
    match &config.data {
        DataConfig::Volumes { hours, groups } => {
            let series = synthetic::generate(*hours, *groups, seed);
            standard(series, config)
        }
        DataConfig::Fbm { paths } => of_paths(fbm::generate(*paths, config.length, seed)),
        DataConfig::Area { paths } => of_paths(area::generate(*paths, config.length, seed)),
        DataConfig::File(file) => {
            let series = series(file)?;
            match file.scaling {
                Scaling::Standard => standard(series, config),
                Scaling::Median => over_medians(series, config, file.median_rows),
            }
        }
    }
}

fn standard(series: Series, config: &StudyConfig) -> Result<Dataset, Error> {
    let parts = split(series.rows.len(), config.length, config.horizon)?;
    let scale = Scale::standard(&series.rows[..parts.train_rows]);
    of_series(series, scale, parts, config, DEVIATIONS.into(), None)
}

fn over_medians(series: Series, config: &StudyConfig, rows: usize) -> Result<Dataset, Error> {
    let target = series.target;
    let relative = relative(&series.rows, &series.names, rows, config.horizon)?;
    let Relative {
        rows: values,
        medians,
    } = relative;
    let parts = split(values.len(), config.length, config.horizon)?;
    let scale = Scale::range(&values[..parts.train_rows]);
    let series = Series {
        rows: values,
        ..series
    };
    let medians = medians.iter().map(|row| row[target]).collect();
    let unit = format!(
        "ranges on the training part of the target over its median of {rows} rows, up to the \
         horizon before"
    );
    of_series(series, scale, parts, config, unit, Some(medians))
}

fn of_series(
    series: Series,
    scale: Scale,
    parts: Parts,
    config: &StudyConfig,
    unit: String,
    medians: Option<Vec<f64>>,
) -> Result<Dataset, Error> {
    let channel = series.target;
    let name = series.names[channel].clone();
    let tested = &series.rows[parts.starts(Part::Test).start..];
    if tested.iter().all(|row| row[channel] == tested[0][channel]) {
        return Err(Error::Usage(format!(
            "`{name}` does not change in the last {} rows, the test part: it cannot be scored",
            tested.len()
        )));
    }
    let rows: Vec<_> = series.rows.iter().map(|row| scale.apply(row)).collect();
    let targets = rows.iter().map(|row| row[channel]).collect();
    let target = Target {
        name,
        channel: Some(channel),
        unit,
        offset: scale.offset[channel],
        width: scale.width[channel],
        medians,
    };
    let samples = Samples::of_series(rows, targets, parts.starts, config.length, config.horizon);
    Ok(Dataset {
        samples: Arc::new(samples),
        names: series.names,
        scale,
        target,
    })
}

fn of_paths(paths: Paths) -> Result<Dataset, Error> {
    let (count, length) = (paths.paths.len(), paths.paths[0].len());
    let parts = split_paths(count);
    let trained = parts[Part::Train as usize].end;
    let rows: Vec<_> = paths.paths.into_iter().flatten().collect();
    let labels: Vec<_> = paths.labels.iter().map(|&label| vec![label]).collect();
    let scale = Scale::standard(&rows[..trained * length]);
    let label_scale = Scale::standard(&labels[..trained]);
    let rows = rows.iter().map(|row| scale.apply(row)).collect();
    let targets = labels
        .iter()
        .flat_map(|label| label_scale.apply(label))
        .collect();
    let target = Target {
        name: paths.target,
        channel: None,
        unit: DEVIATIONS.into(),
        offset: label_scale.offset[0],
        width: label_scale.width[0],
        medians: None,
    };
    Ok(Dataset {
        samples: Arc::new(Samples::of_paths(rows, targets, parts, length)),
        names: paths.names,
        scale,
        target,
    })
}
