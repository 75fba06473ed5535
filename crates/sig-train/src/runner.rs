//! A study whose data and options are sound: its models one after the other, then its report.

use std::sync::Arc;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use crate::artifacts::Artifacts;
use crate::config::ModelKind;
use crate::data::{Part, Scale, WindowLoader, Windows};
use crate::device::NamedDevice;
use crate::evaluate::Scores;
use crate::model::{self, Forecaster, Sizes};
use crate::report::{Figures, ModelReport, Outcome, StudyReport};
use crate::training::{History, LossFile, Session, read_record, resumable};
use crate::{Error, StudyConfig};

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const METRICS: &str = "metrics.json";
pub(crate) const LOSSES: &str = "losses.csv";
pub(crate) const HISTORY: &str = "history.json";
pub(crate) const WEIGHTS: &str = "model.bpk";
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// Windows evaluated at once.
const EVALUATED: usize = 512;

/// All that a study needs to run.
pub(crate) struct Runner {
    pub(crate) config: StudyConfig,
    pub(crate) windows: Arc<Windows>,
    pub(crate) names: Vec<String>,
    pub(crate) scale: Scale,
    pub(crate) sizes: Sizes,
    pub(crate) artifacts: Artifacts,
    pub(crate) device: NamedDevice,
}

impl Runner {
    /// Trains what is not trained yet, and writes the report.
    pub(crate) fn run(&self, resume: bool) -> Result<StudyReport, Error> {
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
        let figures = Figures {
            outcomes: &outcomes,
            windows: &self.windows,
            scale: &self.scale,
            target: &report.target,
        };
        figures.draw(&self.artifacts)?;
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
}

fn rows(values: Tensor<2>) -> Vec<Vec<f64>> {
    let [_, columns] = values.dims();
    let values: Vec<f64> = values.into_data().iter::<f64>().collect();
    values.chunks(columns).map(<[f64]>::to_vec).collect()
}
