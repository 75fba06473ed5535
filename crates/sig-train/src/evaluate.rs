//! Scores of forecasts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Scores on a part of the series, in the unit of the target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// `1 − SSE / SST`, both summed over all windows and forecast steps; SST is relative to the mean
    /// of each step over the part, for each series. 1 is perfect, 0 is as good as that mean.
    pub r2: f64,
    /// The root of the mean squared error.
    pub rmse: f64,
    /// The mean absolute error.
    pub mae: f64,
    /// The mean absolute error over the mean absolute change of the training part, over a season or
    /// where there is none over a row (Hyndman and Koehler, 2006), where there is such a change.
    /// Changes from or to a filled value do not count.
    #[serde(default)]
    pub mase: Option<f64>,
    /// The share of the actual values that lie within the intervals.
    #[serde(default)]
    pub coverage: Option<f64>,
}

/// What is forecast of a window, or what came, step by step.
pub(crate) struct Scored<'a> {
    /// NaN where it is not known, which is not scored.
    pub(crate) actual: &'a [f64],
    pub(crate) forecast: &'a [f64],
    /// The ends of the interval of each step; empty if there are none.
    pub(crate) intervals: &'a [[f64; 2]],
    /// Which series it is of.
    pub(crate) series: usize,
    /// The mean absolute change that its errors are compared with.
    pub(crate) change: Option<f64>,
}

