use std::collections::HashMap;
use std::ops::Range;

use super::chunk::{SEPARATOR, shown};
use super::time::{in_order, reading, since};
use super::{Columns, Rows};
use crate::{Error, Problem};

/// Chunks that are read at once.
const COUNT: usize = 16;

/// All rows of a file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The numbers of each row.
    pub rows: Vec<Vec<f64>>,
    /// The ids of each row, one key; empty if no column of ids was selected.
    pub keys: Vec<String>,
    /// The time of each row; empty if no column of times was selected.
    pub times: Vec<String>,
    /// The number of each row in the file, from 1.
    pub numbers: Vec<u64>,
    /// What is worth telling of the times: repeats and gaps.
    pub notes: Vec<String>,
}

impl Rows {
    /// All rows, those of a key together. The label behind the ids, if there is one, is the time.
    ///
    /// # Arguments
    ///
    /// - `sort`: whether the rows of a key are put into the order of their times.
    ///
    /// # Errors
    ///
    /// Names the first bad row, and says so if there are no rows or if they go back in time.
    pub fn table(mut self, sort: bool) -> Result<Table, Error> {
        let mut table = Table::default();
        let width = self.columns.width();
        loop {
            let chunks = self.chunks(COUNT)?;
            if chunks.is_empty() {
                break;
            }
            for mut chunk in chunks {
                if !chunk.bad.is_empty() {
                    let bad = chunk.bad.swap_remove(0);
                    // Where there are lines, editors count those.
                    let row = bad.row.filter(|_| bad.line.is_none());
                    return Err(Error::data(&self.source.path, Problem { row, ..bad }));
                }
                let rows = chunk.values.chunks_exact(width.max(1));
                table.rows.extend(rows.map(<[f64]>::to_vec));
                table.numbers.extend(&chunk.rows);
                for run in &chunk.runs {
                    let (key, time) = self.columns.key_and_time(&run.label);
                    table.keys.extend((0..run.rows).map(|_| key.to_string()));
                    table.times.extend((0..run.rows).map(|_| time.to_string()));
                }
            }
        }
        let wrong = |reason: &str| Err(Error::data(&self.source.path, reason));
        if table.rows.is_empty() {
            return wrong(match self.position.lines {
                0 => "there are no rows",
                _ => "there are no rows below the header",
            });
        }
        let column = self.columns.labels.get(self.columns.ids);
        table.arrange(sort).map_err(|problem| {
            let column = column.map(|&column| self.source.names()[column].clone());
            Error::data(&self.source.path, Problem { column, ..problem })
        })?;
        Ok(table)
    }
}

impl Columns {
    fn key_and_time<'a>(&self, label: &'a str) -> (&'a str, &'a str) {
        match self.labels.len() - self.ids {
            0 => (label, ""),
            _ => label.rsplit_once(SEPARATOR).unwrap_or(("", label)),
        }
    }
}

impl Table {
    /// The rows of each key.
    pub fn series(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let same = self.keys.chunk_by(|one, next| one == next);
        let ranges = same.map(|rows| {
            start += rows.len();
            start - rows.len()..start
        });
        ranges.collect()
    }

