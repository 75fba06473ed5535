use super::Rows;
use super::time::in_order;
use crate::{Error, Problem};

/// Chunks that are read at once.
const COUNT: usize = 16;

/// All rows of a file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The numbers of each row.
    pub rows: Vec<Vec<f64>>,
    /// The label of each row; empty if no column of labels was selected.
    pub labels: Vec<String>,
    /// What is worth telling of the times: repeats and gaps.
    pub notes: Vec<String>,
}

impl Rows {
    /// All rows, as a table whose labels, if it has any, are the times.
    ///
    /// # Errors
    ///
    /// Names the first bad row, and says so if there are no rows or if they go back in time.
    pub fn table(mut self) -> Result<Table, Error> {
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
                let labels = chunk.runs.iter();
                let labels = labels.flat_map(|run| std::iter::repeat_n(&run.label, run.rows));
                table.labels.extend(labels.map(ToString::to_string));
            }
        }
        let wrong = |reason: &str| Err(Error::data(&self.source.path, reason));
        if table.rows.is_empty() {
            return wrong(match self.position.lines {
                0 => "there are no rows",
                _ => "there are no rows below the header",
            });
        }
        let column = self.columns.label;
        table.notes = in_order(&table.labels).map_err(|problem| {
            let column = column.map(|column| self.source.names()[column].clone());
            Error::data(&self.source.path, Problem { column, ..problem })
        })?;
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Columns, CsvOptions, Format, Source};
    use super::*;

    /// The column `b` of a file whose content is that.
    fn parse(text: &str) -> Result<Table, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let table =
            Source::open(file.path(), Format::Csv, CsvOptions::default()).and_then(|source| {
                let numbers = vec![source.column("b")?];
                let columns = Columns {
                    numbers,
                    label: source.time_column(None, &[])?,
                    ..Default::default()
                };
                source.select(columns)?.table()
            });
        table.map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_read_whole() {
        let table = parse("date,a,b\n2024-01-01,1,2\n2024-01-02,3, 4.5\n").unwrap();
        assert_eq!(table.rows, [[2.0], [4.5]]);
        assert_eq!(table.labels, ["2024-01-01", "2024-01-02"]);
        let table = parse("a,b\n1,2\n").unwrap();
        assert_eq!(table.labels, [""]);
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
