//! A series from a file of the user's.

use std::path::Path;

use csv::{Reader, StringRecord};

use super::Series;
use crate::Error;

/// What a first column is called that tells the time.
const TIME_NAMES: [&str; 6] = ["date", "time", "datetime", "timestamp", "ds", "t"];

/// Reads a CSV file with a header. All columns are channels but the one that tells the time:
/// `time`, or without it the first column if it is called so or its first value is no number.
///
/// # Errors
///
/// Says what is wrong and in which line: no such column, a row of another length, a value that is
/// no finite number, no rows.
pub fn read(path: &Path, target: &str, time: Option<&str>) -> Result<Series, Error> {
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
    let records = records(&mut reader).map_err(|error| wrong(describe(error)))?;
    let first = records
        .first()
        .ok_or_else(|| wrong("there are no rows below the header".into()))?;

    let find = |name: &str| {
        let mut found = (0..header.len()).filter(|&column| &header[column] == name);
        match (found.next(), found.next()) {
            (Some(column), None) => Ok(column),
            (Some(_), Some(_)) => Err(wrong(format!("there are two columns `{name}`"))),
            (None, _) => {
                let columns = header.iter().collect::<Vec<_>>().join(", ");
                Err(wrong(format!(
                    "there is no column `{name}`; the columns are {columns}"
                )))
            }
        }
    };
    let time = match time {
        Some(name) => Some(find(name)?),
        None => tells_time(&header, first).then_some(0),
    };
    let target_column = find(target)?;
    if time == Some(target_column) {
        return Err(wrong(format!(
            "the target `{target}` is the column that tells the time"
        )));
    }

    let channels: Vec<_> = (0..header.len())
        .filter(|&column| Some(column) != time)
        .collect();
    let rows = records.iter().map(|record| {
        let value = |&column: &usize| {
            number(&record[column]).map_err(|what| {
                let line = record.position().map_or(0, |position| position.line());
                wrong(format!("line {line}, column `{}`: {what}", &header[column]))
            })
        };
        channels
            .iter()
            .map(value)
            .collect::<Result<Vec<_>, Error>>()
    });
    Ok(Series {
        rows: rows.collect::<Result<_, _>>()?,
        names: channels
            .iter()
            .map(|&column| header[column].to_string())
            .collect(),
        target: channels
            .iter()
            .position(|&column| column == target_column)
            .expect("is a channel"),
    })
}

fn records(reader: &mut Reader<std::fs::File>) -> Result<Vec<StringRecord>, csv::Error> {
    reader.records().collect()
}

fn tells_time(header: &StringRecord, first: &StringRecord) -> bool {
    let name = header[0].to_lowercase();
    TIME_NAMES.contains(&name.as_str())
        || (!first[0].is_empty() && first[0].parse::<f64>().is_err())
}

fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("`{text}` is not a finite number")),
        Err(_) if text.is_empty() => Err("the value is missing".into()),
        Err(_) => Err(format!("`{text}` is not a number")),
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

    fn parse(text: &str, target: &str, time: Option<&str>) -> Result<Series, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path(), target, time).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_become_channels() {
        let series = parse("date,a,b\n2024-01-01,1,2\n2024-01-02,3, 4.5\n", "b", None).unwrap();
        assert_eq!(series.names, ["a", "b"]);
        assert_eq!(series.target, 1);
        assert_eq!(series.rows, [[1.0, 2.0], [3.0, 4.5]]);
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
        let message = read(Path::new("no-such.csv"), "a", None)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("no-such.csv: "), "{message}");
    }
}
