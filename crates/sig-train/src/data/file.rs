//! Series in a file of the user's.

use std::path::Path;

use sig_data::{Columns, CsvOptions, Format, Source};

use super::Series;
use super::missing::fill;
use crate::Error;
use crate::config::{FileConfig, Fill};

/// The channels of the file, which are told.
///
/// # Errors
///
/// Says what is wrong and in which row: no such column, a value that is no finite number, or a time
/// that is before that of the row above.
pub(super) fn series(file: &FileConfig) -> Result<Series, Error> {
    let source = Source::open(&file.path, file.format, file.csv)?;
    let target = source.column(&file.target)?;
    let find = |names: &[String]| -> Result<Vec<_>, _> {
        names.iter().map(|name| source.column(name)).collect()
    };
    let (chosen, dropped) = (find(&file.columns)?, find(&file.drop)?);
    let others = [&chosen[..], &dropped, &[target]].concat();
    let time = source.time_column(file.time.as_deref(), &others)?;
    if time == Some(target) {
        let reason = format!(
            "the target `{}` is the column that tells the time",
            file.target
        );
        return Err(Error::data(&file.path, reason));
    }
    let mut channels = chosen;
    if channels.is_empty() {
        let taken = dropped.into_iter().map(Some).chain([time]);
        channels = source.channels(&taken.collect::<Vec<_>>());
    }
    if !channels.contains(&target) {
        channels.push(target);
    }
    let names: Vec<_> = channels
        .iter()
        .map(|&c| source.names()[c].clone())
        .collect();
    // A model is saved with the names of its channels, which must tell them apart.
    find(&names)?;
    let uses = [("channels", &channels[..]), ("time", time.as_slice())];
    eprintln!("{}", source.describe(&uses));
    let target = channels.iter().position(|&column| column == target);
    let columns = Columns {
        numbers: channels,
        missing: file.fill != Fill::None,
        label: time,
        ..Default::default()
    };
    let mut table = source.select(columns)?.table()?;
    let numbers = (1..=table.rows.len()).map(|row| row.to_string());
    let mut times = time.map_or_else(|| numbers.collect(), |_| table.labels);
    let filled = fill(&mut table.rows, &names, file.fill);
    let (first, filled) = filled.map_err(|reason| Error::data(&file.path, reason))?;
    times.drain(..first);
    tell(&table.notes, &filled);
    Ok(Series {
        times,
        rows: table.rows,
        target: target.expect("is a channel"),
        names,
    })
}

fn tell(of_times: &[String], of_values: &[String]) {
    let notes = of_times.iter().chain(of_values);
    notes.for_each(|note| eprintln!("note: {note}"));
}

/// Columns of a file, row by row.
pub(crate) struct TimedRows {
    pub(crate) rows: Vec<Vec<f64>>,
    /// The name of what tells the time, and its value in each row.
    pub(crate) time: (String, Vec<String>),
}

/// The columns of these names, in this order, and the time, or where no column tells it the numbers
/// of the rows.
pub(crate) fn timed_rows(
    (path, format, csv): (&Path, Format, CsvOptions),
    names: &[String],
    time: Option<&str>,
    how: Fill,
) -> Result<TimedRows, Error> {
    let source = Source::open(path, format, csv)?;
    let numbers = names.iter().map(|name| source.column(name));
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let columns = Columns {
        missing: how != Fill::None,
        label: source.time_column(time, &numbers)?,
        numbers,
        ..Default::default()
    };
    let name = columns.label.map(|column| source.names()[column].clone());
    let mut table = source.select(columns)?.table()?;
    let numbers = (1..=table.rows.len()).map(|row| row.to_string());
    let mut time = match name {
        Some(name) => (name, table.labels),
        None => ("row".into(), numbers.collect()),
    };
    let filled = fill(&mut table.rows, names, how);
    let (first, filled) = filled.map_err(|reason| Error::data(path, reason))?;
    time.1.drain(..first);
    tell(&table.notes, &filled);
    Ok(TimedRows {
        time,
        rows: table.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, target: &str, time: Option<&str>) -> Result<Series, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let config = FileConfig {
            path: file.path().into(),
            target: target.into(),
            time: time.map(String::from),
            ..Default::default()
        };
        series(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_become_channels() {
        let series = parse("date,a,b\n2024-01-01,1,2\n2024-01-02,3, 4.5\n", "b", None).unwrap();
        assert_eq!(series.names, ["a", "b"]);
        assert_eq!(series.target, 1);
        assert_eq!(series.rows, [[1.0, 2.0], [3.0, 4.5]]);
    }

    #[test]
    fn rows_that_go_back_are_refused() {
        let message = parse("time,a\n3,1\n4,1\n1,1\n", "a", None).unwrap_err();
        let expected = "row 3, column `time`: 1 is before 4, the time of the row above";
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn columns_that_are_no_channels() {
        let text = ",day,weather,a,b\n0,2024/01/01,dry,1,2\n1,2024/01/02,wet,3,4\n";
        let series = parse(text, "a", None).unwrap();
        assert_eq!(series.names, ["a", "b"]);
        let message = parse("date,a,b,b\n2024-01-01,1,2,3\n", "a", None).unwrap_err();
        assert!(message.contains("there are two columns `b`"), "{message}");
    }

    #[test]
    fn the_time_is_left_out_wherever_it_is() {
        let named = parse("a,when\n1,monday\n", "a", Some("when")).unwrap();
        assert_eq!(named.names, ["a"]);
        let by_name = parse("timestamp,a\n1700000000,1\n", "a", None).unwrap();
        assert_eq!(by_name.names, ["a"]);
        let by_text = parse("day,a\nmonday,1\n", "a", None).unwrap();
        assert_eq!(by_text.names, ["a"]);
        let numeric = parse("x,a\n5,1\n", "a", None).unwrap();
        assert_eq!(numeric.names, ["x", "a"]);
    }

    #[test]
    fn the_target_is_not_the_time() {
        let message = parse("date,a\nx,1\n", "date", Some("date")).unwrap_err();
        assert!(message.contains("tells the time"), "{message}");
    }
}
