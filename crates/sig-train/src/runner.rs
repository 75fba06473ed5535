//! A study whose data and options are sound: its trainings one after the other, then its report.

use std::sync::Arc;

use burn::data::dataloader::DataLoader;
use burn::module::Module;
use burn::store::RecordError;
use burn::tensor::Device;

use crate::config::ModelKind;
use crate::data::{Dataset, Part, SampleLoader, Samples};
use crate::devices::Devices;
use crate::evaluate::{Scored, Scores, intervals};
use crate::model::{self, Forecaster};
use crate::report::{Outcome, RunReport, StudyReport, Window, write_figures, write_forecasts};
use crate::saved::{FORECASTER, Saved, WEIGHTS, load_weights};
use crate::training::{Checkpoints, FORECAST_BATCH, History, LossFile, Run, Training};
use crate::{Error, StudyConfig};
use sig_data::Folder;

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const METRICS: &str = "metrics.json";
pub(crate) const LOSSES: &str = "losses.csv";
pub(crate) const HISTORY: &str = "history.json";
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// A trained model, its history, and its [`intervals`].
type Trained = (Forecaster, History, Vec<[f64; 2]>);

/// All that a study needs to run.
pub(crate) struct Runner {
    pub(crate) config: StudyConfig,
    /// One per seed and fold; a file gives all seeds the same.
    pub(crate) datasets: Vec<Arc<Dataset>>,
    pub(crate) artifacts: Folder,
    pub(crate) devices: Devices,
    /// The options that resume the study.
    pub(crate) resume: String,
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
            let (model, history, intervals) = match run.model.learns() {
                true => {
                    let finished = self.finished(run)?;
                    let train = || self.train(run, &losses, resume);
                    let (model, history, intervals) = finished.map_or_else(train, Ok)?;
                    (Some(model), history, intervals)
                }
                false => (None, History::default(), self.intervals(run, None)?),
            };
            outcomes.push(self.evaluate(run, model, history, intervals)?);
        }
        // The last fold of the first seed.
        let (config, dataset) = (&self.config, &self.datasets[self.config.folds - 1]);
        let report = StudyReport::of(config, dataset, &self.devices.name, &outcomes);
        write_figures(&self.artifacts, config, dataset, &report, &outcomes)?;
        write_forecasts(&self.artifacts, &outcomes, |run| self.dataset(run))?;
        self.artifacts.write_json(METRICS, &report)?;
        Ok(report)
    }

    fn dataset(&self, run: Run) -> &Dataset {
        let seeds = &self.config.seeds;
        let index = seeds.iter().position(|&seed| seed == run.seed);
        let first = index.expect("is a seed of the study") * self.config.folds;
        &self.datasets[first + run.fold]
    }

    /// A model with its initial weights, ready to be trained.
    fn init(&self, run: Run) -> Forecaster {
        let device = self.devices.main().clone().autodiff();
        let dataset = self.dataset(run);
        let sizes = self.config.sizes(dataset.samples.channels());
        model::init(run.model, &sizes, run.seed, &device)
    }

    /// A model that an earlier process of this study has finished.
    fn finished(&self, run: Run) -> Result<Option<Trained>, Error> {
        let folder = run.folder(&self.artifacts);
        let Some(history) = folder.read_json::<History>(HISTORY)? else {
            return Ok(None);
        };
        if !history.is_sound() {
            let path = folder.path(HISTORY);
            return Err(Error::data(&path, "damaged: the epochs are not in order"));
        }
        let saved = folder.read_json::<Saved>(FORECASTER)?;
        let scales = self.dataset(run).scales();
        let is_of =
            |saved: &Saved| saved.scales == scales && saved.intervals.len() == self.config.horizon;
        let Some(saved) = saved.filter(is_of) else {
            return Err(Error::Resume(format!(
                "{run} was trained on other data than there is now; begin a new study without --resume"
            )));
        };
        // The process may have ended between the two.
        folder.remove_folder(CHECKPOINTS)?;
        let model = load_weights(&folder, self.init(run))?;
        tell!("{run}: trained before, {} epochs", history.last());
        Ok(Some((model, history, saved.intervals)))
    }

    fn train(&self, run: Run, losses: &LossFile, resume: bool) -> Result<Trained, Error> {
        let folder = run.folder(&self.artifacts);
        let checkpoints = Checkpoints(folder.folder(CHECKPOINTS));
        let mut history = History::default();
        if resume {
            folder.remove_unfinished()?;
            checkpoints.0.remove_unfinished()?;
            history = checkpoints.last_whole()?;
            losses.keep_until(run, history.last())?;
            tell!("{run}: going on after {} epochs", history.last());
        }
        let (model, dataset) = (self.init(run), self.dataset(run));
        let training = Training {
            run,
            config: &self.config,
            dataset,
            devices: &self.devices,
            losses,
            checkpoints,
            resume: &self.resume,
        };
        let (weights, history) = training.train(model.clone(), history)?;

        let path = folder.path(WEIGHTS);
        let failed = |error: RecordError| Error::data(&path, error.to_string());
        weights.clone().save(&path).map_err(failed)?;
        let model = model.try_load_record(weights).map_err(failed)?;
        let intervals = self.intervals(run, Some(&model))?;
        let saved = Saved::new(run, &self.config, dataset, &intervals);
        folder.write_json(FORECASTER, &saved)?;
        // With it, the training counts as finished.
        folder.write_json(HISTORY, &history)?;
        folder.remove_folder(CHECKPOINTS)?;
        Ok((model, history, intervals))
    }

    fn evaluate(
        &self,
        run: Run,
        model: Option<Forecaster>,
        history: History,
        intervals: Vec<[f64; 2]>,
    ) -> Result<Outcome, Error> {
        let dataset = self.dataset(run);
        let forecasts = self.forecasts(run, model.as_ref(), Part::Test)?;
        let windows = forecasts.iter().enumerate().map(|(index, forecast)| {
            let level = dataset.level(Part::Test, index);
            let first = dataset.samples.first_target(Part::Test, index);
            let undo = |step: usize, shift: f64| {
                let value = forecast[step] + shift;
                dataset.target.undo(level, first + step, value)
            };
            let steps = 0..forecast.len();
            let ends = |step: usize| intervals[step].map(|end| undo(step, end));
            Window {
                forecast: steps.clone().map(|step| undo(step, 0.0)).collect(),
                actual: dataset.actual(Part::Test, index),
                intervals: steps.map(ends).collect(),
            }
        });
        let windows: Vec<_> = windows.collect();
        let scores = Scores::of(windows.iter().enumerate().map(|(index, window)| {
            let series = dataset.level(Part::Test, index);
            Scored {
                actual: &window.actual,
                forecast: &window.forecast,
                intervals: &window.intervals,
                series,
                change: dataset.target.levels[series].change,
            }
        }));
        if ![scores.r2, scores.rmse, scores.mae]
            .iter()
            .all(|score| score.is_finite())
        {
            return Err(Error::Usage(format!(
                "{run}: the scores of the {} forecasts of `{}` are no finite numbers, R² {} and RMSE \
                 {}; a longer series, a lower --depth or another --scaling may help",
                windows.len(),
                dataset.target.name,
                scores.r2,
                scores.rmse
            )));
        }
        let best = history.best();
        let report = RunReport {
            seed: run.seed,
            fold: run.fold + 1,
            scores,
            epochs: history.last(),
            best_epoch: best.map_or(0, |best| best.epoch),
            valid_loss: best.map(|best| best.valid_loss),
            seconds: history.seconds(),
        };
        Ok(Outcome {
            run,
            report,
            parameters: model.map_or(0, |model| model.num_params()),
            history,
            windows,
        })
    }

    /// What is added to the scaled forecasts of a model for the ends of their intervals.
    fn intervals(&self, run: Run, model: Option<&Forecaster>) -> Result<Vec<[f64; 2]>, Error> {
        let dataset = self.dataset(run);
        let mut errors = vec![Vec::new(); self.config.horizon];
        for (index, forecast) in self.forecasts(run, model, Part::Valid)?.iter().enumerate() {
            let known = dataset.actual(Part::Valid, index);
            let actual = dataset.samples.actual(Part::Valid, index);
            for (step, (actual, forecast)) in actual.zip(forecast).enumerate() {
                if !known[step].is_nan() {
                    errors[step].push(actual - forecast);
                }
            }
        }
        Ok(intervals(errors))
    }

    /// The scaled forecasts of a part, `[windows][horizon]`.
    fn forecasts(
        &self,
        run: Run,
        model: Option<&Forecaster>,
        part: Part,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let dataset = self.dataset(run);
        if let Some(model) = model {
            let (model, samples) = (model.valid(), dataset.samples.clone());
            return forecasts(&model, samples, part, self.devices.main());
        }
        let season = match run.model {
            ModelKind::SeasonalNaive => self.config.data.season().unwrap_or(1),
            _ => 1,
        };
        let windows = 0..dataset.samples.count(part);
        Ok(windows
            .map(|index| dataset.repeated(part, index, season))
            .collect())
    }
}

/// The scaled forecasts of a part, `[windows][horizon]`.
pub(crate) fn forecasts(
    model: &Forecaster,
    samples: Arc<Samples>,
    part: Part,
    device: &Device,
) -> Result<Vec<Vec<f64>>, Error> {
    let mut all = Vec::new();
    for batch in SampleLoader::new(samples.clone(), part, FORECAST_BATCH, device).iter() {
        let batch = batch.expect("samples are in memory");
        let values = model.forward(batch.inputs).try_into_data();
        let values = values.map_err(|error| Error::Computation(error.to_string()))?;
        let values: Vec<f64> = values.iter::<f64>().collect();
        all.extend(values.chunks(samples.horizon).map(<[f64]>::to_vec));
    }
    for (index, forecast) in all.iter_mut().enumerate() {
        samples.absolute(part, index, forecast);
    }
    Ok(all)
}
