use serde::{Deserialize, Serialize};

use crate::config::TrainingConfig;

/// The outcome of an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EpochRecord {
    /// From 1.
    pub(crate) epoch: usize,
    /// The mean loss of the training steps, in squared standard deviations of the target.
    pub(crate) train_loss: f64,
    /// The mean loss over the validation part, after the epoch.
    pub(crate) valid_loss: f64,
    /// The learning rate during the epoch.
    pub(crate) learning_rate: f64,
    /// Wall-clock time.
    pub(crate) seconds: f64,
}

/// The epochs of a training so far, and what follows from them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct History {
    pub(crate) epochs: Vec<EpochRecord>,
}

impl History {
    /// The number of the last epoch, 0 before the first.
    pub(crate) fn last(&self) -> usize {
        self.epochs.last().map_or(0, |record| record.epoch)
    }

    /// The epoch with the lowest validation loss, the first of equals.
    pub(crate) fn best(&self) -> Option<&EpochRecord> {
        self.best_until(self.last())
    }

    /// The epoch that was the best when `epoch` had ended.
    pub(crate) fn best_until(&self, epoch: usize) -> Option<&EpochRecord> {
        let until = self.epochs.iter().filter(|record| record.epoch <= epoch);
        until.min_by(|a, b| a.valid_loss.total_cmp(&b.valid_loss))
    }

    /// Whether early stopping ends the training: the best epoch is `stop_patience` epochs ago.
    pub(crate) fn stops(&self, config: &TrainingConfig) -> bool {
        self.best()
            .is_some_and(|best| self.last() - best.epoch >= config.stop_patience)
    }

    /// Whether its epochs are numbered from 1 on.
    pub(crate) fn is_sound(&self) -> bool {
        let mut numbers = (1..).zip(&self.epochs);
        numbers.all(|(number, record)| record.epoch == number)
    }

    /// The learning rate of the next epoch: lowered after every `plateau_patience` epochs in a row
    /// without a better validation loss.
    pub(crate) fn learning_rate(&self, config: &TrainingConfig) -> f64 {
        let (mut rate, mut best, mut stale) = (config.learning_rate, f64::INFINITY, 0);
        for record in &self.epochs {
            stale += 1;
            if record.valid_loss < best {
                (best, stale) = (record.valid_loss, 0);
            } else if stale >= config.plateau_patience {
                rate *= config.plateau_factor;
                stale = 0;
            }
        }
        rate
    }

    pub(crate) fn seconds(&self) -> f64 {
        // The sum of nothing would be −0.
        let seconds = self.epochs.iter().map(|record| record.seconds);
        seconds.fold(0.0, |sum, seconds| sum + seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, StudyConfig};

    #[test]
    fn without_epochs_no_time_has_passed() {
        assert!(History::default().seconds().is_sign_positive());
    }

    fn history(losses: &[f64]) -> History {
        let record = |(index, &valid_loss): (usize, &f64)| EpochRecord {
            epoch: index + 1,
            train_loss: 0.0,
            valid_loss,
            learning_rate: 0.1,
            seconds: 2.0,
        };
        History {
            epochs: losses.iter().enumerate().map(record).collect(),
        }
    }

    fn config() -> TrainingConfig {
        StudyConfig::preset(Preset::Study).training
    }

    #[test]
    fn stops_after_so_many_epochs_without_a_better_one() {
        let history = history(&[3.0, 1.0, 1.0, 2.0]);
        let stops = |history: &History, stop_patience| {
            history.stops(&TrainingConfig {
                stop_patience,
                ..config()
            })
        };
        assert_eq!(history.best().unwrap().epoch, 2);
        assert_eq!((stops(&history, 2), stops(&history, 3)), (true, false));
        assert_eq!((history.last(), history.seconds()), (4, 8.0));
        let best_until = |epoch| history.best_until(epoch).map(|best| best.epoch);
        assert_eq!([0, 1, 4].map(best_until), [None, Some(1), Some(2)]);
        assert!(!stops(&History::default(), 0));
    }

    #[test]
    fn the_rate_goes_down_after_patience_and_only_then() {
        let config = TrainingConfig {
            learning_rate: 1.0,
            plateau_factor: 0.5,
            plateau_patience: 2,
            ..config()
        };
        let losses = [3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 1.5, 1.5, 1.5];
        let rates: Vec<_> = (1..=losses.len())
            .map(|last| history(&losses[..last]).learning_rate(&config))
            .collect();
        assert_eq!(rates, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
        assert_eq!(History::default().learning_rate(&config), 1.0);
    }
}
