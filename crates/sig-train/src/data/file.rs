//! Series in a file of the user's.

use std::path::Path;

use sig_data::{Columns, Format, Source};

use super::Series;
use crate::Error;
use crate::config::FileConfig;

/// All columns of the file but the one that tells the time.
///
/// # Errors
///
/// Says what is wrong and in which row: no such column, a value that is no finite number, or that
/// the newest row comes first.
pub(super) fn series(file: &FileConfig) -> Result<Series, Error> {
    let source = Source::open(&file.path, file.format, file.delimiter)?;
    let time = source.time_column(file.time.as_deref())?;
    let target = source.column(&file.target)?;
    if time == Some(target) {
        let reason = format!(
            "the target `{}` is the column that tells the time",
            file.target
        );
        return Err(Error::data(&file.path, reason));
    }
    let names = source.names().to_vec();
    let channels: Vec<_> = (0..names.len())
        .filter(|&column| Some(column) != time)
        .collect();
    let columns = Columns {
        numbers: channels.clone(),
        label: time,
        ..Default::default()
    };
    Ok(Series {
        rows: source.select(columns)?.table()?.rows,
        target: channels.partition_point(|&column| column < target),
        names: channels.into_iter().map(|c| names[c].clone()).collect(),
    })
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
    (path, format, delimiter): (&Path, Format, char),
    names: &[String],
    time: Option<&str>,
) -> Result<TimedRows, Error> {
    let source = Source::open(path, format, delimiter)?;
    let numbers = names.iter().map(|name| source.column(name));
    let columns = Columns {
        numbers: numbers.collect::<Result<_, _>>()?,
        label: source.time_column(time)?,
        ..Default::default()
    };
    let name = columns.label.map(|column| source.names()[column].clone());
    let table = source.select(columns)?.table()?;
    let numbers = (1..=table.rows.len()).map(|row| row.to_string());
    Ok(TimedRows {
        time: match name {
            Some(name) => (name, table.labels),
            None => ("row".into(), numbers.collect()),
        },
        rows: table.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Scaling;

    fn parse(text: &str, target: &str, time: Option<&str>) -> Result<Series, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let config = FileConfig {
            path: file.path().into(),
            format: Format::Csv,
            delimiter: ',',
            target: target.into(),
            time: time.map(String::from),
            scaling: Scaling::Standard,
            median_rows: 1,
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
    fn the_newest_row_first_is_refused() {
        let message = parse("time,a\n3,1\n2,1\n1,1\n", "a", None).unwrap_err();
        assert!(
            message.contains("from 3 to 1; the oldest must"),
            "{message}"
        );
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
        let message = parse("date,a\nx,1\n", "date", None).unwrap_err();
        assert!(message.contains("tells the time"), "{message}");
    }
}
