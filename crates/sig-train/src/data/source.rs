use std::ops::Range;
use std::sync::Arc;

use super::file::series;
use super::season::season;
use super::split::{self, split};
use super::{
    Dataset, LeftOut, Level, Paths, Relative, Samples, Scale, Series, Target, area, fbm, relative,
};
use super::{Part, synthetic};
use crate::Error;
use crate::config::{DataConfig, Scaling, StudyConfig};

/// Reads or makes the data for a seed and cuts its samples, once for each fold; chooses the scaling and
/// the season of a file for which none was asked.
///
/// # Errors
///
/// Says which line of the file is wrong, that the series is too short for the windows asked for, or
/// that there is nothing to forecast.
pub(crate) fn load(config: &mut StudyConfig, seed: u64) -> Result<Vec<Arc<Dataset>>, Error> {
    let all = match &mut config.data {
        DataConfig::Volumes { hours, groups } => vec![synthetic::generate(*hours, *groups, seed)],
        DataConfig::Fbm { paths } => {
            return of_paths(fbm::generate(*paths, config.length, seed)).map(one);
        }
        DataConfig::Area { paths } => {
            return of_paths(area::generate(*paths, config.length, seed)).map(one);
        }
        DataConfig::File(file) => {
            let mut all = series(file)?;
            if file.log {
                all.iter_mut().try_for_each(logarithms)?;
            }
            let rows = file.median_rows + config.horizon;
            file.scaling.get_or_insert_with(|| suitable(&all, rows));
            let longest = all.iter().max_by_key(|series| series.rows.len());
            file.season = file.season.or_else(|| longest.and_then(of_training));
            let trained = longest.map_or(0, |series| split::trained(series.rows.len()));
            if let Some(season) = file.season.filter(|season| 2 * season > trained) {
                tell!(
                    "note: the season, {season} rows, is longer than half of the training part, \
                     {trained} rows: few values are left for MASE and seasonal-naive"
                );
            }
            all
        }
    };
    let fold = |fold: usize| {
        let later = config.folds - 1 - fold;
        let cut = all.iter().map(|series| without_tests(series, later));
        of_series(cut.collect(), config).map(Arc::new)
    };
    (0..config.folds).map(fold).collect()
}

fn one(dataset: Dataset) -> Vec<Arc<Dataset>> {
    vec![Arc::new(dataset)]
}

/// A series without so many test parts at its end.
fn without_tests(series: &Series, count: usize) -> Series {
    let rows = series.rows.len();
    let test = rows - split::trained_and_validated(rows);
    let kept = rows.saturating_sub(count * test);
    let mut series = series.clone();
    series.rows.truncate(kept);
    series.times.truncate(kept);
    series.filled.truncate(kept);
    series
}

/// The season of a series, as its training part has it.
fn of_training(series: &Series) -> Option<usize> {
    let rows = series.rows.iter().take(split::trained(series.rows.len()));
    season(&rows.map(|row| row[series.target]).collect::<Vec<_>>())
}

/// The logarithms of a series.
///
/// # Errors
///
/// Names a column with a value that has none.
pub(crate) fn logarithms(series: &mut Series) -> Result<(), Error> {
    for row in &mut series.rows {
        for (value, name) in row.iter_mut().zip(&series.names) {
            if *value <= 0.0 {
                return Err(Error::Usage(format!(
                    "--log is for positive series, but `{name}` has the value {value}; --drop leaves a \
                     column out"
                )));
            }
            *value = value.ln();
        }
    }
    Ok(())
}

/// The scaling of series for which none was asked: medians of positive series that are ten times as
/// long as one needs, `rows`.
fn suitable(all: &[Series], rows: usize) -> Scaling {
    let suits = |series: &Series| {
        let mut values = series.rows.iter().flatten();
        series.rows.len() >= 10 * rows && values.all(|&value| value > 0.0)
    };
    if all.iter().all(suits) {
        Scaling::Median
    } else {
        Scaling::Window
    }
}

