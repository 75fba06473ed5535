use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use burn::store::ModuleRecord;
use burn::train::LearnerSummary;
use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::MetricDefinition;
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
    MetricsRendererTraining,
};

use crate::Error;

/// Shows a training as one line on the standard error: the name of the model, the epoch and the
/// validation loss. A terminal sees it after each epoch, a file or pipe after the last one.
#[derive(Clone, Debug)]
pub struct EpochLine {
    name: String,
    loss: f64,
    epoch: usize,
    epochs: usize,
}

impl EpochLine {
    /// The line of a model of this name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            loss: f64::NAN,
            epoch: 0,
            epochs: 0,
        }
    }
}

impl fmt::Display for EpochLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, loss) = (&self.name, self.loss);
        let (epoch, epochs) = (self.epoch, self.epochs);
        write!(
            f,
            "{name:<8} epoch {epoch:>3}/{epochs}  validation loss {loss:.4}"
        )
    }
}

impl MetricsRendererTraining for EpochLine {
    fn update_train(&mut self, _state: MetricState) {}

    fn update_valid(&mut self, state: MetricState) {
        if let MetricState::Numeric(_, Some(entry)) = state {
            self.loss = entry.current();
        }
    }
}

impl TrainingProgressLogger for EpochLine {
    fn start(&mut self, epochs: usize, _: usize, _: Option<usize>, _: Option<&str>) {
        self.epochs = epochs;
    }

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        if io::stderr().is_terminal() {
            let _ = write!(io::stderr(), "\r{self} ");
        }
    }

    fn start_split(&mut self, _split: &str, _total_items: usize) {}
    fn update_split(&mut self, _items_processed: usize) {}
    fn end_split(&mut self) {}

    fn end(&mut self) {
        let early = match self.epoch < self.epochs {
            true => ", stopped early",
            false => "",
        };
        let start = match io::stderr().is_terminal() {
            true => "\r",
            false => "",
        };
        tell!("{start}{self}{early}");
    }

    fn log_event_training(&mut self, _event: String) {}
}

/// The weights of the epoch with the lowest validation loss, from the folder of a training with
/// Burn's `SupervisedTraining` that registered a `LossMetric` and the default checkpointers.
///
/// # Errors
///
/// Says what the folder lacks.
pub fn best_weights(folder: &Path) -> Result<ModuleRecord, Error> {
    let fail = |reason: String| Error::data(folder, reason);
    let summary = LearnerSummary::new(folder, &["Loss"]).map_err(fail)?;
    let losses = summary
        .metrics
        .valid
        .iter()
        .flat_map(|metric| &metric.entries);
    let best = losses.min_by(|a, b| a.value.total_cmp(&b.value));
    let best = best.ok_or_else(|| fail("no validation losses".into()))?;
    let file = folder.join(format!("checkpoint/model-{}.bpk", best.step));
    ModuleRecord::load(&file).map_err(|error| Error::data(&file, error.to_string()))
}

/// Shows nothing. Without a terminal, [`Progress`](super::progress::Progress) prints one line per
/// epoch; Burn's own plain renderer prints one per batch.
pub(crate) struct Silent;

impl MetricsRendererTraining for Silent {
    fn update_train(&mut self, _state: MetricState) {}
    fn update_valid(&mut self, _state: MetricState) {}
}

impl TrainingProgressLogger for Silent {
    fn start(&mut self, _: usize, _: usize, _: Option<usize>, _: Option<&str>) {}
    fn update_epoch(&mut self, _epoch: usize) {}
    fn start_split(&mut self, _split: &str, _total_items: usize) {}
    fn update_split(&mut self, _items_processed: usize) {}
    fn end_split(&mut self) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _event: String) {}
}

/// What Burn asks of a renderer beside the training: nothing is shown of it.
macro_rules! shows_training_alone {
    ($renderer:ty) => {
        impl MetricsRendererEvaluation for $renderer {
            fn update_test(&mut self, _name: EvaluationName, _state: MetricState) {}
        }

        impl EvaluationProgressLogger for $renderer {
            fn start_global_progress(&mut self, _total_tests: usize) {}
            fn start_test(&mut self, _name: &str, _total_items: usize) {}
            fn update_test_progress(&mut self, _items_processed: usize) {}
            fn end_test(&mut self) {}
            fn end_global_progress(&mut self) {}
            fn log_event_evaluation(&mut self, _event: String) {}
        }

        impl MetricsRenderer for $renderer {
            fn manual_close(&mut self) {}
            fn register_metric(&mut self, _definition: MetricDefinition) {}
        }
    };
}
shows_training_alone!(EpochLine);
shows_training_alone!(Silent);
