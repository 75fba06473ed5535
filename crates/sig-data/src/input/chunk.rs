use serde::{Deserialize, Serialize};

use crate::Problem;

/// Which columns of a file are read, each by its number.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// The columns of numbers, in order.
    pub numbers: Vec<usize>,
    /// A column of times, whose two numbers, a [`Clock`](super::Clock), follow the others.
    pub clock: Option<usize>,
    /// Whether numbers may be missing, which are NaN then.
    pub missing: bool,
    /// A column of text beside the numbers: times or ids.
    pub label: Option<usize>,
    /// Whether the label is an id, which every row needs.
    pub id: bool,
}

impl Columns {
    /// Numbers per row.
    pub fn width(&self) -> usize {
        self.numbers.len() + if self.clock.is_some() { 2 } else { 0 }
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
    pub(super) fn push(&mut self, width: usize, row: Result<&str, Problem>) {
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
                match self.runs.last_mut() {
                    Some(run) if *run.label == *label => run.rows += 1,
                    _ => self.runs.push(Run {
                        label: label.into(),
                        rows: 1,
                    }),
                }
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
