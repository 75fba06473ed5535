use std::sync::Arc;

use super::file::series;
use super::split::split;
use super::{Paths, Samples, Scale, Series, area, fbm, relative, synthetic};
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
    /// The time of each row, if any is told.
    times: Vec<String>,
}

impl Dataset {
    /// The time of the target of this number, or without times the number from 1.
    pub(crate) fn time(&self, number: usize) -> String {
        let time = self.times.get(number).cloned();
        time.unwrap_or_else(|| (number + 1).to_string())
    }
}

/// What is to be forecast.
pub(crate) struct Target {
    pub(crate) name: String,
    /// The channel it is of, if it is of one.
    pub(crate) channel: Option<usize>,
    /// The unit of the scaled values.
    pub(crate) unit: String,
    /// Of the channel, or of the numbers of paths.
    scale: Scale,
    /// What each of the targets was divided by, if by anything.
    medians: Option<Vec<f64>>,
}

impl Target {
    /// A scaled value of the target of this number in the units of the source.
    pub(crate) fn undo(&self, number: usize, value: f64) -> f64 {
        let median = self.medians.as_ref().map_or(1.0, |all| all[number]);
        self.scale.undo(self.channel.unwrap_or(0), value) * median
    }
}

const DEVIATIONS: &str = "standard deviations of the target on the training part";

/// Reads or makes the data for a seed and cuts its samples; chooses the scaling of a file for which
/// none was asked.
///
/// # Errors
///
/// Says which line of the file is wrong, that the series is too short for the windows asked for, or
/// that there is nothing to forecast.
pub(crate) fn load(config: &mut StudyConfig, seed: u64) -> Result<Dataset, Error> {
    match &mut config.data {
        DataConfig::Volumes { hours, groups } => {
            of_series(synthetic::generate(*hours, *groups, seed), config)
        }
        DataConfig::Fbm { paths } => of_paths(fbm::generate(*paths, config.length, seed)),
        DataConfig::Area { paths } => of_paths(area::generate(*paths, config.length, seed)),
        DataConfig::File(file) => {
            let series = series(file)?;
            let rows = file.median_rows + config.horizon;
            file.scaling.get_or_insert_with(|| suitable(&series, rows));
            of_series(series, config)
        }
    }
}

/// The scaling of series for which none was asked: medians of positive series that are ten times as
/// long as one needs, `rows`.
fn suitable(series: &Series, rows: usize) -> Scaling {
    let mut values = series.rows.iter().flatten();
    if series.rows.len() >= 10 * rows && values.all(|&value| value > 0.0) {
        Scaling::Median
    } else {
        Scaling::Window
    }
}

fn of_series(mut series: Series, config: &StudyConfig) -> Result<Dataset, Error> {
    let channel = series.target;
    let (mut unit, mut medians) = (DEVIATIONS.into(), None);
    if let Some(rows) = config.data.median_rows() {
        let relative = relative(&series.rows, &series.names, channel, rows, config.horizon)?;
        let lost = series.rows.len() - relative.rows.len();
        series.times.drain(..lost.min(series.times.len()));
        (series.rows, medians) = (relative.rows, Some(relative.medians));
        unit = format!(
            "ranges on the training part of the target over its median of {rows} rows, up to the \
             horizon before"
        );
    }
    let parts = split(series.rows.len(), config.length, config.horizon)?;
    let trained = &series.rows[..parts[Part::Valid as usize].start];
    let by_window = config.data.is_by_window();
    let scale = match medians {
        Some(_) => Scale::range(trained),
        None if by_window => Scale::changes(trained, config.horizon),
        None => Scale::standard(trained),
    };
    if by_window {
        unit = format!(
            "root mean squares of the target's change over {} rows on the training part",
            config.horizon
        );
    }
    let tested = &series.rows[parts[Part::Test as usize].start..];
    if tested.iter().all(|row| row[channel] == tested[0][channel]) {
        return Err(Error::Usage(format!(
            "`{}` does not change in the last {} rows, the test part: it cannot be scored",
            series.names[channel],
            tested.len()
        )));
    }
    let rows: Vec<_> = series.rows.iter().map(|row| scale.apply(row)).collect();
    Ok(Dataset {
        target: Target {
            name: series.names[channel].clone(),
            channel: Some(channel),
            unit,
            scale: scale.clone(),
            medians,
        },
        samples: Arc::new(Samples {
            targets: rows.iter().map(|row| row[channel]).collect(),
            rows,
            parts,
            of_paths: false,
            relative_to: by_window.then_some(channel),
            length: config.length,
            horizon: config.horizon,
        }),
        names: series.names,
        times: series.times,
        scale,
    })
}

fn of_paths(paths: Paths) -> Result<Dataset, Error> {
    let (count, length) = (paths.paths.len(), paths.paths[0].len());
    let parts = split(count, 0, 1)?;
    let trained = parts[Part::Train as usize].end;
    let rows: Vec<_> = paths.paths.into_iter().flatten().collect();
    let labels: Vec<_> = paths.labels.iter().map(|&label| vec![label]).collect();
    let scale = Scale::standard(&rows[..trained * length]);
    let label_scale = Scale::standard(&labels[..trained]);
    let targets = labels.iter().flat_map(|label| label_scale.apply(label));
    Ok(Dataset {
        samples: Arc::new(Samples {
            rows: rows.iter().map(|row| scale.apply(row)).collect(),
            targets: targets.collect(),
            parts,
            of_paths: true,
            relative_to: None,
            length,
            horizon: 1,
        }),
        names: paths.names,
        times: Vec::new(),
        scale,
        target: Target {
            name: paths.target,
            channel: None,
            unit: DEVIATIONS.into(),
            scale: label_scale,
            medians: None,
        },
    })
}
