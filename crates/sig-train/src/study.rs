//! A study from its options to its table.

use std::sync::Arc;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use crate::artifacts::Artifacts;
use crate::config::ModelKind;
use crate::data::{self, Dataset, Part, Scale, WindowLoader, Windows};
use crate::device::NamedDevice;
use crate::evaluate::Scores;
use crate::model::{self, Forecaster, Sizes};
use crate::report::{self, Curve, ModelReport, StudyReport};
use crate::training::{History, LossFile, Session, read_record, resumable};
use crate::{Error, StudyArgs, StudyConfig};

const CONFIG: &str = "config.json";
const METRICS: &str = "metrics.json";
const LOSSES: &str = "losses.csv";
const LOSS_PLOT: &str = "losses.svg";
const FORECAST_PLOT: &str = "forecast.svg";
const HISTORY: &str = "history.json";
const WEIGHTS: &str = "model.bpk";
const CHECKPOINTS: &str = "checkpoints";

/// Time steps of the forecast plot.
const PLOTTED: usize = 168;
/// Windows evaluated at once.
const EVALUATED: usize = 512;

/// Runs the study that the options ask for and prints its table.
///
/// # Errors
///
/// One line that says what is wrong with the options, the data, the device or the artifacts folder.
pub fn run(args: &StudyArgs) -> Result<StudyReport, Error> {
    let device = NamedDevice::open(args.device.as_deref())?;
    let config = configure(args)?;
    let dataset = data::load(&config)?;
    let windows = &dataset.windows;
    let sizes = Sizes::new(&config, windows.channels());
    config
        .models
        .iter()
        .try_for_each(|&kind| sizes.check(kind))?;

    let artifacts = Artifacts::create(&args.artifacts)?;
    if !args.resume {
        clear(&artifacts)?;
        artifacts.write_json(CONFIG, &config)?;
    }
    let Dataset {
        windows,
        names,
        scale,
    } = dataset;
    let windows = Arc::new(windows);
    let study = Study {
        config,
        windows,
        names,
        scale,
        sizes,
        artifacts,
        device,
    };
    let report = study.run(args.resume)?;
    println!("{}", report::table(&report));
    Ok(report)
}

/// The config of the options, or with `--resume` the one in the folder, which the options must not
/// contradict.
fn configure(args: &StudyArgs) -> Result<StudyConfig, Error> {
    if !args.resume {
        return StudyConfig::with_args(StudyConfig::preset(args.preset.unwrap_or_default()), args);
    }
    let folder = args.artifacts.display();
    let stored = Artifacts::existing(&args.artifacts).read_json::<StudyConfig>(CONFIG)?;
    let stored = stored
        .ok_or_else(|| Error::Resume(format!("there is no study in {folder}, no {CONFIG}")))?;
    let preset = args.preset.unwrap_or(stored.preset);
    let wanted = StudyConfig {
        preset,
        ..StudyConfig::with_args(stored.clone(), args)?
    };
    match stored.difference(&wanted) {
        None => Ok(stored),
        Some(difference) => Err(Error::Resume(format!(
            "the study in {folder} is another one: {difference}"
        ))),
    }
}

/// Removes what an earlier study left, so that nothing of it is taken for this one's.
///
/// # Errors
///
/// Refuses to touch a folder with files of these names that no study has written.
fn clear(artifacts: &Artifacts) -> Result<(), Error> {
    let results = [METRICS, LOSSES, LOSS_PLOT, FORECAST_PLOT];
    let stored = artifacts.read_json::<StudyConfig>(CONFIG);
    if !matches!(stored, Ok(Some(_))) {
        let foreign = [CONFIG]
            .iter()
            .chain(&results)
            .find(|name| artifacts.has(name));
        return foreign.map_or(Ok(()), |name| {
            let path = artifacts.path(name);
            Err(Error::data(
                &path,
                "this is no study's; choose another --artifacts folder",
            ))
        });
    }
    results.iter().try_for_each(|name| artifacts.remove(name))?;
    for kind in ModelKind::ALL {
        let folder = artifacts.of_model(kind.name());
        folder.remove_folder(CHECKPOINTS)?;
        [HISTORY, WEIGHTS]
            .iter()
            .try_for_each(|name| folder.remove(name))?;
    }
    artifacts.remove(CONFIG)
}

struct Study {
    config: StudyConfig,
    windows: Arc<Windows>,
    names: Vec<String>,
    scale: Scale,
    sizes: Sizes,
    artifacts: Artifacts,
    device: NamedDevice,
}

/// A model that is trained, with what it forecasts.
struct Outcome {
    report: ModelReport,
    history: History,
    /// `[windows][horizon]` of the test part
    forecasts: Vec<Vec<f64>>,
}

impl Study {
    fn run(&self, resume: bool) -> Result<StudyReport, Error> {
        let losses = match resume {
            true => self.resumed_losses()?,
            false => LossFile::create(self.artifacts.path(LOSSES))?,
        };
        let mut outcomes = Vec::new();
        for &kind in &self.config.models {
            let (model, history) = match self.finished(kind)? {
                Some(finished) => finished,
                None => self.train(kind, &losses, resume)?,
            };
            outcomes.push(self.evaluate(kind, model, history));
        }
        let report = self.report(&outcomes);
        self.draw(&outcomes)?;
        self.artifacts.write_json(METRICS, &report)?;
        Ok(report)
    }

    fn folder(&self, kind: ModelKind) -> Artifacts {
        self.artifacts.of_model(kind.name())
    }

    fn checkpoints(&self, kind: ModelKind) -> Artifacts {
        self.folder(kind).of_model(CHECKPOINTS)
    }

