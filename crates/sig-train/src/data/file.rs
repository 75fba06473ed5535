//! Series in a file of the user's.

use std::path::Path;

use sig_data::{Columns, CsvOptions, Format, Source};

use super::missing::{fill, notes};
use super::{LeftOut, Series};
use crate::Error;
use crate::config::{FileConfig, Fill};

/// The series of the file, whose channels are told.
///
/// # Errors
///
/// Says what is wrong and in which row: no such column, a value that is no finite number, or a time
/// that is before that of the row above.
pub(super) fn series(file: &FileConfig) -> Result<Vec<Series>, Error> {
    let source = open(&file.path, file.format, file.csv)?;
    let target = source.column(&file.target)?;
    let find = |names: &[String]| -> Result<Vec<_>, _> {
        names.iter().map(|name| source.column(name)).collect()
    };
    let (chosen, dropped) = (find(&file.columns)?, find(&file.drop)?);
    let ids = source.ids(&file.group)?;
    let others = [&chosen[..], &dropped, &ids, &[target]].concat();
    let time = source.time_column(file.time.as_deref(), &others)?;
    for (what, is) in [
        ("is the column that tells the time", time == Some(target)),
        ("is a column of ids, --group", ids.contains(&target)),
        ("is left out by --drop", dropped.contains(&target)),
    ] {
        if is {
            let reason = format!("the target `{}` {what}", file.target);
            return Err(Error::data(&file.path, reason));
        }
    }
    let mut channels = chosen;
    if channels.is_empty() {
        channels = source.channels(&[&dropped[..], &ids, time.as_slice()].concat());
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
    let uses = [
        ("channels", &channels[..]),
        ("time", time.as_slice()),
        ("group", &ids),
    ];
    tell!("{}", source.describe(&uses));
    let target = channels.iter().position(|&column| column == target);
    let like = Series {
        names,
        target: target.expect("is a channel"),
        ..Series::default()
    };
    let columns = selected(channels, ids, time, file.fill);
    read(&file.path, source, columns, &like, file)
}

/// The columns of a study: channels, ids and the time.
pub(crate) fn selected(
    numbers: Vec<usize>,
    ids: Vec<usize>,
    time: Option<usize>,
    fill: Fill,
) -> Columns {
    Columns {
        numbers,
        missing: fill != Fill::None,
        ids: ids.len(),
        labels: ids.into_iter().chain(time).collect(),
        ..Default::default()
    }
}

/// The series of the file, one per key, with their times or, where no column tells them, the numbers
/// of their rows. Notes are told.
///
/// # Arguments
///
/// - `like`: the names of the channels and the target.
/// - `how`: whether rows are sorted, and what is put where values are missing.
pub(crate) fn read(
    path: &Path,
    source: Source,
    columns: Columns,
    like: &Series,
    how: &FileConfig,
) -> Result<Vec<Series>, Error> {
    let has_times = columns.labels.len() > columns.ids;
    let table = source.select(columns)?.table(how.sort)?;
    let several = table.series().len() > 1;
    let (mut all, mut fills, mut out) = (Vec::new(), Vec::new(), LeftOut::default());
    for range in table.series() {
        let key = table.keys[range.start].clone();
        let mut rows = table.rows[range.clone()].to_vec();
        let missing: Vec<_> = rows.iter().map(|row| row[like.target].is_nan()).collect();
        let filled = match fill(&mut rows, &like.names, how.fill) {
            Ok(filled) => filled,
            Err(reason) if several => {
                out.add(&key, reason);
                continue;
            }
            Err(reason) => return Err(Error::data(path, reason)),
        };
        let first = filled.first;
        let kept = range.start + first..range.start + first + rows.len();
        let number = |number: &u64| number.to_string();
        all.push(Series {
            times: match has_times {
                true => table.times[kept].to_vec(),
                false => table.numbers[kept].iter().map(number).collect(),
            },
            filled: missing[first..first + rows.len()].to_vec(),
            rows,
            key,
            ..like.clone()
        });
        fills.push(filled);
    }
    let notes = notes(&fills, &like.names, how.fill);
    let notes = table.notes.iter().chain(&notes);
    notes.for_each(|note| tell!("note: {note}"));
    out.tell();
    if all.is_empty() {
        return Err(Error::data(path, "no series is left"));
    }
    Ok(all)
}

/// Opens a file; if it cannot be read, and its name is that of the other format, says which option
/// reads it.
pub(crate) fn open(path: &Path, format: Format, csv: CsvOptions) -> Result<Source, Error> {
    let opened = Source::open(path, format, csv);
    Ok(
        opened.map_err(|error| match (format, Format::of(path), &error) {
            (_, _, sig_data::Error::Io { .. }) => error,
            (Format::Csv, Ok(Format::Parquet), _) => sig_data::Error::data(
                path,
                "the file is Parquet: sig-train reads it by --parquet in place of --csv",
            ),
            (Format::Parquet, Ok(Format::Csv), _) => error.help("use --csv in place of --parquet"),
            _ => error,
        })?,
    )
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
        let all = series(&config).map_err(|error| error.to_string())?;
        assert_eq!(all.len(), 1);
        Ok(all.into_iter().next().unwrap())
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
    fn series_are_told_apart_and_filled_by_themselves() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "who,where,t,a\nx,1,1,5\ny,1,1,\nx,1,2,\ny,1,2,7\nx,1,3,6\ny,1,3,8\n";
        std::fs::write(file.path(), text).unwrap();
        let config = FileConfig {
            path: file.path().into(),
            target: "a".into(),
            time: Some("t".into()),
            group: vec!["who".into(), "where".into()],
            ..Default::default()
        };
        let [x, y] = &series(&config).unwrap()[..] else {
            panic!("two series");
        };
        assert_eq!((x.key.as_str(), y.key.as_str()), ("x\u{1f}1", "y\u{1f}1"));
        assert_eq!(x.rows, [[5.0], [5.0], [6.0]]);
        assert_eq!(x.filled, [false, true, false]);
        assert_eq!(y.rows, [[7.0], [8.0]]);
        assert_eq!(
            (&*y.filled, &*y.times),
            (&[false; 2][..], &["2".into(), "3".into()][..])
        );
    }

    #[test]
    fn the_target_is_not_the_time() {
        let message = parse("date,a\nx,1\n", "date", Some("date")).unwrap_err();
        assert!(
            message.contains("`date` is the column that tells the time"),
            "{message}"
        );
    }
}
