//! Values that are missing in a file, which are NaN.

use crate::config::Fill;

/// Puts values where they are missing. The rows before the first value of each channel are left out,
/// and with [`Fill::Linear`] those after the last of each.
///
/// # Returns
///
/// How many rows are left out at the beginning, and what is worth telling.
///
/// # Errors
///
/// Names a channel without a value.
pub(super) fn fill(
    rows: &mut Vec<Vec<f64>>,
    names: &[String],
    how: Fill,
) -> Result<(usize, Vec<String>), String> {
    let missing = |row: &Vec<f64>, channel: usize| row[channel].is_nan();
    let mut notes = Vec::new();
    let (mut first, mut end) = (0, rows.len());
    for (channel, name) in names.iter().enumerate() {
        let known: Vec<_> = (0..rows.len())
            .filter(|&row| !missing(&rows[row], channel))
            .collect();
        let (Some(&start), Some(&last)) = (known.first(), known.last()) else {
            return Err(format!(
                "column `{name}` has no value; --drop leaves it out"
            ));
        };
        first = first.max(start);
        if how == Fill::Linear {
            end = end.min(last + 1);
        }
        let filled = rows.len() - start - known.len();
        if filled > 0 {
            notes.push(format!(
                "`{name}`: {filled} missing values are filled, as --fill says, and are not scored"
            ));
        }
        let nexts = known[1..].iter().copied().chain([rows.len()]);
        for (&before, next) in known.iter().zip(nexts) {
            let value = rows[before][channel];
            let slope = match rows.get(next) {
                Some(row) if how == Fill::Linear => (row[channel] - value) / (next - before) as f64,
                _ => 0.0,
            };
            for (step, row) in rows[before + 1..next].iter_mut().enumerate() {
                row[channel] = value + slope * (step + 1) as f64;
            }
        }
    }
    let all = rows.len();
    rows.truncate(end);
    rows.drain(..first.min(end));
    if rows.len() < all {
        notes.push(format!(
            "{} rows at the ends have missing values and are left out",
            all - rows.len()
        ));
    }
    Ok((first, notes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    fn filled(how: Fill) -> (Vec<Vec<f64>>, usize, Vec<String>) {
        let rows = [[NAN, 1.0], [2.0, NAN], [NAN, NAN], [NAN, 7.0], [8.0, NAN]];
        let mut rows: Vec<_> = rows.map(Vec::from).into();
        let (first, notes) = fill(&mut rows, &["a".into(), "b".into()], how).unwrap();
        (rows, first, notes)
    }

    #[test]
    fn forward_and_linear() {
        let (rows, first, notes) = filled(Fill::Forward);
        assert_eq!(rows, [[2.0, 1.0], [2.0, 1.0], [2.0, 7.0], [8.0, 7.0]]);
        assert_eq!((first, notes.len()), (1, 3));
        assert!(notes[1].starts_with("`b`: 3 missing values"), "{notes:?}");
        let (rows, first, _) = filled(Fill::Linear);
        assert_eq!(rows, [[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]);
        assert_eq!(first, 1);
    }

    #[test]
    fn nothing_is_known_of_a_column() {
        let mut rows = vec![vec![NAN, 1.0]; 3];
        let message = fill(&mut rows, &["a".into(), "b".into()], Fill::Forward).unwrap_err();
        assert!(message.contains("column `a` has no value"), "{message}");
    }
}
