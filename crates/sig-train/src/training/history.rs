use serde::{Deserialize, Serialize};

/// What an epoch came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EpochRecord {
    /// From 1.
    pub(crate) epoch: usize,
    /// The mean of the training steps' losses, in squared standard deviations of the target.
    pub(crate) train_loss: f64,
    /// The mean over the windows of the validation part, after the epoch.
    pub(crate) valid_loss: f64,
    /// The learning rate during the epoch.
    pub(crate) learning_rate: f64,
    /// Wall-clock time.
    pub(crate) seconds: f64,
}

/// The epochs of a training up to some point, from which early stopping follows.
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
        self.epochs
            .iter()
            .min_by(|a, b| a.valid_loss.total_cmp(&b.valid_loss))
    }

    /// The number of the epoch that was the best when `epoch` had ended.
    pub(crate) fn best_until(&self, epoch: usize) -> Option<usize> {
        let until = self.epochs.iter().filter(|record| record.epoch <= epoch);
        until
            .min_by(|a, b| a.valid_loss.total_cmp(&b.valid_loss))
            .map(|best| best.epoch)
    }

    /// Whether the best epoch is so many epochs ago.
    pub(crate) fn stale(&self, patience: usize) -> bool {
        self.best()
            .is_some_and(|best| self.last() - best.epoch >= patience)
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

    #[test]
    fn stops_after_so_many_epochs_without_a_better_one() {
        let history = history(&[3.0, 1.0, 1.0, 2.0]);
        assert_eq!(history.best().unwrap().epoch, 2);
        assert_eq!((history.stale(2), history.stale(3)), (true, false));
        assert_eq!((history.last(), history.seconds()), (4, 8.0));
        assert_eq!(
            [0, 1, 4].map(|epoch| history.best_until(epoch)),
            [None, Some(1), Some(2)]
        );
        assert!(!History::default().stale(0));
    }
}
