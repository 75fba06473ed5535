//! The first half of the scaling of the SigKAN paper (arXiv 2406.17890): each value over the median
//! of its column in the `window` rows that end `horizon` rows before it. So a value that is to be
//! forecast is in units that are known on the day of the forecast.

use crate::Error;

/// Rows over their medians, and what these are.
#[derive(Debug)]
pub(crate) struct Relative {
    /// The rows that have a median, the first `window + horizon − 1` being left out.
    pub(crate) rows: Vec<Vec<f64>>,
    /// For each of these rows, and for the next `horizon` that are yet to come, the median of the
    /// target.
    pub(crate) medians: Vec<f64>,
}

/// # Errors
///
/// Says so if there are no rows left or a median is not positive.
pub(crate) fn relative(
    rows: &[Vec<f64>],
    names: &[String],
    target: usize,
    window: usize,
    horizon: usize,
) -> Result<Relative, Error> {
    let lost = window + horizon - 1;
    if rows.len() <= lost {
        return Err(Error::Usage(format!(
            "the series has {} rows, too few for a rolling median of --median-rows {window} before a \
             horizon of {horizon}; use less, or --scaling standard",
            rows.len()
        )));
    }
    let mut medians = vec![Vec::with_capacity(names.len()); rows.len() - window + 1];
    for (channel, name) in names.iter().enumerate() {
        let values: Vec<_> = rows.iter().map(|row| row[channel]).collect();
        for (row, median) in medians.iter_mut().zip(rolling(&values, window)) {
            if median <= 0.0 {
                return Err(Error::Usage(format!(
                    "--scaling median is for positive series such as volumes, but a rolling median \
                     of `{name}` is {median}; use --scaling standard"
                )));
            }
            row.push(median);
        }
    }
    let over = |(value, median): (&f64, &f64)| value / median;
    let rows = rows[lost..].iter().zip(&medians);
    Ok(Relative {
        rows: rows
            .map(|(row, medians)| row.iter().zip(medians).map(over).collect())
            .collect(),
        medians: medians.iter().map(|row| row[target]).collect(),
    })
}

/// The median of every `window` values in a row.
fn rolling(values: &[f64], window: usize) -> Vec<f64> {
    let mut sorted = values[..window].to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = |sorted: &[f64]| (sorted[(window - 1) / 2] + sorted[window / 2]) / 2.0;
    let mut medians = vec![median(&sorted)];
    let at = |sorted: &[f64], value: &f64| sorted.partition_point(|x| x.total_cmp(value).is_lt());
    for (old, new) in values.iter().zip(&values[window..]) {
        sorted.remove(at(&sorted, old));
        sorted.insert(at(&sorted, new), *new);
        medians.push(median(&sorted));
    }
    medians
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_roll() {
        assert_eq!(rolling(&[5.0, 1.0, 3.0, 9.0, 2.0], 3), [3.0, 3.0, 3.0]);
        assert_eq!(rolling(&[4.0, 2.0, 8.0], 2), [3.0, 5.0]);
        assert_eq!(rolling(&[4.0, -0.0, 0.0], 1), [4.0, 0.0, 0.0]);
    }

    #[test]
    fn the_median_ends_the_horizon_before() {
        let rows: Vec<_> = [2.0, 4.0, 6.0, 12.0, 24.0]
            .map(|value| vec![value])
            .to_vec();
        let Relative { rows, medians } = relative(&rows, &["a".into()], 0, 2, 2).unwrap();
        // Row 3 over the median of rows 0 and 1, row 4 over that of 1 and 2; and the units of two
        // rows to come.
        assert_eq!(rows, [[12.0 / 3.0], [24.0 / 5.0]]);
        assert_eq!(medians, [3.0, 5.0, 9.0, 18.0]);
    }

    #[test]
    fn what_it_is_not_made_for_is_refused() {
        let names = ["a".into()];
        let fail = |rows: &[Vec<f64>]| relative(rows, &names, 0, 2, 2).unwrap_err().to_string();
        let short = fail(&[vec![1.0], vec![2.0], vec![3.0]]);
        assert!(
            short.contains("3 rows") && short.contains("--median-rows 2"),
            "{short}"
        );
        let negative = fail(&vec![vec![-1.0]; 9]);
        assert!(negative.contains("`a` is -1"), "{negative}");
    }
}
