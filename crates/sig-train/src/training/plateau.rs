use std::sync::{Arc, Mutex};

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};

use crate::config::TrainingConfig;

/// A learning rate that goes down when the validation loss does not.
///
/// Burn's schedulers step without a metric, so this one has two handles on one state: the training
/// loop reads the rate, and the end of each epoch [reports](Self::report) the loss.
#[derive(Clone, Debug)]
pub(crate) struct Plateau {
    factor: f64,
    patience: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    rate: f64,
    best: f64,
    stale: usize,
}

impl Plateau {
    pub(crate) fn new(config: &TrainingConfig) -> Self {
        let state = State {
            rate: config.learning_rate,
            best: f64::INFINITY,
            stale: 0,
        };
        Self {
            factor: config.plateau_factor,
            patience: config.plateau_patience,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The current learning rate.
    pub(crate) fn rate(&self) -> f64 {
        self.with(|state| state.rate)
    }

    /// Takes note of the loss of an epoch, and lowers the rate if there have now been `patience`
    /// epochs in a row without a better one.
    pub(crate) fn report(&self, loss: f64) {
        self.with(|state| {
            if loss < state.best {
                (state.best, state.stale) = (loss, 0);
                return;
            }
            state.stale += 1;
            if state.stale >= self.patience {
                state.rate *= self.factor;
                state.stale = 0;
            }
        });
    }

    fn with<T>(&self, action: impl FnOnce(&mut State) -> T) -> T {
        action(&mut self.state.lock().expect("no holder of the state panics"))
    }
}

impl LrScheduler for Plateau {
    fn step(&mut self) -> f64 {
        self.rate()
    }

    fn to_record(&self) -> LrSchedulerRecord {
        let state = self.with(|state| *state);
        LrSchedulerRecord::new()
            .with_scalar("rate", state.rate)
            .with_scalar("best", state.best)
            .with_scalar("stale", state.stale)
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        let loaded = (
            record.scalar("rate"),
            record.scalar("best"),
            record.scalar("stale"),
        );
        if let (Some(rate), Some(best), Some(stale)) = loaded {
            self.with(|state| *state = State { rate, best, stale });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, StudyConfig};

    fn plateau() -> Plateau {
        let config = StudyConfig::preset(Preset::Study).training;
        Plateau::new(&TrainingConfig {
            learning_rate: 1.0,
            plateau_factor: 0.5,
            plateau_patience: 2,
            ..config
        })
    }

    #[test]
    fn goes_down_after_patience_and_only_then() {
        let mut plateau = plateau();
        let rates = [3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 1.5, 1.5, 1.5].map(|loss| {
            plateau.report(loss);
            plateau.step()
        });
        assert_eq!(rates, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
    }

    #[test]
    fn goes_on_from_its_record() {
        let (one, mut other) = (plateau(), plateau());
        one.report(3.0);
        one.report(4.0);
        let bytes = one.to_record().into_bytes().unwrap();
        other.load_record(LrSchedulerRecord::from_bytes(bytes).unwrap());
        other.report(5.0);
        assert_eq!(other.rate(), 0.5);
        other.report(2.0);
        other.report(2.5);
        assert_eq!(other.rate(), 0.5);
    }
}
