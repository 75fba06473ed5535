//! Forecasts of a saved model.

use std::io::ErrorKind::BrokenPipe;
use std::io::Write;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use crate::config::{Format, file};
use crate::data::{self, Relative, TimedRows};
use crate::devices::Devices;
use crate::model::{self, Forecaster};
use crate::runner::{METRICS, rows};
use crate::saved::{FORECASTER, Saved, load_weights};
use crate::{Error, StudyArgs, StudyReport};
use sig_data::Folder;

const MEMORY: &str = "memory takes any text";

/// Windows forecast at once.
const BATCH: usize = 512;

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
    let file = (path.as_path(), format, args.delimiter.unwrap_or(','));
    let series = series(file, args.time.as_deref(), &saved, target)?;
    let sizes = saved.config.sizes(saved.names.len(), Some(target));
    let forecaster = model::init(saved.model, &sizes, saved.seed, devices.main());
    let forecaster = load_weights(&folder, forecaster)?;
    let text = series.forecast(&saved, &forecaster, devices.main())?;
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
        wrong(format!(
            "there is no trained model in {place}, no {FORECASTER}"
        ))
    })?;
    Ok(Folder::existing(folder))
}

/// The series of a file as the model was trained on them.
struct Scaled {
    rows: Vec<Vec<f32>>,
    /// What the target of each row, and of the next `horizon`, was divided by.
    medians: Option<Vec<f64>>,
    /// The name of the first column of the forecasts, and its value in each row.
    time: (String, Vec<String>),
    target: usize,
}

fn series(
    file: (&Path, Format, char),
    time: Option<&str>,
    saved: &Saved,
    target: usize,
) -> Result<Scaled, Error> {
    let TimedRows { rows, mut time } = data::timed_rows(file, &saved.names, time)?;
    let (all, horizon) = (rows.len(), saved.config.horizon);
    let (rows, medians) = match saved.config.data.median_rows() {
        None => (rows, None),
        Some(window) => {
            let Relative { rows, medians } = data::relative(&rows, &saved.names, window, horizon)?;
            let medians = medians.iter().map(|row| row[target]).collect();
            time.1.drain(..all - rows.len());
            (rows, Some(medians))
        }
    };
    if rows.len() < saved.config.length {
        let (usable, sees) = (rows.len(), saved.config.length);
        let reason = format!("{usable} rows can be used, and the model sees {sees}");
        return Err(Error::data(file.0, reason));
    }
    Ok(Scaled {
        rows: rows.iter().map(|row| saved.scale.apply(row)).collect(),
        medians,
        time,
        target,
    })
}

impl Scaled {
    /// The forecasts as CSV.
    fn forecast(
        &self,
        saved: &Saved,
        model: &Forecaster,
        device: &Device,
    ) -> Result<Vec<u8>, Error> {
        let length = saved.config.length;
        let mut writer = csv::Writer::from_writer(Vec::new());
        let names = (1..=saved.config.horizon).map(|step| format!("{} +{step}", saved.target));
        let header = [self.time.0.clone()].into_iter().chain(names);
        writer.write_record(header).expect(MEMORY);
        let ends: Vec<_> = (length..=self.rows.len()).collect();
        for ends in ends.chunks(BATCH) {
            let windows = ends.iter().flat_map(|end| &self.rows[end - length..*end]);
            let values: Vec<f32> = windows.flatten().copied().collect();
            let shape = [ends.len(), length, saved.names.len()];
            let inputs = Tensor::from_data(TensorData::new(values, shape), device);
            for (end, forecast) in ends.iter().zip(rows(model.forward(inputs))?) {
                let value = |(step, value): (usize, &f64)| {
                    let median = self.medians.as_ref().map_or(1.0, |all| all[end + step]);
                    (saved.scale.undo(self.target, *value) * median).to_string()
                };
                let values = forecast.iter().enumerate().map(value);
                let record = [self.time.1[end - 1].clone()].into_iter().chain(values);
                writer.write_record(record).expect(MEMORY);
            }
        }
        Ok(writer.into_inner().expect(MEMORY))
    }
}
