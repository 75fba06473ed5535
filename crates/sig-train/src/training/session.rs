use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

use burn::grad_clipping::GradientClippingConfig;
use burn::optim::AdamWConfig;
use burn::store::ModuleRecord;
use burn::train::metric::{LearningRateMetric, LossMetric};
use burn::train::renderer::default_renderer;
use burn::train::{Interrupter, Learner, SupervisedTraining};

use super::checkpoints::Checkpoints;
use super::epoch_end::{EpochEnd, State};
use super::loss_log::{LossFile, LossLog};
use super::plateau::Plateau;
use super::renderer::Silent;
use super::{History, Run};
use crate::Error;
use crate::artifacts::Artifacts;
use crate::config::StudyConfig;
use crate::data::{Dataset, Part, WindowLoader};
use crate::devices::Devices;
use crate::interrupt::{Stoppable, through_the_dashboard};
use crate::model::Forecaster;

/// Windows a validation step; the result does not depend on it.
const VALID_BATCH: usize = 512;

/// A training that has ended.
pub(crate) struct Trained {
    /// The weights of the epoch with the lowest validation loss.
    pub(crate) weights: ModuleRecord,
    /// All its epochs.
    pub(crate) history: History,
}

/// What the trainings of a study have in common.
pub(crate) struct Session<'a> {
    pub(crate) config: &'a StudyConfig,
    pub(crate) losses: &'a LossFile,
    pub(crate) devices: &'a Devices,
}

/// The epochs that a training has behind it, up to its last whole checkpoint.
///
/// # Errors
///
/// Names the damaged file if there are checkpoints and none is whole.
pub(crate) fn resumable(folder: &Artifacts) -> Result<History, Error> {
    let warn = |error: &Error| eprintln!("{error}; trying the checkpoint before");
    Ok(Checkpoints::new(folder.clone())
        .last_whole(warn)?
        .unwrap_or_default())
}

impl Session<'_> {
    /// Trains a model until its epochs are over or early stopping ends it, from where `history`
    /// ends.
    ///
    /// # Errors
    ///
    /// Says why the training failed, or that the user stopped it.
    pub(crate) fn train(
        &self,
        run: Run,
        dataset: &Dataset,
        model: Forecaster,
        folder: &Artifacts,
        history: History,
    ) -> Result<Trained, Error> {
        let checkpoints = Checkpoints::new(folder.clone());
        checkpoints.create()?;
        let history = match self.is_over(&history) {
            true => history,
            false => self.go_on(run, dataset, model, &checkpoints, history)?,
        };
        if let Some(reason) = checkpoints.failure() {
            return Err(Error::Training {
                model: run.to_string(),
                reason,
            });
        }
        if !self.is_over(&history) {
            return Err(Error::Stopped {
                model: run.to_string(),
                epoch: history.last(),
            });
        }
        let best = history
            .best()
            .expect("a training that is over has epochs")
            .epoch;
        Ok(Trained {
            weights: checkpoints.weights(best)?,
            history,
        })
    }

    fn is_over(&self, history: &History) -> bool {
        history.last() >= self.config.epochs || history.stale(self.config.training.stop_patience)
    }

    fn go_on(
        &self,
        run: Run,
        dataset: &Dataset,
        model: Forecaster,
        checkpoints: &Checkpoints,
        history: History,
    ) -> Result<History, Error> {
        let StudyConfig {
            epochs,
            batch_size,
            ref training,
            ..
        } = *self.config;
        let done = history.last();
        let dashboard = cfg!(feature = "tui") && std::io::stdout().is_terminal();
        let interrupter = Interrupter::new();
        let plateau = Plateau::new(training);
        let log = LossLog::new(self.devices.count());
        let epoch_end = EpochEnd::new(State {
            run,
            epochs,
            stop_patience: training.stop_patience,
            history,
            plateau: plateau.clone(),
            log: log.clone(),
            losses: self.losses.clone(),
            stored: checkpoints.epochs()?,
            checkpoints: checkpoints.clone(),
            interrupter: interrupter.clone(),
            plain: !dashboard,
            began: Instant::now(),
        });

        let loader = |part, size| {
            WindowLoader::new(dataset.windows.clone(), part, size, self.devices.main())
        };
        let train = loader(Part::Train, batch_size).shuffled(run.seed, done + 1);
        train.check_parts(self.devices.count())?;
        let valid = loader(Part::Valid, VALID_BATCH);
        let optimizer = AdamWConfig::new()
            .with_weight_decay(training.weight_decay[&run.model])
            .with_grad_clipping(Some(GradientClippingConfig::Norm(training.gradient_norm)));
        let learner = Learner::new(model, optimizer.init(), plateau);

        let renderer = match dashboard {
            true => default_renderer(interrupter.clone(), (done > 0).then_some(done)),
            false => Box::new(Silent),
        };
        if dashboard {
            through_the_dashboard();
        }
        let stoppable = Stoppable::new(interrupter.clone());
        let mut supervised =
            SupervisedTraining::new(checkpoints.path(), Arc::new(train), Arc::new(valid))
                .with_application_logger(None)
                .with_metric_logger(log)
                .with_interrupter(interrupter)
                .renderer(renderer)
                .metric_train_numeric(LossMetric::new())
                .metric_valid_numeric(LossMetric::new())
                .metric_train_numeric(LearningRateMetric::new())
                .with_custom_checkpointers(
                    checkpoints.model(),
                    checkpoints.optimizer(),
                    checkpoints.scheduler(),
                )
                .with_checkpointing_strategy(epoch_end.clone())
                .early_stopping(epoch_end.clone())
                .with_training_strategy(self.devices.strategy().into())
                .label(&run.to_string())
                .num_epochs(epochs);
        if done > 0 {
            supervised = supervised.checkpoint(done);
        }
        let failure = self.devices.guard(|| {
            let result = supervised.launch(learner);
            // The dashboard gives the terminal back when it is dropped.
            drop(result.renderer);
            result.error.map(|error| error.to_string())
        });
        drop(stoppable);
        let Some(reason) = failure else {
            return Ok(epoch_end.history());
        };
        if let Some(servers) = self.devices.lost(checkpoints.failure().is_some()) {
            return Err(Error::Lost {
                model: run.to_string(),
                servers,
                reason: reason.split_whitespace().collect::<Vec<_>>().join(" "),
            });
        }
        checkpoints.fail(reason);
        Ok(epoch_end.history())
    }
}
