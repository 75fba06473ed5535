//! A study whose data and options are sound: its trainings one after the other, then its report.

use std::sync::Arc;

use burn::data::dataloader::DataLoader;
use burn::module::Module;
use burn::store::RecordError;
use burn::tensor::Device;

use crate::data::{Dataset, Part, SampleLoader, Samples};
use crate::devices::Devices;
use crate::evaluate::Scores;
use crate::model::{self, Forecaster};
use crate::report::{Outcome, RunReport, StudyReport, write_figures, write_forecasts};
use crate::saved::{FORECASTER, Saved, WEIGHTS, load_weights};
use crate::training::{Checkpoints, History, LossFile, Run, Training};
use crate::{Error, StudyConfig};
use sig_data::Folder;

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
    /// One per seed; a file gives all seeds the same.
    pub(crate) datasets: Vec<Arc<Dataset>>,
    pub(crate) artifacts: Folder,
    pub(crate) devices: Devices,
}

impl Runner {
    /// Trains what is not trained yet, and writes the report.
    pub(crate) fn run(&self, resume: bool) -> Result<StudyReport, Error> {
        if resume {
            self.artifacts.remove_unfinished()?;
        }
        let losses = LossFile(self.artifacts.path(LOSSES));
        if !resume || !losses.0.exists() {
            losses.create()?;
        }
        let mut outcomes = Vec::new();
        for run in Run::all(&self.config) {
            let (model, history) = match self.finished(run)? {
                Some(finished) => finished,
                None if !run.model.learns() => (self.init(run), History::default()),
                None => self.train(run, &losses, resume)?,
            };
            outcomes.push(self.evaluate(run, model, history)?);
        }
        let (config, dataset) = (&self.config, &self.datasets[0]);
        let report = StudyReport::of(config, dataset, &self.devices.name, &outcomes);
        write_figures(&self.artifacts, config, dataset, &report, &outcomes)?;
        write_forecasts(&self.artifacts, &outcomes, |run| self.dataset(run))?;
        self.artifacts.write_json(METRICS, &report)?;
        Ok(report)
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
        let (channels, target) = (dataset.samples.channels(), dataset.target.channel);
        let sizes = self.config.sizes(channels, target);
        model::init(run.model, &sizes, run.seed, &device)
    }

    /// A model that an earlier process of this study has finished.
    fn finished(&self, run: Run) -> Result<Option<(Forecaster, History)>, Error> {
        let folder = run.folder(&self.artifacts);
        let Some(history) = folder.read_json::<History>(HISTORY)? else {
            return Ok(None);
        };
        let saved = folder.read_json::<Saved>(FORECASTER)?;
        if saved.is_none_or(|saved| saved.scale != self.dataset(run).scale) {
            return Err(Error::Resume(format!(
                "{run} was trained on other data than there is now; begin a new study without --resume"
            )));
        }
        // The process may have ended between the two.
        folder.remove_folder(CHECKPOINTS)?;
        let model = load_weights(&folder, self.init(run))?;
        eprintln!("{run}: trained before, {} epochs", history.last());
        Ok(Some((model, history)))
    }

    fn train(
        &self,
        run: Run,
        losses: &LossFile,
        resume: bool,
    ) -> Result<(Forecaster, History), Error> {
        let folder = run.folder(&self.artifacts);
        let checkpoints = Checkpoints(folder.folder(CHECKPOINTS));
        let mut history = History::default();
        if resume {
            folder.remove_unfinished()?;
            checkpoints.0.remove_unfinished()?;
            history = checkpoints.last_whole()?;
            losses.keep_until(run, history.last())?;
            eprintln!("{run}: going on after {} epochs", history.last());
        }
        let (model, dataset) = (self.init(run), self.dataset(run));
        let training = Training {
            run,
            config: &self.config,
            dataset,
            devices: &self.devices,
            losses,
            checkpoints,
        };
        let (weights, history) = training.train(model.clone(), history)?;

        let path = folder.path(WEIGHTS);
        let failed = |error: RecordError| Error::data(&path, error.to_string());
        weights.clone().save(&path).map_err(failed)?;
        folder.write_json(FORECASTER, &Saved::new(run, &self.config, dataset))?;
        // With it, the training counts as finished.
        folder.write_json(HISTORY, &history)?;
        folder.remove_folder(CHECKPOINTS)?;
        Ok((model.try_load_record(weights).map_err(failed)?, history))
    }

    fn evaluate(&self, run: Run, model: Forecaster, history: History) -> Result<Outcome, Error> {
        let (model, device) = (model.valid(), self.devices.main());
        let samples = self.dataset(run).samples.clone();
        let [forecasts, targets] = forecasts(&model, samples, device)?;
        let scores = Scores::of(&forecasts, &targets);
        if ![scores.r2, scores.rmse, scores.mae]
            .iter()
            .all(|score| score.is_finite())
        {
            let target = &self.dataset(run).target.name;
            return Err(Error::Usage(format!(
                "{run}: the scores of the {} forecasts of `{target}` are no finite numbers, R² {} and RMSE \
                 {}; a longer series, a lower --depth or another --scaling may help",
                forecasts.len(),
                scores.r2,
                scores.rmse
            )));
        }
        let best = history.best();
        let report = RunReport {
            seed: run.seed,
            scores,
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

/// The forecasts of the test part and the actual values, `[windows][horizon]` each.
pub(crate) fn forecasts(
    model: &Forecaster,
    samples: Arc<Samples>,
    device: &Device,
) -> Result<[Vec<Vec<f64>>; 2], Error> {
    let mut all = [Vec::new(), Vec::new()];
    for batch in SampleLoader::new(samples.clone(), Part::Test, EVALUATED, device).iter() {
        let batch = batch.expect("samples are in memory");
        for (all, values) in all
            .iter_mut()
            .zip([model.forward(batch.inputs), batch.targets])
        {
            let [_, horizon] = values.dims();
            let values = values.try_into_data();
            let values = values.map_err(|error| Error::Computation(error.to_string()))?;
            let values: Vec<f64> = values.iter::<f64>().collect();
            all.extend(values.chunks(horizon).map(<[f64]>::to_vec));
        }
    }
    for all in &mut all {
        for (index, values) in all.iter_mut().enumerate() {
            let origin = samples.origin(Part::Test, index);
            values.iter_mut().for_each(|value| *value += origin);
        }
    }
    Ok(all)
}
