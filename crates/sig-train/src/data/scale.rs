use serde::{Deserialize, Serialize};

/// What brings the channels to the scale of the models: `(value − offset) / width`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scale {
    pub(crate) offset: Vec<f64>,
    pub(crate) width: Vec<f64>,
}

impl Scale {
    /// Mean and standard deviation to 0 and 1. Fitted, as [`range`](Self::range) is, on the
    /// training part alone, so that nothing of what is to be forecast is known beforehand.
    pub(crate) fn standard(rows: &[Vec<f64>]) -> Self {
        let count = rows.len() as f64;
        let over = |value: &dyn Fn(&[f64], usize) -> f64| {
            let sum = |channel| rows.iter().map(|row| value(row, channel)).sum::<f64>();
            (0..rows[0].len())
                .map(|channel| sum(channel) / count)
                .collect::<Vec<_>>()
        };
        let mean = over(&|row, channel| row[channel]);
        let variance = over(&|row, channel| (row[channel] - mean[channel]).powi(2));
        Self::new(rows, mean, variance.into_iter().map(f64::sqrt))
    }

    /// The changes over `steps` rows to a root mean square of 1.
    pub(crate) fn changes(rows: &[Vec<f64>], steps: usize) -> Self {
        let count = rows.len().saturating_sub(steps).max(1) as f64;
        let width = (0..rows[0].len()).map(|channel| {
            let pairs = rows.iter().zip(rows.iter().skip(steps));
            let squares = pairs.map(|(one, next)| (next[channel] - one[channel]).powi(2));
            (squares.sum::<f64>() / count).sqrt()
        });
        Self::new(rows, rows[0].clone(), width)
    }

    /// The least and the greatest value to 0 and 1.
    pub(crate) fn range(rows: &[Vec<f64>]) -> Self {
        let ends = |channel: usize| ends(rows.iter().map(|row| row[channel]));
        let ends = (0..rows[0].len()).map(ends);
        let (low, width): (_, Vec<_>) = ends.map(|(low, high)| (low, high - low)).unzip();
        Self::new(rows, low, width.into_iter())
    }

    /// A channel that does not move keeps its units: it is 0 everywhere once the offset is off. So
    /// does one that moves by no more than the rounding of its values.
    fn new(rows: &[Vec<f64>], offset: Vec<f64>, width: impl Iterator<Item = f64>) -> Self {
        let width = width.enumerate().map(|(channel, width)| {
            let (low, high) = ends(rows.iter().map(|row| row[channel].abs()));
            let rounding = rows.len() as f64 * f64::EPSILON * low.max(high);
            if width > rounding { width } else { 1.0 }
        });
        Self {
            width: width.collect(),
            offset,
        }
    }

    pub(crate) fn apply(&self, row: &[f64]) -> Vec<f64> {
        let scale = self.offset.iter().zip(&self.width);
        row.iter()
            .zip(scale)
            .map(|(value, (offset, width))| (value - offset) / width)
            .collect()
    }

    /// A value of one channel.
    pub(crate) fn apply_to(&self, channel: usize, value: f64) -> f64 {
        (value - self.offset[channel]) / self.width[channel]
    }

    /// Back from the scale of the models.
    pub(crate) fn undo(&self, channel: usize, value: f64) -> f64 {
        value * self.width[channel] + self.offset[channel]
    }
}

/// The least and the greatest of some values.
pub(crate) fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardises_and_comes_back() {
        let rows = vec![vec![1.0, 5.0], vec![3.0, 5.0]];
        let scale = Scale::standard(&rows);
        assert_eq!(scale.apply(&rows[0]), [-1.0, 0.0]);
        assert_eq!(scale.apply(&rows[1]), [1.0, 0.0]);
        assert_eq!(scale.undo(0, 1.0), 3.0);
        assert_eq!(scale.undo(1, 0.0), 5.0);
    }

    #[test]
    fn rounding_is_no_movement() {
        let rows: Vec<_> = (0..34).map(|_| vec![0.1, 0.3]).collect();
        let noise = |row: usize| {
            0.1 + 0.2
                + if row.is_multiple_of(2) {
                    0.0
                } else {
                    -f64::EPSILON / 4.0
                }
        };
        let noisy: Vec<_> = (0..34).map(|row| vec![noise(row)]).collect();
        assert_eq!(Scale::standard(&rows).width, [1.0, 1.0]);
        assert_eq!(Scale::standard(&noisy).width, [1.0]);
        assert_eq!(Scale::range(&noisy).width, [1.0]);
        assert_eq!(Scale::changes(&noisy, 1).width, [1.0]);
    }

    #[test]
    fn changes_become_one() {
        let rows: Vec<_> = (0..9).map(|row| vec![1e9 + 3.0 * f64::from(row)]).collect();
        let scale = Scale::changes(&rows, 2);
        assert_eq!((scale.width[0], scale.apply(&rows[4])[0]), (6.0, 2.0));
    }

    #[test]
    fn the_range_becomes_that_from_0_to_1() {
        let rows = vec![vec![2.0, 5.0], vec![6.0, 5.0], vec![3.0, 5.0]];
        let scale = Scale::range(&rows);
        assert_eq!(scale.apply(&rows[2]), [0.25, 0.0]);
        assert_eq!(scale.apply(&[8.0, 6.0]), [1.5, 1.0]);
        assert_eq!(scale.undo(0, 0.25), 3.0);
    }
}
