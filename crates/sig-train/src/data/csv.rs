//! CSV files of the user's.

use std::path::Path;

use csv::StringRecord;

use super::table::{Cell, Table};
use crate::Error;

/// Reads a CSV file with a header.
///
/// # Errors
///
/// Says what is wrong and in which line: a row of another length, no rows.
pub(super) fn read(path: &Path) -> Result<Table, Error> {
    let wrong = |reason: String| Error::data(path, reason);
    let file = std::fs::File::open(path).map_err(Error::io(path))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let header = reader
        .headers()
        .map_err(|error| wrong(describe(error)))?
        .clone();
    if header.iter().all(str::is_empty) {
        return Err(wrong(
            "the file is empty; its first line must name the columns".into(),
        ));
    }
    if header.len() == 1 && header[0].contains([';', '\t', '|']) {
        return Err(wrong(format!(
            "the first line has no comma, which separates columns: {}",
            &header[0]
        )));
    }
    let records: Result<Vec<StringRecord>, _> = reader.records().collect();
    let records = records.map_err(|error| wrong(describe(error)))?;
    if records.is_empty() {
        return Err(wrong("there are no rows below the header".into()));
    }
    let line = |record: &StringRecord| record.position().map_or(0, |position| position.line());
    Ok(Table {
        path: path.to_path_buf(),
        names: header.iter().map(String::from).collect(),
        rows: records
            .iter()
            .map(|record| record.iter().map(cell).collect())
            .collect(),
        places: ("line", records.iter().map(line).collect()),
        dated: None,
    })
}

fn cell(text: &str) -> Cell {
    match text.parse() {
        Ok(number) => Cell::Number(number),
        Err(_) if text.is_empty() => Cell::Missing,
        Err(_) => Cell::Text(text.into()),
    }
}

fn describe(error: csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.as_ref().map_or(0, |position| position.line());
            format!("line {line}: {len} values where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { pos, .. } => {
            let line = pos.as_ref().map_or(0, |position| position.line());
            format!("line {line}: the text is not UTF-8")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Series;

    fn parse(text: &str, target: &str, time: Option<&str>) -> Result<Series, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let series = read(file.path()).and_then(|table| table.series(target, time));
        series.map_err(|error| error.to_string())
    }

    #[test]
    fn columns_become_channels() {
        let series = parse("date,a,b\n2024-01-01,1,2\n2024-01-02,3, 4.5\n", "b", None).unwrap();
        assert_eq!(series.names, ["a", "b"]);
        assert_eq!(series.target, 1);
        assert_eq!(series.rows, [[1.0, 2.0], [3.0, 4.5]]);
    }

    #[test]
    fn other_separators_are_told() {
        let message = parse("day;a\n2024-01-01;1\n", "a", None).unwrap_err();
        assert!(message.ends_with("separates columns: day;a"), "{message}");
    }

    #[test]
    fn the_newest_row_first_is_refused() {
        for times in [
            ["2024-01-03", "2024-01-02T23:00", "2024-01-02"],
            ["3", "2", "1"],
        ] {
            let rows: String = times.iter().map(|time| format!("{time},1\n")).collect();
            let message = parse(&format!("time,a\n{rows}"), "a", None).unwrap_err();
            let expected = format!("from {} to {}; the oldest must", times[0], times[2]);
            assert!(message.contains(&expected), "{message}");
        }
        // Hours of the day, names of days, one row, equal times: nothing is said of an order.
        for times in [
            vec!["22", "23", "0"],
            vec!["tue", "mon"],
            vec!["9"],
            vec!["5", "5"],
        ] {
            let rows: String = times.iter().map(|time| format!("{time},1\n")).collect();
            assert!(
                parse(&format!("time,a\n{rows}"), "a", None).is_ok(),
                "{times:?}"
            );
        }
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
    fn what_is_wrong_is_told_with_its_line() {
        let cases = [
            ("a,b\n1,2\n3\n", "line 3: 1 values where the header has 2"),
            (
                "a,b\n1,2\n3,4,5\n",
                "line 3: 3 values where the header has 2",
            ),
            ("a,b\n1,2\n3,x\n", "line 3, column `b`: `x` is not a number"),
            (
                "a,b\n1,2\n3,NaN\n",
                "line 3, column `b`: `NaN` is not a finite number",
            ),
            (
                "a,b\n1,2\n3,inf\n",
                "line 3, column `b`: `inf` is not a finite number",
            ),
            ("a,b\n1,2\n3,\n", "line 3, column `b`: the value is missing"),
            ("a,c\n1,2\n", "no column `b`; the columns are a, c"),
            ("b,b\n1,2\n", "two columns `b`"),
            ("a,b\n", "no rows below the header"),
            ("", "the file is empty"),
        ];
        for (text, expected) in cases {
            let message = parse(text, "b", None).unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
        let message = parse("date,a\nx,1\n", "date", None).unwrap_err();
        assert!(message.contains("tells the time"), "{message}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = read(Path::new("no-such.csv")).unwrap_err().to_string();
        assert!(message.starts_with("no-such.csv: "), "{message}");
    }
}