/// The samples of series, which are scaled and cut each by itself.
fn of_series(all: Vec<Series>, config: &StudyConfig) -> Result<Dataset, Error> {
    let several = all.len() > 1;
    let (names, channel) = (all[0].names.clone(), all[0].target);
    let name = names[channel].clone();
    let mut samples = Samples {
        rows: Vec::new(),
        targets: Vec::new(),
        parts: Default::default(),
        of_paths: false,
        relative: config.data.relative().map(|relative| (relative, channel)),
        length: config.length,
        horizon: config.horizon,
    };
    let (mut times, mut filled, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    let mut out = LeftOut::default();
    for series in all {
        let key = series.key.clone();
        match scaled(series, samples.targets.len(), config) {
            Ok(one) => {
                for (all, part) in samples.parts.iter_mut().zip(one.parts) {
                    let start = samples.targets.len();
                    all.extend(part.map(|row| start + row));
                }
                samples
                    .targets
                    .extend(one.rows.iter().map(|row| row[channel]));
                samples.rows.extend(one.rows);
                times.extend(one.times);
                filled.extend(one.filled);
                levels.push(one.level);
            }
            Err(error) if several => out.add(&key, error.to_string()),
            Err(error) => return Err(error),
        }
    }
    out.tell();
    if levels.is_empty() {
        return Err(Error::Usage("no series is left to be forecast".into()));
    }
    Ok(Dataset {
        samples: Arc::new(samples),
        names,
        groups: config.data.groups(),
        times,
        filled,
        target: Target {
            name,
            channel: Some(channel),
            log: config.data.is_logarithm(),
            levels,
        },
    })
}

/// A series on the scale of the models.
struct Scaled {
    rows: Vec<Vec<f64>>,
    parts: [Range<usize>; 3],
    times: Vec<String>,
    filled: Vec<bool>,
    level: Level,
}

/// # Arguments
///
/// - `start`: the number of its first target among all.
fn scaled(mut series: Series, start: usize, config: &StudyConfig) -> Result<Scaled, Error> {
    let (channel, data) = (series.target, &config.data);
    let unit = |value: f64| {
        if data.is_logarithm() {
            value.exp()
        } else {
            value
        }
    };
    let values = series.rows.iter().map(|row| unit(row[channel]));
    let mut values: Vec<_> = values.collect();
    let mut medians = None;
    if let Some(rows) = data.median_rows() {
        let relative = relative(&series.rows, &series.names, channel, rows, config.horizon)?;
        let lost = series.rows.len() - relative.rows.len();
        values.drain(..lost);
        series.times.drain(..lost.min(series.times.len()));
        series.filled.drain(..lost.min(series.filled.len()));
        (series.rows, medians) = (relative.rows, Some(relative.medians));
    }
    let before = data.relative().map_or(0, Relative::rows_before);
    let parts = split(series.rows.len(), config.length + before, config.horizon)?;
    let first = parts[Part::Valid as usize].start;
    let trained = &series.rows[..first];
    let scale = match (&medians, data.relative()) {
        (Some(_), _) => Scale::range(trained),
        (None, Some(Relative::Last)) => Scale::changes(trained, config.horizon),
        (None, Some(Relative::Before)) => Scale::changes(trained, 1),
        (None, None) => Scale::standard(trained),
    };
    let tested = &values[parts[Part::Test as usize].start..];
    if tested.iter().all(|value| *value == tested[0]) {
        return Err(Error::Usage(format!(
            "`{}` does not change in the last {} rows, the test part: it cannot be scored",
            series.names[channel],
            tested.len()
        )));
    }
    series.filled.resize(series.rows.len(), false);
    let change = mean_change(&values[..first], &series.filled, data.season().unwrap_or(1));
    Ok(Scaled {
        rows: series.rows.iter().map(|row| scale.apply(row)).collect(),
        level: Level {
            key: series.key,
            targets: start..start + series.rows.len(),
            scale,
            medians,
            change,
        },
        parts,
        times: series.times,
        filled: series.filled,
    })
}

/// The mean absolute change of values over so many rows, where neither value is filled in; nothing if
/// they do not change.
fn mean_change(values: &[f64], filled: &[bool], season: usize) -> Option<f64> {
    let known = |row: &usize| !filled[*row] && !filled[row - season];
    let changes = (season..values.len()).filter(known);
    let changes = changes.map(|row| (values[row] - values[row - season]).abs());
    let changes: Vec<_> = changes.collect();
    let mean = changes.iter().sum::<f64>() / changes.len() as f64;
    Some(mean).filter(|mean| *mean > 0.0)
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
            parts: parts.map(Vec::from_iter),
            of_paths: true,
            relative: None,
            length,
            horizon: 1,
        }),
        names: paths.names,
        groups: Vec::new(),
        times: Vec::new(),
        filled: Vec::new(),
        target: Target {
            name: paths.target,
            channel: None,
            log: false,
            levels: vec![Level {
                key: String::new(),
                targets: 0..count,
                scale: label_scale,
                medians: None,
                change: None,
            }],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 2, 2, 8, of which the third repeats the second.
    #[test]
    fn changes_are_between_values_that_came() {
        let (values, filled) = ([1.0, 2.0, 2.0, 8.0], [false, false, true, false]);
        assert_eq!(mean_change(&values, &filled, 1), Some(1.0));
        assert_eq!(mean_change(&values, &filled, 2), Some(6.0));
        assert_eq!(mean_change(&values, &[false; 4], 1), Some(7.0 / 3.0));
        assert_eq!(mean_change(&values, &filled, 4), None);
        assert_eq!(mean_change(&[2.0; 4], &filled, 1), None);
    }
}
