//! One training of one model, by Burn's [`SupervisedTraining`]: AdamW, a learning rate that goes
//! down on a plateau, early stopping, and checkpoints to resume from.
//!
//! Everything that a training remembers from epoch to epoch is in its [`History`]; learning rate,
//! early stopping and the best epoch follow from it. So a resumed training reads the history and
//! Burn's records of one epoch, and then goes the same way as an uninterrupted one.

mod checkpoints;
mod history;
mod losses;
mod progress;
mod renderer;
mod run;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

use burn::grad_clipping::GradientClippingConfig;
use burn::optim::AdamWConfig;
use burn::store::ModuleRecord;
use burn::train::checkpoint::CheckpointerError;
use burn::train::metric::{LearningRateMetric, LossMetric};
use burn::train::renderer::default_renderer;
use burn::train::{Interrupter, Learner, SupervisedTraining, TrainingError};

pub(crate) use checkpoints::{Checkpoints, read_record};
pub(crate) use history::{EpochRecord, History};
pub(crate) use losses::LossFile;
pub use renderer::{EpochLine, best_weights};
pub(crate) use run::Run;

use sig_data::Folder;

use crate::config::StudyConfig;
use crate::data::{Dataset, Part, SampleLoader};
use crate::devices::Devices;
use crate::model::Forecaster;
use crate::{Error, interrupt};
use checkpoints::{MODEL, OPTIMIZER, SCHEDULER};
use progress::{Progress, State};
use renderer::Silent;

/// Windows that are forecast at once; results do not depend on it.
pub(crate) const FORECAST_BATCH: usize = 512;

/// A training and where it takes place.
pub(crate) struct Training<'a> {
    pub(crate) run: Run,
    pub(crate) config: &'a StudyConfig,
    pub(crate) dataset: &'a Dataset,
    pub(crate) devices: &'a Devices,
    pub(crate) losses: &'a LossFile,
    pub(crate) checkpoints: Checkpoints,
    /// The options that resume the study.
    pub(crate) resume: &'a str,
}

impl Training<'_> {
    /// Trains a model from where `history` ends, until the last epoch or until early stopping.
    ///
    /// # Returns
    ///
    /// The weights of the epoch with the lowest validation loss, and the history.
    ///
    /// # Errors
    ///
    /// Says why the training failed, or that the user stopped it.
    pub(crate) fn train(
        &self,
        model: Forecaster,
        mut history: History,
    ) -> Result<(ModuleRecord, History), Error> {
        if !self.is_over(&history) {
            history = self.launch(model, history)?;
        }
        let best = history.best().filter(|_| self.is_over(&history));
        let best = best.ok_or_else(|| Error::Stopped {
            model: self.run.to_string(),
            epoch: history.last(),
            options: self.resume.into(),
        })?;
        let weights = self.checkpoints.recorder(MODEL).read(best.epoch)?;
        Ok((weights, history))
    }

    fn is_over(&self, history: &History) -> bool {
        history.last() >= self.config.epochs || history.stops(&self.config.training)
    }

    fn launch(&self, model: Forecaster, history: History) -> Result<History, Error> {
        let (run, config, checkpoints) = (self.run, self.config, &self.checkpoints);
        Folder::create(checkpoints.0.root())?;
        let done = history.last();
        let loader = |part, size| {
            SampleLoader::new(
                self.dataset.samples.clone(),
                part,
                size,
                self.devices.main(),
            )
        };
        let train = loader(Part::Train, config.batch_size).shuffled(run.seed, done + 1);
        train.check_parts(self.devices.count())?;
        let valid = loader(Part::Valid, FORECAST_BATCH);

        // Burn's dashboard forgets the error of a training when it ends, so it gets an interrupter
        // of its own, which `Progress` listens to.
        let (interrupter, dashboard) = (Interrupter::new(), Interrupter::new());
        let shown = cfg!(feature = "tui") && std::io::stdout().is_terminal();
        let progress = Progress::new(State {
            run,
            config: config.clone(),
            parts: self.devices.count(),
            losses: self.losses.clone(),
            checkpoints: checkpoints.clone(),
            interrupter: interrupter.clone(),
            dashboard: shown.then(|| dashboard.clone()),
            history,
            entries: Default::default(),
            began: Instant::now(),
        });
        let renderer = if shown {
            default_renderer(dashboard, (done > 0).then_some(done))
        } else {
            Box::new(Silent)
        };
        let mut training =
            SupervisedTraining::new(checkpoints.0.root(), Arc::new(train), Arc::new(valid))
                .with_application_logger(None)
                .with_metric_logger(progress.clone())
                .with_interrupter(interrupter)
                .renderer(renderer)
                .metric_train_numeric(LossMetric::new())
                .metric_valid_numeric(LossMetric::new())
                .metric_train_numeric(LearningRateMetric::new())
                .with_custom_checkpointers(
                    checkpoints.recorder(MODEL),
                    checkpoints.recorder(OPTIMIZER),
                    checkpoints.recorder(SCHEDULER),
                )
                .with_checkpointing_strategy(progress.clone())
                .early_stopping(progress.clone())
                .with_training_strategy(self.devices.strategy().into())
                .label(&run.to_string())
                .num_epochs(config.epochs);
        if done > 0 {
            training = training.checkpoint(done);
        }
        let optimizer = AdamWConfig::new()
            .with_weight_decay(config.training.weight_decay(run.model))
            .with_grad_clipping(Some(GradientClippingConfig::Norm(
                config.training.gradient_norm,
            )));
        let learner = Learner::new(model, optimizer.init(), progress.clone());
        let launch = || {
            let result = training.launch(learner);
            // The dashboard gives the terminal back when it is dropped.
            drop(result.renderer);
            result.error
        };
        let (reason, explained) = match interrupt::while_training(|| self.devices.guard(launch)) {
            Ok(None) => return Ok(progress.history()),
            Ok(Some(error)) => match &*error {
                // What `Progress` and the checkpoints say themselves.
                TrainingError::Checkpoint(CheckpointerError::Unknown(reason)) => {
                    (reason.clone(), true)
                }
                error => (error.to_string(), false),
            },
            Err(panic) => (panic, false),
        };
        Err(self.devices.failure(run.to_string(), &reason, explained))
    }
}
