//! A study whose data and options are sound: its trainings one after the other, then its report.

use std::sync::Arc;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use crate::artifacts::Artifacts;
use crate::data::{Dataset, Part, WindowLoader};
use crate::devices::Devices;
use crate::evaluate::Scores;
use crate::model::{self, Forecaster, Sizes};
use crate::report::{Outcome, RunReport, StudyReport, write_figures};
use crate::saved::{FORECASTER, Saved, WEIGHTS};
use crate::training::{History, LossFile, Run, Session, read_record, resumable};
use crate::{Error, StudyConfig};

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const METRICS: &str = "metrics.json";
pub(crate) const LOSSES: &str = "losses.csv";
pub(crate) const HISTORY: &str = "history.json";
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// Windows evaluated at once.
const EVALUATED: usize = 512;

/// All that a study needs to run.
pub(crate) struct Runner {
    pub(crate) config: StudyConfig,
    /// One a seed; a file gives all seeds the same.
    pub(crate) datasets: Vec<Arc<Dataset>>,
    pub(crate) artifacts: Artifacts,
    pub(crate) devices: Devices,
}

impl Runner {
    /// Trains what is not trained yet, and writes the report.
    pub(crate) fn run(&self, resume: bool) -> Result<StudyReport, Error> {
        let runs = Run::all(&self.config);
        let losses = match resume {
            true => self.resumed_losses(&runs)?,
            false => LossFile::create(self.artifacts.path(LOSSES))?,
        };
        let mut outcomes = Vec::new();
        for run in runs {
            let (model, history) = match self.finished(run)? {
                Some(finished) => finished,
                None if !run.model.learns() => (self.init(run), History::default()),
                None => self.train(run, &losses, resume)?,
            };
            outcomes.push(self.evaluate(run, model, history)?);
        }
        let report = StudyReport::of(
            &self.config,
            &self.datasets[0],
            &self.devices.name,
            &outcomes,
        );
        write_figures(
            &self.artifacts,
            &self.config,
            &self.datasets[0],
            &report,
            &outcomes,
        )?;
        self.artifacts.write_json(METRICS, &report)?;
        Ok(report)
    }

    fn folder(&self, run: Run) -> Artifacts {
        run.folder(&self.artifacts)
    }

    fn checkpoints(&self, run: Run) -> Artifacts {
        self.folder(run).folder(CHECKPOINTS)
    }

    fn dataset(&self, run: Run) -> &Dataset {
        let seeds = &self.config.seeds;
        let index = seeds.iter().position(|&seed| seed == run.seed);
        &self.datasets[index.expect("is a seed of the study")]
    }

    /// A model with its initial weights, ready to be trained.
    fn init(&self, run: Run) -> Forecaster {
        let device = self.devices.main().clone().autodiff();
        let dataset = self.dataset(run);
        let (channels, target) = (dataset.windows.channels(), dataset.target.channel);
        let sizes = Sizes::new(&self.config, channels, target);
        model::init(run.model, &sizes, run.seed, &device)
    }

    /// A model that an earlier process of this study has finished.
    fn finished(&self, run: Run) -> Result<Option<(Forecaster, History)>, Error> {
        let folder = self.folder(run);
        let Some(history) = folder.read_json::<History>(HISTORY)? else {
            return Ok(None);
        };
        // It may have ended between the two.
        folder.remove_folder(CHECKPOINTS)?;
        let path = folder.path(WEIGHTS);
        let record = read_record::<ModuleRecord>(&path)?;
        let damaged = |error| Error::data(&path, format!("damaged: {error}"));
        let model = self.init(run).try_load_record(record).map_err(damaged)?;
        eprintln!("{run}: trained before, {} epochs", history.last());
        Ok(Some((model, history)))
    }

    fn train(
        &self,
        run: Run,
        losses: &LossFile,
        resume: bool,
    ) -> Result<(Forecaster, History), Error> {
        let (folder, checkpoints) = (self.folder(run), self.checkpoints(run));
        let history = match resume {
            true => resumable(&checkpoints)?,
            false => History::default(),
        };
        if resume {
            folder.remove_unfinished()?;
            checkpoints.remove_unfinished()?;
            eprintln!("{run}: going on after {} epochs", history.last());
        }
        let session = Session {
            config: &self.config,
            losses,
            devices: &self.devices,
        };
        let model = self.init(run);
        let dataset = self.dataset(run);
        let trained = session.train(run, dataset, model.clone(), &checkpoints, history)?;

        let path = folder.path(WEIGHTS);
        let failed = |error: burn::store::RecordError| Error::data(&path, error.to_string());
        trained.weights.clone().save(&path).map_err(failed)?;
        folder.write_json(FORECASTER, &Saved::new(run, &self.config, dataset))?;
        // With it, the training counts as finished.
        folder.write_json(HISTORY, &trained.history)?;
        folder.remove_folder(CHECKPOINTS)?;
        let model = model.try_load_record(trained.weights).map_err(failed)?;
        Ok((model, trained.history))
    }

    /// The loss file without the steps of epochs that are to be trained again.
    fn resumed_losses(&self, runs: &[Run]) -> Result<LossFile, Error> {
        self.artifacts.remove_unfinished()?;
        let mut last = Vec::new();
        for &run in runs {
            let epochs = match self.folder(run).read_json::<History>(HISTORY)? {
                Some(finished) => finished.last(),
                None => resumable(&self.checkpoints(run))?.last(),
            };
            last.push((run, epochs));
        }
        LossFile::resume(self.artifacts.path(LOSSES), |model, seed, epoch| {
            last.iter()
                .any(|&(run, last)| (run.model.name(), run.seed) == (model, seed) && epoch <= last)
        })
    }

    fn evaluate(&self, run: Run, model: Forecaster, history: History) -> Result<Outcome, Error> {
        let (model, device) = (model.valid(), self.devices.main());
        let windows = self.dataset(run).windows.clone();
        let loader = WindowLoader::new(windows, Part::Test, EVALUATED, device);
        let (mut forecasts, mut targets) = (Vec::new(), Vec::new());
        for batch in loader.batches() {
            forecasts.extend(rows(model.forward(batch.inputs))?);
            targets.extend(rows(batch.targets)?);
        }
        let best = history.best();
        let report = RunReport {
            seed: run.seed,
            scores: Scores::of(&forecasts, &targets),
            epochs: history.last(),
            best_epoch: best.map_or(0, |best| best.epoch),
            valid_loss: best.map(|best| best.valid_loss),
            seconds: history.seconds(),
        };
        Ok(Outcome {
            run,
            report,
            parameters: model.num_params(),
            history,
            forecasts,
        })
    }
}

/// `[rows][columns]`
pub(crate) fn rows(values: Tensor<2>) -> Result<Vec<Vec<f64>>, Error> {
    let [_, columns] = values.dims();
    let values = values.try_into_data();
    let values = values.map_err(|error| Error::Computation(error.to_string()))?;
    let values: Vec<f64> = values.iter::<f64>().collect();
    Ok(values.chunks(columns).map(<[f64]>::to_vec).collect())
}