    /// Puts the rows of a key together, in the order of their times.
    fn arrange(&mut self, sort: bool) -> Result<(), Problem> {
        let mut keys = HashMap::new();
        let number = |key: &String| {
            let next = keys.len();
            *keys.entry(key.clone()).or_insert(next)
        };
        let keys: Vec<usize> = self.keys.iter().map(number).collect();
        let times: Vec<_> = self.times.iter().map(String::as_str).collect();
        let read = reading(&times);
        let mut order: Vec<_> = (0..self.rows.len()).collect();
        order.sort_by_key(|&row| keys[row]);
        if sort {
            let Some(reading) = read else {
                return Err("--sort: no column tells times that are understood; see --time".into());
            };
            let clock = |(row, time): (usize, &&str)| {
                reading.clock(time).ok_or_else(|| Problem {
                    row: Some(self.numbers[row]),
                    ..format!("--sort: `{time}` is no time").into()
                })
            };
            let clocks = times.iter().enumerate().map(clock);
            let clocks = clocks.collect::<Result<Vec<_>, _>>()?;
            order.sort_by(|&row, &other| {
                let of_keys = keys[row].cmp(&keys[other]);
                of_keys.then_with(|| since(clocks[row], clocks[other]).total_cmp(&0.0))
            });
        }
        let text = |all: &[String]| order.iter().map(|&row| all[row].clone()).collect();
        (self.keys, self.times) = (text(&self.keys), text(&self.times));
        self.numbers = order.iter().map(|&row| self.numbers[row]).collect();
        let mut row = |&row: &usize| std::mem::take(&mut self.rows[row]);
        self.rows = order.iter().map(&mut row).collect();
        for range in self.series() {
            let times: Vec<_> = self.times[range.clone()]
                .iter()
                .map(String::as_str)
                .collect();
            let notes = in_order(&times, &self.numbers[range.clone()], read)?;
            let key = shown(&self.keys[range.start]);
            self.notes.extend(notes.into_iter().map(|note| match &*key {
                "" => note,
                key => format!("{key}: {note}"),
            }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{CsvOptions, Format, Source};
    use super::*;

    /// The column `b` of a file whose content is that.
    fn parse(text: &str) -> Result<Table, String> {
        read(text, false)
    }

    fn read(text: &str, sort: bool) -> Result<Table, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let table =
            Source::open(file.path(), Format::Csv, CsvOptions::default()).and_then(|source| {
                let numbers = vec![source.column("b")?];
                let columns = Columns {
                    numbers,
                    labels: source.time_column(None, &[])?.into_iter().collect(),
                    ..Default::default()
                };
                source.select(columns)?.table(sort)
            });
        table.map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_read_whole() {
        let table = parse("date,a,b\n2024-01-01,1,2\n2024-01-02,3, 4.5\n").unwrap();
        assert_eq!(table.rows, [[2.0], [4.5]]);
        assert_eq!(table.times, ["2024-01-01", "2024-01-02"]);
        let table = parse("a,b\n1,2\n").unwrap();
        assert_eq!(table.times, [""]);
    }

    #[test]
    fn other_separators_are_told() {
        let message = parse("day;b\n2024-01-01;1\n").unwrap_err();
        assert!(message.ends_with("separates columns: day;b"), "{message}");
    }

    #[test]
    fn rows_that_go_back_in_time() {
        let message = parse("day,b\n2024-01-02,1\n2024-01-01,1\n").unwrap_err();
        let expected =
            "row 2, column `day`: 2024-01-01 is before 2024-01-02, the time of the row above";
        assert!(message.contains(expected), "{message}");
        assert!(parse("hour,b\n23:00,1\n,2\n").is_ok());
    }

    #[test]
    fn rows_are_sorted() {
        let table = read("t,b\n3,1\n1,2\n2,3\n1,4\n", true).unwrap();
        assert_eq!(table.rows, [[2.0], [4.0], [3.0], [1.0]]);
        assert_eq!(table.numbers, [2, 4, 3, 1]);
        let message = read("t,b\n3,1\n,2\n", true).unwrap_err();
        assert!(
            message.contains("row 2, column `t`: --sort: `` is no time"),
            "{message}"
        );
        let message = read("b\n3\n", true).unwrap_err();
        assert!(
            message.contains("--sort: no column tells times"),
            "{message}"
        );
    }

    /// Series that lie one after another, or in turn.
    #[test]
    fn rows_of_a_key_come_together() {
        for text in [
            "id,t,b\nx,1,1\nx,2,2\ny,1,3\ny,2,4\n",
            "id,t,b\nx,1,1\ny,1,3\nx,2,2\ny,2,4\n",
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let options = CsvOptions::default();
            let source = Source::open(file.path(), Format::Csv, options).unwrap();
            let columns = Columns {
                numbers: vec![2],
                labels: vec![0, 1],
                ids: 1,
                ..Default::default()
            };
            let table = source.select(columns).unwrap().table(false).unwrap();
            assert_eq!(table.rows, [[1.0], [2.0], [3.0], [4.0]]);
            assert_eq!(table.keys, ["x", "x", "y", "y"]);
            assert_eq!(table.times, ["1", "2", "1", "2"]);
            assert_eq!(table.series(), [0..2, 2..4]);
        }
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
            let message = parse(text).unwrap_err();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let opened = Source::open(Path::new("no-such.csv"), Format::Csv, CsvOptions::default());
        let message = opened.err().unwrap().to_string();
        assert!(message.starts_with("no-such.csv: "), "{message}");
    }
}