impl Scores {
    /// The scores of windows.
    pub(crate) fn of<'a>(windows: impl Iterator<Item = Scored<'a>>) -> Self {
        let mut means: BTreeMap<_, Vec<f64>> = BTreeMap::new();
        let (mut squares, mut count, mut relative, mut within) = (0.0, 0u32, Some(0.0), 0u32);
        let (mut absolutes, mut bounded) = (0.0, false);
        for window in windows {
            bounded |= !window.intervals.is_empty();
            for (step, (&actual, forecast)) in window.actual.iter().zip(window.forecast).enumerate()
            {
                if actual.is_nan() {
                    continue;
                }
                let error = (forecast - actual).abs();
                means.entry((window.series, step)).or_default().push(actual);
                (squares, absolutes) = (squares + error * error, absolutes + error);
                relative = relative
                    .zip(window.change)
                    .map(|(sum, change)| sum + error / change);
                let inside = |[low, high]: &[f64; 2]| (*low..=*high).contains(&actual);
                within += u32::from(window.intervals.get(step).is_some_and(inside));
                count += 1;
            }
        }
        let spread: f64 = means.values().map(|values| spread(values)).sum();
        let count = f64::from(count);
        Self {
            r2: 1.0 - squares / spread,
            rmse: (squares / count).sqrt(),
            mae: absolutes / count,
            mase: relative.map(|sum| sum / count),
            coverage: bounded.then(|| f64::from(within) / count),
        }
    }

    /// The means of scores.
    ///
    /// # Panics
    ///
    /// Panics if there are none.
    pub fn mean(scores: &[Self]) -> Self {
        assert!(!scores.is_empty(), "Scores: a mean needs at least one");
        Self::each(scores, mean)
    }

    /// Their sample standard deviations, if there are two or more.
    pub fn spread(scores: &[Self]) -> Option<Self> {
        let deviation = |values: &[f64]| (spread(values) / (values.len() - 1) as f64).sqrt();
        (scores.len() > 1).then(|| Self::each(scores, deviation))
    }

    fn each(scores: &[Self], of: impl Fn(&[f64]) -> f64) -> Self {
        let all = |value: fn(&Self) -> Option<f64>| {
            let values: Option<Vec<_>> = scores.iter().map(value).collect();
            values.map(|values| of(&values))
        };
        let known = |value: fn(&Self) -> Option<f64>| all(value).unwrap_or(f64::NAN);
        Self {
            r2: known(|score| Some(score.r2)),
            rmse: known(|score| Some(score.rmse)),
            mae: known(|score| Some(score.mae)),
            mase: all(|score| score.mase),
            coverage: all(|score| score.coverage),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sum of the squared differences from the mean.
fn spread(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

/// The share of values that is to lie beyond each end of an interval, which so holds 80 %.
const BEYOND: f64 = 0.1;

/// What is added to a forecast of each step for the ends of its interval: the 10 % and 90 %
/// quantiles of the errors on the validation part, each the order statistic that of as many errors
/// and one more is the first beyond (split conformal prediction, Vovk et al., 2005).
///
/// # Arguments
///
/// - `errors`: what came less the forecast, of each step; those that are NaN are left out.
pub(crate) fn intervals(errors: Vec<Vec<f64>>) -> Vec<[f64; 2]> {
    let of_step = |mut errors: Vec<f64>| {
        errors.retain(|error| !error.is_nan());
        errors.sort_unstable_by(f64::total_cmp);
        let count = errors.len();
        let beyond = ((count + 1) as f64 * BEYOND) as usize;
        let low = beyond.saturating_sub(1);
        match errors.get(low) {
            Some(&least) => [least, errors[count - 1 - low]],
            None => [f64::NEG_INFINITY, f64::INFINITY],
        }
    };
    errors.into_iter().map(of_step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(forecasts: &[[f64; 2]], targets: &[[f64; 2]], series: [usize; 2]) -> Scores {
        let windows = forecasts.iter().zip(targets).zip(series);
        Scores::of(windows.map(|((forecast, actual), series)| Scored {
            actual,
            forecast,
            intervals: &[[0.0, 11.0], [0.0, 11.0]],
            series,
            change: Some(2.0),
        }))
    }

    #[test]
    fn by_hand() {
        let targets = [[0.0, 10.0], [2.0, 14.0]];
        let perfect = scores(&targets, &targets, [0, 0]);
        assert_eq!((perfect.r2, perfect.rmse, perfect.mae), (1.0, 0.0, 0.0));
        // The mean of each step: SSE is SST, 1 + 1 + 4 + 4.
        let mean = scores(&[[1.0, 12.0]; 2], &targets, [0, 0]);
        assert_eq!((mean.r2, mean.rmse, mean.mae), (0.0, 2.5f64.sqrt(), 1.5));
        assert_eq!((mean.mase, mean.coverage), (Some(0.75), Some(0.75)));
        // What is not known is not scored; of one window alone nothing can be said.
        let known = scores(
            &[[1.0, 0.0]; 2],
            &[[0.0, f64::NAN], [2.0, f64::NAN]],
            [0, 0],
        );
        assert_eq!((known.r2, known.mae, known.coverage), (0.0, 1.0, Some(1.0)));
        let alone = scores(&[[1.0, 12.0]; 2], &targets, [0, 1]);
        assert_eq!(alone.r2, f64::NEG_INFINITY);
    }

    #[test]
    fn intervals_hold_four_fifths_of_the_errors() {
        let errors: Vec<f64> = (1..=19).map(f64::from).collect();
        assert_eq!(intervals(vec![errors]), [[2.0, 18.0]]);
        assert_eq!(intervals(vec![vec![3.0, f64::NAN, -1.0]]), [[-1.0, 3.0]]);
        assert_eq!(
            intervals(vec![vec![]]),
            [[f64::NEG_INFINITY, f64::INFINITY]]
        );
    }

    #[test]
    fn means_and_spreads() {
        let scores = [1.0, 2.0, 6.0].map(|value| Scores {
            r2: value,
            rmse: 2.0 * value,
            mae: 0.5,
            mase: Some(value),
            coverage: None,
        });
        let mean = Scores::mean(&scores);
        assert_eq!((mean.r2, mean.rmse, mean.mae), (3.0, 6.0, 0.5));
        assert_eq!((mean.mase, mean.coverage), (Some(3.0), None));
        let spread = Scores::spread(&scores).unwrap();
        assert_eq!((spread.r2, spread.mae), (7f64.sqrt(), 0.0));
        assert_eq!(Scores::spread(&scores[..1]), None);
    }
}
