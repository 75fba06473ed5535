//! Values that are missing in a file, which are NaN.

use crate::config::Fill;

/// What was put into a series.
pub(super) struct Filled {
    /// The rows left out at the beginning.
    pub(super) first: usize,
    /// All rows left out.
    out: usize,
    /// The values put into each channel.
    values: Vec<usize>,
}

/// Puts values where they are missing. The rows before the first value of each channel are left out,
/// and with [`Fill::Linear`] those after the last of each.
///
/// # Errors
///
/// Names a channel without a value.
pub(super) fn fill(
    rows: &mut Vec<Vec<f64>>,
    names: &[String],
    how: Fill,
) -> Result<Filled, String> {
    let missing = |row: &Vec<f64>, channel: usize| row[channel].is_nan();
    let mut values = Vec::new();
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
        values.push(rows.len() - start - known.len());
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
    let out = all - rows.len();
    Ok(Filled { first, out, values })
}

/// Notes on the values put into all series.
pub(super) fn notes(all: &[Filled], names: &[String], how: Fill) -> Vec<String> {
    let told = |of: &dyn Fn(&Filled) -> usize| {
        let counts = all.iter().map(of).filter(|count| *count > 0);
        let (count, series) = counts.fold((0, 0), |(sum, series), count| (sum + count, series + 1));
        let among = match all.len() {
            1 => String::new(),
            _ => format!(" in {series} of {} series", all.len()),
        };
        (count > 0).then_some((count, among))
    };
    let with = match how {
        Fill::Linear => "by linear interpolation",
        _ => "with the value before",
    };
    let values = names.iter().enumerate().filter_map(|(channel, name)| {
        let (count, among) = told(&|filled| filled.values[channel])?;
        let (s, are) = plural(count);
        Some(format!(
            "{count} missing value{s} of `{name}`{among} {are} filled {with} (--fill none refuses them)"
        ))
    });
    let out = told(&|filled| filled.out).map(|(count, among)| {
        let (s, are) = plural(count);
        let place = match how {
            Fill::Linear => "before the first or after the last value of a column",
            _ => "before the first value of a column",
        };
        format!("{count} row{s}{among} {place} {are} left out")
    });
    values.chain(out).collect()
}

/// What a count puts behind a noun, and its verb.
pub(super) fn plural(count: usize) -> (&'static str, &'static str) {
    if count == 1 { ("", "is") } else { ("s", "are") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    fn filled(how: Fill) -> (Vec<Vec<f64>>, usize, Vec<String>) {
        let names = ["a".into(), "b".into()];
        let rows = [[NAN, 1.0], [2.0, NAN], [NAN, NAN], [NAN, 7.0], [8.0, NAN]];
        let mut rows: Vec<_> = rows.map(Vec::from).into();
        let filled = fill(&mut rows, &names, how).unwrap();
        let first = filled.first;
        (rows, first, notes(&[filled], &names, how))
    }

    #[test]
    fn forward_and_linear() {
        let (rows, first, notes) = filled(Fill::Forward);
        assert_eq!(rows, [[2.0, 1.0], [2.0, 1.0], [2.0, 7.0], [8.0, 7.0]]);
        assert_eq!(first, 1);
        assert_eq!(
            notes,
            [
                "2 missing values of `a` are filled with the value before (--fill none refuses them)",
                "3 missing values of `b` are filled with the value before (--fill none refuses them)",
                "1 row before the first value of a column is left out",
            ]
        );
        let (rows, first, notes) = filled(Fill::Linear);
        assert_eq!(rows, [[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]);
        assert_eq!((first, notes.len()), (1, 3));
        assert!(
            notes[0].contains("filled by linear interpolation"),
            "{notes:?}"
        );
    }

    #[test]
    fn one_note_is_of_all_series() {
        let names = ["a".into()];
        let series = |rows: &[f64]| {
            let mut rows: Vec<_> = rows.iter().map(|value| vec![*value]).collect();
            fill(&mut rows, &names, Fill::Forward).unwrap()
        };
        let all = [series(&[1.0, NAN]), series(&[1.0]), series(&[2.0])];
        let told = notes(&all, &names, Fill::Forward);
        let expected = "1 missing value of `a` in 1 of 3 series is filled with the value before";
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
        assert!(notes(&all[1..], &names, Fill::Forward).is_empty());
    }

    #[test]
    fn nothing_is_known_of_a_column() {
        let mut rows = vec![vec![NAN, 1.0]; 3];
        let filled = fill(&mut rows, &["a".into(), "b".into()], Fill::Forward);
        let message = filled.err().unwrap();
        assert!(message.contains("column `a` has no value"), "{message}");
    }
}
