//! Forecasts of a saved model.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use crate::config::{FileConfig, Fill, file};
use crate::data::{self, LeftOut, Level, Part, Relative, Samples, Series, Target, open, selected};
use crate::devices::Devices;
use crate::model::{self, Forecaster};
use crate::output::print;
use crate::runner::forecasts;
use crate::saved::{FORECASTER, Saved, load_weights};
use crate::trained::find;
use crate::{Error, StudyArgs};
use sig_data::{SEPARATOR, next_times};

/// Of a step: its time, its value and the ends of the interval.
const VALUES: usize = 4;

const MEMORY: &str = "memory takes any text";

/// Writes what the model `args.predict` forecasts from every row of the file on, or with `args.last`
/// from the last row of each series.
///
/// The rows are those of the file that have enough rows before them; the columns: the ids of the
/// series, the time of the row or its number, and the target one, two … `horizon` rows later, in the
/// units of the file, each with its time and its interval. With `args.last` the rows are the steps, and
/// the columns the ids, the time, the target and its interval. Of several series, those that cannot be
/// forecast are left out and told.
///
/// # Errors
///
/// One line that says what is wrong with the options, the model, the file or the device.
pub(crate) fn predict(model: &Path, args: &StudyArgs) -> Result<(), Error> {
    let Some((path, format, _)) = file(args) else {
        return Err(Error::Usage(
            "--predict needs --csv FILE or --parquet FILE, the series to forecast".into(),
        ));
    };
    let parent = args.output.as_ref().and_then(|output| output.parent());
    let parent = parent.filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir());
    if let (Some(output), Some(parent)) = (&args.output, parent) {
        let (output, parent) = (output.display(), parent.display());
        let reason = format!("--output {output}: the folder {parent} does not exist");
        return Err(Error::Usage(reason));
    }
    let devices = Devices::open(args)?;
    let folder = find(model, args)?;
    let saved = folder.read_json::<Saved>(FORECASTER)?;
    let damaged = |reason: String| Error::data(&folder.path(FORECASTER), reason);
    let saved = saved.ok_or_else(|| damaged("it is not there".into()))?;
    if let Some(problem) = saved.problem() {
        return Err(damaged(format!("damaged: {problem}")));
    }
    let Some(target) = saved.channel() else {
        return Err(Error::Usage(format!(
            "--predict {}: this model estimates the {} of a path, and forecasts nothing",
            model.display(),
            saved.target
        )));
    };
    let made = || FileConfig {
        fill: Fill::None,
        ..FileConfig::default()
    };
    let before = saved.config.data.clone().file().unwrap_or_else(made);
    let how = FileConfig {
        path: path.clone(),
        format,
        csv: args.file.csv(before.csv),
        sort: args.sort || before.sort,
        fill: args.fill.unwrap_or(before.fill),
        ..before
    };
    let source = open(path, format, how.csv)?;
    let numbers = saved.names.iter().map(|name| source.column(name));
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let ids = source.ids(&how.group)?;
    let others = [&numbers[..], &ids].concat();
    let known = how
        .time
        .as_ref()
        .filter(|name| source.names().contains(name));
    let named = args.time.as_ref().or(known).map(String::as_str);
    let time = source.time_column(named, &others)?;
    let time_name = time.map_or("row".into(), |column| source.names()[column].clone());
    let like = Series {
        names: saved.names.clone(),
        target,
        ..Series::default()
    };
    let columns = selected(numbers, ids, time, how.fill);
    let all = data::read(path, source, columns, &like, &how)?;
    let forecaster = model::init(
        saved.model,
        &saved.config.sizes(saved.names.len()),
        saved.seed,
        devices.main(),
    );
    let forecaster = load_weights(&folder, forecaster)?;

    let mut writer = csv::Writer::from_writer(Vec::new());
    let values =
        |step: &str| ["", " low", " high"].map(|end| format!("{}{step}{end}", saved.target));
    let steps = (1..=saved.config.horizon).flat_map(|step| {
        let values = values(&format!(" +{step}"));
        [format!("{time_name} +{step}")].into_iter().chain(values)
    });
    let steps: Vec<_> = match args.last {
        true => values("").into(),
        false => steps.collect(),
    };
    let header = how.group.iter().chain([&time_name]).cloned().chain(steps);
    writer.write_record(header).expect(MEMORY);
    let (several, mut out, mut timeless) = (all.len() > 1, LeftOut::default(), false);
    let mut forecast = 0;
    for series in all {
        let key = series.key.clone();
        match of_series(series, &saved, &forecaster, devices.main(), args.last) {
            Ok(forecasts) => {
                let keys = || key.split(SEPARATOR).take(how.group.len()).map(String::from);
                let last = forecasts.last();
                timeless |= last.is_some_and(|last| last.values[0].is_empty());
                for Forecast { time, values } in forecasts {
                    // A row per window, or of the last one a row per step.
                    let rows = match args.last {
                        true => values.chunks(VALUES).map(<[_]>::to_vec).collect(),
                        false => vec![[vec![time], values].concat()],
                    };
                    for row in rows {
                        writer.write_record(keys().chain(row)).expect(MEMORY);
                    }
                }
                forecast += 1;
            }
            Err(Error::Usage(reason)) if several => out.add(&key, reason),
            Err(Error::Usage(reason)) => return Err(Error::data(path, reason)),
            Err(other) => return Err(other),
        }
    }
    out.tell();
    if forecast == 0 {
        return Err(Error::data(path, "no series is left to be forecast"));
    }
    if timeless {
        tell!(
            "note: forecasts beyond the last row have no times: those of `{time_name}` are not \
             understood, all the same, or end with a missing one"
        );
    }
    let text = writer.into_inner().expect(MEMORY);
    match &args.output {
        Some(output) => Ok(sig_data::write(output, &text)?),
        None => print(text),
    }
}

