use std::sync::{Arc, Mutex};
use std::time::Instant;

use burn::train::checkpoint::{CheckpointerError, CheckpointingAction, CheckpointingStrategy};
use burn::train::metric::store::{Aggregate, EventStoreClient, Split};
use burn::train::{EarlyStoppingStrategy, Interrupter};

use super::checkpoints::Checkpoints;
use super::loss_log::{LOSS, LossFile, LossLog};
use super::plateau::Plateau;
use super::{EpochRecord, History, Run};
use crate::Error;

/// What happens between two epochs, in the order in which a kill at any moment does no harm: the
/// losses are added to their file, the learning rate takes note, the history is written, Burn
/// writes its records, and only then what is no longer needed is deleted.
///
/// Burn asks for the checkpointing actions first and for early stopping then, so this is both.
#[derive(Clone)]
pub(crate) struct EpochEnd(Arc<Mutex<State>>);

pub(crate) struct State {
    pub(crate) run: Run,
    pub(crate) epochs: usize,
    pub(crate) stop_patience: usize,
    pub(crate) history: History,
    pub(crate) plateau: Plateau,
    pub(crate) log: LossLog,
    pub(crate) losses: LossFile,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) interrupter: Interrupter,
    /// Whether to print a line an epoch.
    pub(crate) plain: bool,
    /// When the epoch began.
    pub(crate) began: Instant,
    /// Epochs whose records are on the disk.
    pub(crate) stored: Vec<usize>,
}

impl EpochEnd {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn history(&self) -> History {
        self.lock().history.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("no holder of the state panics")
    }
}

impl CheckpointingStrategy for EpochEnd {
    fn checkpointing(
        &mut self,
        epoch: usize,
        store: &EventStoreClient,
    ) -> Vec<CheckpointingAction> {
        let mut state = self.lock();
        let loss = |split| store.find_metric(LOSS, epoch, Aggregate::Mean, &split);
        let losses = (loss(Split::Train), loss(Split::Valid));
        let outcome = match losses {
            (Some(train), Some(valid)) if train.is_finite() && valid.is_finite() => {
                state.finish(epoch, train, valid)
            }
            (train, valid) => {
                let show = |loss: Option<f64>| loss.map_or("none".into(), |loss| loss.to_string());
                let losses = (show(train), show(valid));
                Err(format!(
                    "epoch {epoch}: the losses are {} and {}",
                    losses.0, losses.1
                ))
            }
        };
        outcome.unwrap_or_else(|reason| {
            state.checkpoints.fail(reason.clone());
            state.interrupter.fail(CheckpointerError::Unknown(reason));
            Vec::new()
        })
    }
}

impl EarlyStoppingStrategy for EpochEnd {
    fn should_stop(&mut self, _epoch: usize, _store: &EventStoreClient) -> bool {
        let state = self.lock();
        state.interrupter.should_stop() || state.history.stale(state.stop_patience)
    }
}

impl State {
    fn finish(
        &mut self,
        epoch: usize,
        train_loss: f64,
        valid_loss: f64,
    ) -> Result<Vec<CheckpointingAction>, String> {
        self.history.epochs.push(EpochRecord {
            epoch,
            train_loss,
            valid_loss,
            learning_rate: self.plateau.rate(),
            seconds: self.began.elapsed().as_secs_f64(),
        });
        self.began = Instant::now();
        self.plateau.report(valid_loss);
        let told = |error: Error| error.to_string();
        self.losses
            .append(self.run, epoch, &self.log.take_steps(epoch))
            .map_err(told)?;
        self.checkpoints.save_history(&self.history).map_err(told)?;
        self.print();

        // A kill may leave this epoch incomplete, and a disk may damage the one before, so the last
        // three stay, and with each the one that was the best then.
        let kept: Vec<_> = (epoch.saturating_sub(2)..=epoch)
            .flat_map(|last| [Some(last), self.history.best_until(last)])
            .collect();
        let (keep, drop): (Vec<_>, Vec<_>) = self
            .stored
            .drain(..)
            .partition(|&old| kept.contains(&Some(old)));
        self.stored = keep;
        self.stored.retain(|&old| old != epoch);
        self.stored.push(epoch);
        let mut actions = vec![CheckpointingAction::Save];
        for old in drop {
            self.checkpoints.delete_history(old).map_err(told)?;
            actions.push(CheckpointingAction::Delete(old));
        }
        Ok(actions)
    }

    fn print(&self) {
        let Some(last) = self.history.epochs.last().filter(|_| self.plain) else {
            return;
        };
        let left = (self.epochs - last.epoch) as f64 * self.history.seconds() / last.epoch as f64;
        let number = match self.run.number {
            (_, 1) => String::new(),
            (number, all) => format!("{number}/{all} "),
        };
        eprintln!(
            "{number}{:<8} epoch {:>3}/{}  train {:.5}  valid {:.5}  lr {:.1e}  {:.0} s, at most {left:.0} s to go",
            self.run.to_string(),
            last.epoch,
            self.epochs,
            last.train_loss,
            last.valid_loss,
            last.learning_rate,
            self.history.seconds(),
        );
    }
}
