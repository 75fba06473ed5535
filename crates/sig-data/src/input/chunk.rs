use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Problem;

/// What stands between the parts of a label.
pub const SEPARATOR: char = '\u{1f}';

/// A label as messages show it, with commas between its parts.
pub fn shown(label: &str) -> String {
    label.replace(SEPARATOR, ", ")
}

/// Which columns of a file are read, each by its number.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// The columns of numbers, in order.
    pub numbers: Vec<usize>,
    /// A column of times, whose two numbers, a [`Clock`](super::Clock), follow the others.
    pub clock: Option<usize>,
    /// Whether numbers may be missing, which are NaN then.
    pub missing: bool,
    /// Columns of text beside the numbers, ids or times, which make one label with a [`SEPARATOR`]
    /// between any two.
    pub labels: Vec<usize>,
    /// How many of these, the first ones, are ids, which every row needs.
    pub ids: usize,
}

impl Columns {
    /// The label of a row from the texts of its columns.
    pub(super) fn label<'a>(
        &self,
        names: &[String],
        mut text: impl FnMut(usize) -> Option<&'a str>,
    ) -> Result<Cow<'a, str>, Problem> {
        let mut label = Cow::Borrowed("");
        for (index, &column) in self.labels.iter().enumerate() {
            let wrong = |reason: &str| Err(Problem::of_column(&names[column], reason));
            let text = match text(index).map(str::trim) {
                None => return wrong("the text is not UTF-8"),
                Some("") if index < self.ids => return wrong("the id is missing"),
                Some(text) if text.contains(SEPARATOR) => {
                    return wrong("the text has a character U+001F");
                }
                Some(text) => text,
            };
            if index == 0 {
                label = text.into();
            } else {
                let label = label.to_mut();
                label.push(SEPARATOR);
                label.push_str(text);
            }
        }
        Ok(label)
    }

    /// Numbers per row.
    pub fn width(&self) -> usize {
        Self::numbers_of(self.numbers.len(), self.clock.is_some())
    }

    /// Numbers per row of so many columns and, if it is read, a time, which has two.
    pub fn numbers_of(columns: usize, timed: bool) -> usize {
        columns + if timed { 2 } else { 0 }
    }
}

/// A place between two rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The rows before it.
    pub rows: u64,
    /// The lines before it, in a file of lines.
    pub lines: u64,
    /// The bytes before it; in a Parquet file about as many.
    pub bytes: u64,
}

/// Rows that stand together.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Where they begin.
    pub start: Position,
    /// Where they end.
    pub end: Position,
    /// The numbers of the good rows, `[rows, numbers]`.
    pub values: Vec<f64>,
    /// The number of each good row in the file, from 1.
    pub rows: Vec<u64>,
    /// The labels of the good rows.
    pub runs: Vec<Run>,
    /// The other rows.
    pub bad: Vec<Problem>,
}

/// Adds a row to the last run, or begins another.
fn push(runs: &mut Vec<Run>, label: Cow<'_, str>) {
    match runs.last_mut() {
        Some(run) if *run.label == *label => run.rows += 1,
        _ => runs.push(Run {
            label: label.into(),
            rows: 1,
        }),
    }
}

/// Good rows that follow each other and have the same label.
#[derive(Debug)]
pub struct Run {
    /// The label; empty if no column of labels is read.
    pub label: Box<str>,
    /// The number of rows.
    pub rows: usize,
}

impl Chunk {
    /// Takes the next row: the label of one whose numbers are pushed, or what is wrong with it.
    pub(super) fn push(&mut self, width: usize, row: Result<Cow<'_, str>, Problem>) {
        self.end.rows += 1;
        match row {
            Err(problem) => {
                self.values.truncate(self.rows.len() * width);
                self.bad.push(Problem {
                    row: Some(self.end.rows),
                    ..problem
                });
            }
            Ok(label) => {
                self.rows.push(self.end.rows);
                push(&mut self.runs, label);
            }
        }
    }

    /// Moves a chunk, which was counted from its own beginning, to its place in the file.
    pub(super) fn begin_at(&mut self, start: Position) {
        self.start = start;
        self.end.rows += start.rows;
        self.end.lines += start.lines;
        self.end.bytes += start.bytes;
        self.rows.iter_mut().for_each(|row| *row += start.rows);
        for bad in &mut self.bad {
            bad.row = bad.row.map(|row| row + start.rows);
            bad.line = bad.line.map(|line| line + start.lines);
        }
    }
}
