//! After how many rows a series repeats itself.

/// The least correlation that makes a season.
const LEAST: f64 = 0.3;
/// How close to the best the first lag must come, for twice a season is as good as one.
const NEARLY: f64 = 0.9;
/// The longest season looked for: a week of hours.
const LONGEST: usize = 168;

/// The season of some values: of the lags from 2 to a third of the rows, the first at which the
/// autocorrelation of the differences has a peak that is at least 0.3 and nine tenths of the highest.
pub(super) fn season(values: &[f64]) -> Option<usize> {
    let steps: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = steps.iter().sum::<f64>() / steps.len().max(1) as f64;
    let steps: Vec<f64> = steps.iter().map(|step| step - mean).collect();
    let variance: f64 = steps.iter().map(|step| step * step).sum();
    let correlation = |lag: usize| {
        let pairs = steps.iter().zip(&steps[lag..]);
        pairs.map(|(one, other)| one * other).sum::<f64>() / variance
    };
    let longest = LONGEST.min(values.len() / 3);
    if variance <= 0.0 || longest < 2 {
        return None;
    }
    let all: Vec<f64> = (1..=longest + 1).map(correlation).collect();
    let peaks = (2..=longest).filter(|&lag| {
        let [before, at, after] = [all[lag - 2], all[lag - 1], all[lag]];
        at >= LEAST && at >= before && at >= after
    });
    let peaks: Vec<_> = peaks.collect();
    let best = peaks.iter().map(|&lag| all[lag - 1]).fold(0.0, f64::max);
    peaks.into_iter().find(|&lag| all[lag - 1] >= NEARLY * best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_has_a_season() {
        let months = [2.0, 1.0, 4.0, 3.0, 5.0, 9.0, 9.5, 8.0, 6.0, 4.0, 3.0, 7.0];
        let of_months =
            |row: usize| 3.0 * row as f64 + (1.0 + row as f64 / 60.0) * months[row % 12];
        let values: Vec<_> = (0..144).map(of_months).collect();
        assert_eq!(season(&values), Some(12));
        let line: Vec<_> = (0..99).map(|row| f64::from(row * row)).collect();
        assert_eq!(season(&line), None);
        assert_eq!(season(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), None);
        assert_eq!(season(&[1.0, 2.0]), None);
        assert_eq!(season(&[]), None);
    }
}
