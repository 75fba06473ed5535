//! Forecasts of a saved model.

use std::io::ErrorKind::BrokenPipe;
use std::io::Write;
use std::iter;
use std::path::Path;
use std::sync::Arc;

use crate::config::{csv_options, file};
use crate::data::{self, Samples, TimedRows};
use crate::devices::Devices;
use crate::model;
use crate::runner::{METRICS, forecasts};
use crate::saved::{FORECASTER, Saved, load_weights};
use crate::{Error, StudyArgs, StudyReport};
use sig_data::Folder;

const MEMORY: &str = "memory takes any text";

/// Writes what the model `args.predict` forecasts from every row of the file on.
///
/// The rows are those of the file that have enough rows before them; the columns: the time of the
/// row or its number, and the target one, two … `horizon` rows later, in the units of the file.
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
    let devices = Devices::open(args)?;
    let folder = folder(model, args)?;
    let saved = folder.read_json::<Saved>(FORECASTER)?;
    let saved = saved.ok_or_else(|| Error::data(&folder.path(FORECASTER), "it is not there"))?;
    let Some(target) = saved.channel() else {
        return Err(Error::Usage(format!(
            "--predict {}: this model estimates the {} of a path, and forecasts nothing",
            model.display(),
            saved.target
        )));
    };
    let file = (
        path.as_path(),
        format,
        csv_options(args, saved.config.data.csv()),
    );
    let (names, time) = (&saved.names, args.time.as_deref());
    let TimedRows { mut rows, mut time } = data::timed_rows(
        file,
        names,
        time,
        args.fill.unwrap_or(saved.config.data.fill()),
    )?;
    let (length, horizon) = (saved.config.length, saved.config.horizon);
    let mut medians = None;
    if let Some(window) = saved.config.data.median_rows() {
        let relative = data::relative(&rows, names, target, window, horizon)?;
        time.1.drain(..rows.len() - relative.rows.len());
        (rows, medians) = (relative.rows, Some(relative.medians));
    }
    if rows.len() < length {
        let usable = rows.len();
        let reason = format!("{usable} rows can be used, and the model sees {length}");
        return Err(Error::data(path, reason));
    }
    let samples = Samples {
        rows: rows.iter().map(|row| saved.scale.apply(row)).collect(),
        // Not known yet.
        targets: vec![0.0; rows.len() + horizon],
        parts: [0..0, 0..0, length..rows.len() + 1],
        of_paths: false,
        relative_to: saved.config.data.is_by_window().then_some(target),
        length,
        horizon,
    };
    let sizes = saved.config.sizes(names.len(), Some(target));
    let forecaster = model::init(saved.model, &sizes, saved.seed, devices.main());
    let forecaster = load_weights(&folder, forecaster)?;
    let [forecasts, _] = forecasts(&forecaster, Arc::new(samples), devices.main())?;

    let mut writer = csv::Writer::from_writer(Vec::new());
    let steps = (1..=horizon).map(|step| format!("{} +{step}", saved.target));
    let header = iter::once(time.0).chain(steps);
    writer.write_record(header).expect(MEMORY);
    for (end, forecast) in (length..).zip(forecasts) {
        let value = |(step, value)| {
            let median = medians.as_ref().map_or(1.0, |all| all[end + step]);
            (saved.scale.undo(target, value) * median).to_string()
        };
        let values = forecast.into_iter().enumerate().map(value);
        let record = iter::once(time.1[end - 1].clone()).chain(values);
        writer.write_record(record).expect(MEMORY);
    }
    let text = writer.into_inner().expect(MEMORY);
    match &args.output {
        Some(output) => Ok(sig_data::write(output, &text)?),
        None => match std::io::stdout().write_all(&text) {
            // Whoever reads may have read enough.
            Err(error) if error.kind() != BrokenPipe => {
                Err(Error::io(Path::new("the output"))(error))
            }
            _ => Ok(()),
        },
    }
}

/// The folder of the model: that path, or the model of that name in the artifacts folder.
fn folder(model: &Path, args: &StudyArgs) -> Result<Folder, Error> {
    if model.join(FORECASTER).is_file() {
        return Ok(Folder::existing(model));
    }
    let wrong = |what: String| Error::Usage(format!("--predict {}: {what}", model.display()));
    let seed = match args.seed[..] {
        [seed] => Some(seed),
        [] => {
            let report = Folder::existing(&args.artifacts).read_json::<StudyReport>(METRICS);
            report.ok().flatten().map(|report| report.seeds[0])
        }
        _ => return Err(wrong("a forecast is of one --seed".into())),
    };
    let root = args.artifacts.join(model);
    let named = seed.map(|seed| root.join(format!("seed-{seed}")));
    let found = named
        .iter()
        .chain([&root])
        .find(|path| path.join(FORECASTER).is_file());
    let folder = found.ok_or_else(|| {
        let place = named.as_ref().unwrap_or(&root).display();
        wrong(match model.to_str() {
            Some("naive") => "it is not trained, and repeats the last value".into(),
            _ => format!("there is no trained model in {place}, no {FORECASTER}"),
        })
    })?;
    Ok(Folder::existing(folder))
}
