use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use burn::train::checkpoint::{CheckpointerError, CheckpointingAction, CheckpointingStrategy};
use burn::train::logger::MetricLogger;
use burn::train::metric::store::{Aggregate, EpochSummary, EventStoreClient, MetricsUpdate, Split};
use burn::train::metric::{LossMetric, Metric, MetricDefinition, MetricId, NumericEntry};
use burn::train::{EarlyStoppingStrategy, Interrupter};

use super::checkpoints::{MODEL, history_name};
use super::{Checkpoints, EpochRecord, History, LossFile, Run};
use crate::config::StudyConfig;
use crate::interrupt;

/// Epochs whose checkpoints are kept: one that is being written, one to go on from after a kill,
/// and one in case its files are damaged.
const KEPT: usize = 3;

/// A training in progress. Burn sees it as four things: the logger of the losses, the learning
/// rate, and at the end of each epoch the checkpointing strategy and then early stopping.
#[derive(Clone)]
pub(super) struct Progress(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) run: Run,
    pub(super) config: StudyConfig,
    /// Devices that share each training step, which logs one loss per device.
    pub(super) parts: usize,
    pub(super) losses: LossFile,
    pub(super) checkpoints: Checkpoints,
    pub(super) interrupter: Interrupter,
    /// What the user asks of the dashboard; nothing without a terminal.
    pub(super) dashboard: Option<Interrupter>,
    pub(super) history: History,
    /// The losses of the epoch, of training and validation.
    pub(super) entries: [Vec<NumericEntry>; 2],
    /// When the epoch began.
    pub(super) began: Instant,
}

impl Progress {
    pub(super) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn history(&self) -> History {
        self.lock().history.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder of the state panics")
    }
}

impl LrScheduler for Progress {
    fn step(&mut self) -> f64 {
        self.lock().learning_rate()
    }

    fn to_record(&self) -> LrSchedulerRecord {
        LrSchedulerRecord::new().with_scalar("rate", self.lock().learning_rate())
    }

    /// The rate follows from the history.
    fn load_record(&mut self, _record: LrSchedulerRecord) {}
}

impl MetricLogger for Progress {
    fn log(&mut self, update: MetricsUpdate, _epoch: usize, split: &Split) {
        let mut state = self.lock();
        state.listen();
        let loss = MetricId::new(LossMetric::new().name());
        let updates = update.entries_numeric.into_iter();
        let losses = updates.filter(|it| it.entry.metric_id == loss);
        let losses = losses.filter_map(|it| it.numeric_entry);
        state.entries(split).extend(losses);
    }

    /// The losses of the epoch are all that is kept.
    fn read_numeric(
        &mut self,
        _name: &str,
        _epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        Ok(self.lock().entries(split).clone())
    }

    fn log_metric_definition(&mut self, _definition: MetricDefinition) {}

    fn log_epoch_summary(&mut self, _summary: EpochSummary) {}
}

impl CheckpointingStrategy for Progress {
    fn checkpointing(
        &mut self,
        epoch: usize,
        store: &EventStoreClient,
    ) -> Vec<CheckpointingAction> {
        let name = LossMetric::new().name();
        let loss = |split| store.find_metric(&name, epoch, Aggregate::Mean, &split);
        let losses = [loss(Split::Train), loss(Split::Valid)];
        let mut state = self.lock();
        state.end_epoch(epoch, losses).unwrap_or_else(|reason| {
            state
                .interrupter
                .fail(CheckpointerError::Unknown(reason.to_string()));
            Vec::new()
        })
    }
}

impl EarlyStoppingStrategy for Progress {
    fn should_stop(&mut self, _epoch: usize, _store: &EventStoreClient) -> bool {
        let state = self.lock();
        state.interrupter.should_stop() || state.history.stops(&state.config.training)
    }
}

impl State {
    fn learning_rate(&self) -> f64 {
        self.history.learning_rate(&self.config.training)
    }

    fn entries(&mut self, split: &Split) -> &mut Vec<NumericEntry> {
        &mut self.entries[usize::from(*split != Split::Train)]
    }

    /// Stops the training if the user wants it.
    fn listen(&self) {
        let mut asked = interrupt::asked();
        if let Some(dashboard) = &self.dashboard {
            interrupt::keep_ctrl_c();
            asked |= dashboard.should_stop();
        }
        if asked {
            self.interrupter.stop(Some("asked by the user"));
        }
    }

