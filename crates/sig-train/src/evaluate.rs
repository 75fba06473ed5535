//! Scores of forecasts.

use serde::{Deserialize, Serialize};

/// Scores on a part of the series, in standard deviations of the target on the training part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// `1 − SSE / SST`, both summed over all windows and forecast steps; SST is relative to the mean
    /// of each step over the part. 1 is perfect, 0 is as good as that mean.
    pub r2: f64,
    /// The root of the mean squared error.
    pub rmse: f64,
    /// The mean absolute error.
    pub mae: f64,
}

impl Scores {
    /// The scores of forecasts against actual values, both `[windows][horizon]`.
    ///
    /// # Panics
    ///
    /// Panics if there are no windows or the two differ in size.
    pub fn of(forecasts: &[Vec<f64>], targets: &[Vec<f64>]) -> Self {
        assert_eq!(
            forecasts.len(),
            targets.len(),
            "Scores: as many forecasts as targets"
        );
        let horizon = targets[0].len();
        let windows = targets.len() as f64;
        let step_mean =
            |step: usize| targets.iter().map(|target| target[step]).sum::<f64>() / windows;
        let means: Vec<_> = (0..horizon).map(step_mean).collect();
        let (mut squares, mut absolutes, mut spread) = (0.0, 0.0, 0.0);
        for (forecast, target) in forecasts.iter().zip(targets) {
            assert_eq!(
                forecast.len(),
                horizon,
                "Scores: every forecast has {horizon} steps"
            );
            for ((forecast, target), mean) in forecast.iter().zip(target).zip(&means) {
                squares += (forecast - target).powi(2);
                absolutes += (forecast - target).abs();
                spread += (target - mean).powi(2);
            }
        }
        let count = windows * horizon as f64;
        Self {
            r2: 1.0 - squares / spread,
            rmse: (squares / count).sqrt(),
            mae: absolutes / count,
        }
    }

    /// The means of scores.
    ///
    /// # Panics
    ///
    /// Panics if there are none.
    pub fn mean(scores: &[Self]) -> Self {
        assert!(!scores.is_empty(), "Scores: a mean needs at least one");
        Self::each(|value| {
            let sum: f64 = scores.iter().map(value).sum();
            sum / scores.len() as f64
        })
    }

    /// Their sample standard deviations, if there are two or more.
    pub fn spread(scores: &[Self]) -> Option<Self> {
        let count = scores.len();
        (count > 1).then(|| {
            let mean = Self::mean(scores);
            Self::each(|value| {
                let square = |score| (value(score) - value(&mean)).powi(2);
                let sum: f64 = scores.iter().map(square).sum();
                (sum / (count - 1) as f64).sqrt()
            })
        })
    }

    fn each(of: impl Fn(&dyn Fn(&Self) -> f64) -> f64) -> Self {
        Self {
            r2: of(&|score| score.r2),
            rmse: of(&|score| score.rmse),
            mae: of(&|score| score.mae),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let targets = [vec![0.0, 10.0], vec![2.0, 14.0]];
        let perfect = Scores::of(&targets, &targets);
        assert_eq!((perfect.r2, perfect.rmse, perfect.mae), (1.0, 0.0, 0.0));
        // The mean of each step: SSE is SST, 1 + 1 + 4 + 4.
        let mean = Scores::of(&[vec![1.0, 12.0], vec![1.0, 12.0]], &targets);
        assert_eq!((mean.r2, mean.rmse, mean.mae), (0.0, 2.5f64.sqrt(), 1.5));
    }

    #[test]
    fn means_and_spreads() {
        let scores = [1.0, 2.0, 6.0].map(|value| Scores {
            r2: value,
            rmse: 2.0 * value,
            mae: 0.5,
        });
        let mean = Scores::mean(&scores);
        assert_eq!((mean.r2, mean.rmse, mean.mae), (3.0, 6.0, 0.5));
        let spread = Scores::spread(&scores).unwrap();
        assert_eq!((spread.r2, spread.mae), (7f64.sqrt(), 0.0));
        assert_eq!(Scores::spread(&scores[..1]), None);
    }
}