    /// A model with its initial weights, ready to be trained.
    fn init(&self, kind: ModelKind) -> Forecaster {
        let device = self.device.device.clone().autodiff();
        model::init(kind, &self.sizes, self.config.seed, &device)
    }

    /// A model that an earlier run of this study has finished.
    fn finished(&self, kind: ModelKind) -> Result<Option<(Forecaster, History)>, Error> {
        let folder = self.folder(kind);
        let Some(history) = folder.read_json::<History>(HISTORY)? else {
            return Ok(None);
        };
        let path = folder.path(WEIGHTS);
        let record = read_record::<ModuleRecord>(&path)?;
        let damaged = |error| Error::data(&path, format!("damaged: {error}"));
        let model = self.init(kind).try_load_record(record).map_err(damaged)?;
        eprintln!("{}: trained before, {} epochs", kind.name(), history.last());
        Ok(Some((model, history)))
    }

    fn train(
        &self,
        kind: ModelKind,
        losses: &LossFile,
        resume: bool,
    ) -> Result<(Forecaster, History), Error> {
        let checkpoints = self.checkpoints(kind);
        let history = match resume {
            true => resumable(&checkpoints)?,
            false => History::default(),
        };
        if resume {
            eprintln!("{}: going on after {} epochs", kind.name(), history.last());
        }
        let session = Session {
            config: &self.config,
            windows: &self.windows,
            losses,
            device: &self.device.device,
        };
        let model = self.init(kind);
        let trained = session.train(kind, model.clone(), &checkpoints, history)?;

        let folder = self.folder(kind);
        let path = folder.path(WEIGHTS);
        let failed = |error: burn::store::RecordError| Error::data(&path, error.to_string());
        trained.weights.clone().save(&path).map_err(failed)?;
        folder.write_json(HISTORY, &trained.history)?;
        folder.remove_folder(CHECKPOINTS)?;
        let model = model.try_load_record(trained.weights).map_err(failed)?;
        Ok((model, trained.history))
    }

    /// The loss file without the steps of epochs that are to be trained again.
    fn resumed_losses(&self) -> Result<LossFile, Error> {
        let mut last = Vec::new();
        for &kind in &self.config.models {
            let epochs = match self.folder(kind).read_json::<History>(HISTORY)? {
                Some(finished) => finished.last(),
                None => resumable(&self.checkpoints(kind))?.last(),
            };
            last.push((kind.name(), epochs));
        }
        LossFile::resume(self.artifacts.path(LOSSES), |model, epoch| {
            last.iter()
                .any(|&(name, last)| name == model && epoch <= last)
        })
    }

    fn evaluate(&self, kind: ModelKind, model: Forecaster, history: History) -> Outcome {
        let (model, device) = (model.valid(), &self.device.device);
        let loader = WindowLoader::new(self.windows.clone(), Part::Test, EVALUATED, device);
        let (mut forecasts, mut targets) = (Vec::new(), Vec::new());
        for batch in loader.batches() {
            forecasts.extend(rows(model.forward(batch.inputs)));
            targets.extend(rows(batch.targets));
        }
        let best = history.best().expect("a trained model has epochs");
        let report = ModelReport {
            model: kind,
            scores: Scores::of(&forecasts, &targets),
            parameters: model.num_params(),
            epochs: history.last(),
            best_epoch: best.epoch,
            valid_loss: best.valid_loss,
            seconds: history.seconds(),
        };
        Outcome {
            report,
            history,
            forecasts,
        }
    }

    fn report(&self, outcomes: &[Outcome]) -> StudyReport {
        let first = &outcomes[0].report;
        StudyReport {
            model: first.model,
            scores: first.scores,
            unit: "standard deviations of the target on the training part".into(),
            target: self.names[self.windows.target].clone(),
            windows: [Part::Train, Part::Valid, Part::Test].map(|part| self.windows.count(part)),
            device: self.device.name.into(),
            seed: self.config.seed,
            models: outcomes
                .iter()
                .map(|outcome| outcome.report.clone())
                .collect(),
        }
    }

    fn draw(&self, outcomes: &[Outcome]) -> Result<(), Error> {
        let name = |outcome: &Outcome| outcome.report.model.name().to_string();
        let losses = outcomes.iter().map(|outcome| Curve {
            name: name(outcome),
            points: outcome
                .history
                .epochs
                .iter()
                .map(|record| (record.epoch as f64, record.valid_loss))
                .collect(),
        });
        report::draw_losses(&self.artifacts.path(LOSS_PLOT), &losses.collect::<Vec<_>>())?;

        // The last step of each forecast, at the time step that it is about.
        let (target, horizon) = (self.windows.target, self.config.horizon);
        let shown = self.windows.count(Part::Test).min(PLOTTED);
        let curve = |name: String, value: &dyn Fn(usize) -> f64| Curve {
            name,
            points: (0..shown)
                .map(|index| {
                    (
                        (index + horizon - 1) as f64,
                        self.scale.undo(target, value(index)),
                    )
                })
                .collect(),
        };
        let truth = |index| {
            let last = self.windows.target(Part::Test, index).last();
            f64::from(last.expect("the horizon is not 0"))
        };
        let mut curves = vec![curve("what came".into(), &truth)];
        curves.extend(outcomes.iter().map(|outcome| {
            curve(format!("{}, {horizon} ahead", name(outcome)), &|index| {
                outcome.forecasts[index][horizon - 1]
            })
        }));
        let path = self.artifacts.path(FORECAST_PLOT);
        report::draw_forecasts(&path, &curves, &self.names[target])
    }
}

fn rows(values: Tensor<2>) -> Vec<Vec<f64>> {
    let [_, columns] = values.dims();
    let values: Vec<f64> = values.into_data().iter::<f64>().collect();
    values.chunks(columns).map(<[f64]>::to_vec).collect()
}