/// What is forecast at a time: of each step its own time, if it is known, the value and the ends of its
/// interval.
struct Forecast {
    time: String,
    values: Vec<String>,
}

/// The forecasts of a series from every row on that has enough rows before it, or from its last row.
fn of_series(
    mut series: Series,
    saved: &Saved,
    forecaster: &Forecaster,
    device: &Device,
    last: bool,
) -> Result<Vec<Forecast>, Error> {
    let (config, target) = (&saved.config, series.target);
    let (length, horizon) = (config.length, config.horizon);
    let scale = saved.scales.get(&series.key).ok_or_else(|| {
        Error::Usage("the model was not trained on this series, so it has no scale for it".into())
    })?;
    if config.data.is_logarithm() {
        data::logarithms(&mut series)?;
    }
    let mut medians = None;
    if let Some(window) = config.data.median_rows() {
        let relative = data::relative(&series.rows, &saved.names, target, window, horizon)?;
        series
            .times
            .drain(..series.rows.len() - relative.rows.len());
        (series.rows, medians) = (relative.rows, Some(relative.medians));
    }
    let relative = config.data.relative();
    let (rows, least) = (
        series.rows.len(),
        length + relative.map_or(0, Relative::rows_before),
    );
    if rows < least {
        let reason = format!("{rows} rows can be used, and the model sees {least}");
        return Err(Error::Usage(reason));
    }
    let first = if last { rows } else { least };
    let samples = Arc::new(Samples {
        rows: series.rows.iter().map(|row| scale.apply(row)).collect(),
        // Not known yet.
        targets: vec![0.0; rows + horizon],
        parts: [vec![], vec![], (first..=rows).collect()],
        of_paths: false,
        relative: relative.map(|relative| (relative, target)),
        length,
        horizon,
    });
    let scaled = forecasts(forecaster, samples, Part::Test, device)?;
    let level = Target {
        name: saved.target.clone(),
        channel: Some(target),
        log: config.data.is_logarithm(),
        levels: vec![Level {
            key: series.key,
            targets: 0..rows + horizon,
            scale: scale.clone(),
            medians,
            change: None,
        }],
    };
    series
        .times
        .extend(next_times(&series.times, horizon).into_iter().flatten());
    let forecast = |(end, forecast): (usize, Vec<f64>)| {
        let steps = forecast.into_iter().zip(&saved.intervals).enumerate();
        let values = steps.flat_map(|(step, (value, [low, high]))| {
            let undo = |shift: &f64| level.undo(0, end + step, value + shift).to_string();
            let time = series.times.get(end + step).cloned();
            let values = [&0.0, low, high].map(undo);
            [time.unwrap_or_default()].into_iter().chain(values)
        });
        Forecast {
            time: series.times[end - 1].clone(),
            values: values.collect(),
        }
    };
    Ok((first..).zip(scaled).map(forecast).collect())
}
