/// The mean and standard deviation of each channel, by which all parts are standardised.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub(crate) mean: Vec<f64>,
    pub(crate) deviation: Vec<f64>,
}

impl Scale {
    /// Fitted on the rows given: the training part alone, so that nothing of what is to be forecast
    /// is known beforehand.
    pub(crate) fn fit(rows: &[Vec<f64>]) -> Self {
        let count = rows.len() as f64;
        let channels = rows[0].len();
        let over = |value: &dyn Fn(&[f64], usize) -> f64| {
            let sum = |channel| rows.iter().map(|row| value(row, channel)).sum::<f64>();
            (0..channels)
                .map(|channel| sum(channel) / count)
                .collect::<Vec<_>>()
        };
        let mean = over(&|row, channel| row[channel]);
        let variance = over(&|row, channel| (row[channel] - mean[channel]).powi(2));
        // A channel that does not move keeps its units: it is 0 everywhere once it is centred.
        let deviation = variance
            .iter()
            .map(|&v| if v > 0.0 { v.sqrt() } else { 1.0 });
        Self {
            deviation: deviation.collect(),
            mean,
        }
    }

    pub(crate) fn apply(&self, row: &[f64]) -> Vec<f32> {
        let scale = self.mean.iter().zip(&self.deviation);
        row.iter()
            .zip(scale)
            .map(|(value, (mean, deviation))| ((value - mean) / deviation) as f32)
            .collect()
    }

    /// Back to the units of the source.
    pub(crate) fn undo(&self, channel: usize, value: f64) -> f64 {
        value * self.deviation[channel] + self.mean[channel]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standardises_and_comes_back() {
        let rows = vec![vec![1.0, 5.0], vec![3.0, 5.0]];
        let scale = Scale::fit(&rows);
        assert_eq!(scale.apply(&rows[0]), [-1.0, 0.0]);
        assert_eq!(scale.apply(&rows[1]), [1.0, 0.0]);
        assert_eq!(scale.undo(0, 1.0), 3.0);
        assert_eq!(scale.undo(1, 0.0), 5.0);
    }
}