    /// Files are written and removed in an order in which a kill at any moment does no harm: the
    /// losses, the history, then by Burn the records; at last, also by Burn, what is no longer
    /// needed is removed.
    fn end_epoch(
        &mut self,
        epoch: usize,
        losses: [Option<f64>; 2],
    ) -> Result<Vec<CheckpointingAction>, Box<dyn Error>> {
        let [Some(train_loss), Some(valid_loss)] =
            losses.map(|loss| loss.filter(|x| x.is_finite()))
        else {
            return Err(self.not_finite(epoch, losses).into());
        };
        let [steps, _] = std::mem::take(&mut self.entries);
        let record = EpochRecord {
            epoch,
            train_loss,
            valid_loss,
            learning_rate: self.learning_rate(),
            seconds: self.began.elapsed().as_secs_f64(),
        };
        self.history.epochs.push(record.clone());
        self.began = Instant::now();
        let steps = step_losses(&steps, self.parts);
        self.losses.append(self.run, epoch, &steps)?;
        let folder = &self.checkpoints.0;
        folder.write_json(&history_name(epoch), &self.history)?;
        if self.dashboard.is_none() {
            self.print(&record);
        }

        let kept = (epoch + 1).saturating_sub(KEPT)..=epoch;
        let history = &self.history;
        let best = kept.clone().filter_map(|last| history.best_until(last));
        let needed: Vec<_> = kept.chain(best.map(|best| best.epoch)).collect();
        let mut actions = vec![CheckpointingAction::Save];
        let old = self.checkpoints.epochs()?;
        for old in old.into_iter().filter(|old| !needed.contains(old)) {
            folder.remove(&history_name(old))?;
            actions.push(CheckpointingAction::Delete(old));
        }
        Ok(actions)
    }

    /// What happened, what to try, and where the weights of the last finite epoch are: its
    /// checkpoint stays.
    fn not_finite(&self, epoch: usize, losses: [Option<f64>; 2]) -> String {
        let [train, valid] = losses.map(|loss| loss.map_or("none".into(), |x| x.to_string()));
        let depth = match self.run.model.has_signature() {
            true => "a lower --depth, ",
            false => "",
        };
        let kept = match self.history.last() {
            0 => String::new(),
            last => {
                let file = self.checkpoints.recorder(MODEL).path(last);
                format!(
                    "; the weights of epoch {last} are kept in {}",
                    file.display()
                )
            }
        };
        format!(
            "epoch {epoch}: the losses are {train} and {valid}; try {depth}another scaling of the data \
             or a --learning-rate below {}{kept}",
            self.learning_rate()
        )
    }

    fn print(&self, last: &EpochRecord) {
        let (epochs, seconds) = (self.config.epochs, self.history.seconds());
        let left = (epochs - last.epoch) as f64 * seconds / last.epoch as f64;
        let number = match self.run.number {
            (_, 1) => String::new(),
            (number, all) => format!("{number}/{all} "),
        };
        tell!(
            "{number}{:<8} epoch {:>3}/{epochs}  train {:.5}  valid {:.5}  lr {:.1e}  \
             {seconds:.0} s, at most {left:.0} s to go for this model",
            self.run.to_string(),
            last.epoch,
            last.train_loss,
            last.valid_loss,
            last.learning_rate,
        );
    }
}

/// The mean loss of each training step, from the entries of its parts: the mean of a part and its
/// windows.
fn step_losses(entries: &[NumericEntry], parts: usize) -> Vec<f64> {
    let part = |entry: &NumericEntry| match *entry {
        NumericEntry::Value(loss) => Some((loss, 1.0)),
        NumericEntry::Aggregated {
            aggregated_value,
            count,
        } => Some((aggregated_value, count as f64)),
        // The mean of the epoch.
        NumericEntry::Final(_) => None,
    };
    let all: Vec<_> = entries.iter().filter_map(part).collect();
    let mean = |parts: &[(f64, f64)]| match *parts {
        [(loss, _)] => loss,
        _ => {
            let windows: f64 = parts.iter().map(|part| part.1).sum();
            parts.iter().map(|part| part.0 * part.1).sum::<f64>() / windows
        }
    };
    all.chunks(parts).map(mean).collect()
}
