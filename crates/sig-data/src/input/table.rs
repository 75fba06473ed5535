use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::chunk::SEPARATOR;
use super::number::is_missing;
use super::order::{Note, REPEATED, in_order};
use super::time::{Reading, present, reading, since};
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
    /// Notes on the times: how they are read, repeated times and gaps.
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
                    let time = if is_missing(time) { "" } else { time };
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
        let notes = table.arrange(sort).map_err(|problem| {
            let column = column.map(|&column| self.source.names()[column].clone());
            Error::data(&self.source.path, Problem { column, ..problem })
        })?;
        let series = table.series().len();
        for (note, of) in notes {
            let among = if of > 1 {
                format!(" in {of} of {series} series")
            } else {
                String::new()
            };
            let Note { what, count, first } = note;
            let mut text = format!("{what}: {count}{among}, the first at {first}");
            if what == REPEATED && self.columns.ids == 0 {
                let id = table
                    .id()
                    .map(|column| &*self.source.names()[self.columns.numbers[column]]);
                text += &format!(
                    "; if the file has several series, --group {} tells them apart",
                    id.unwrap_or("COLUMN")
                );
            }
            table.notes.push(text);
        }
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

    /// The first column of whole numbers that tells rows of the same time apart, as an id does: few
    /// values, and each once per time.
    fn id(&self) -> Option<usize> {
        let is_id = |&column: &usize| {
            let value = |row: usize| self.rows[row][column];
            let mut values = HashSet::new();
            let mut once = HashSet::new();
            let tells = (0..self.rows.len()).all(|row| {
                let number = value(row);
                values.insert(number.to_bits());
                number.fract() == 0.0 && once.insert((&*self.times[row], number.to_bits()))
            });
            tells && 4 * values.len() <= self.rows.len()
        };
        (0..self.rows[0].len()).find(is_id)
    }

    /// Puts the rows of a key together, in the order of their times.
    ///
    /// # Returns
    ///
    /// Notes on all series together, each with the number of series that it holds for.
    fn arrange(&mut self, sort: bool) -> Result<Vec<(Note, usize)>, Problem> {
        let mut keys = HashMap::new();
        let number = |key: &String| {
            let next = keys.len();
            *keys.entry(key.clone()).or_insert(next)
        };
        let keys: Vec<usize> = self.keys.iter().map(number).collect();
        let times: Vec<_> = self.times.iter().map(String::as_str).collect();
        let read = reading(&times);
        if let (None, Some(row)) = (read, Reading::stranger(&times)) {
            let like = present(&times).find(|time| *time != times[row]);
            return Err(Problem {
                row: Some(self.numbers[row]),
                ..format!(
                    "`{}` is not a time like the others, such as `{}`",
                    times[row],
                    like.unwrap_or_default()
                )
                .into()
            });
        }
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
        self.notes.extend(how_read(&times, read));
        let text = |all: &[String]| order.iter().map(|&row| all[row].clone()).collect();
        (self.keys, self.times) = (text(&self.keys), text(&self.times));
        self.numbers = order.iter().map(|&row| self.numbers[row]).collect();
        let mut row = |&row: &usize| std::mem::take(&mut self.rows[row]);
        self.rows = order.iter().map(&mut row).collect();
        let mut notes: Vec<(Note, usize)> = Vec::new();
        for range in self.series() {
            let Some(reading) = read else { break };
            let times = self.times[range.clone()].iter().map(String::as_str);
            let times: Vec<_> = times.collect();
            for note in in_order(&times, &self.numbers[range], reading)? {
                match notes.iter_mut().find(|(first, _)| first.what == note.what) {
                    Some((first, of)) => (first.count, *of) = (first.count + note.count, *of + 1),
                    None => notes.push((note, 1)),
                }
            }
        }
        Ok(notes)
    }
}

/// A note on times that are not understood, or on dates whose days might be months.
fn how_read(times: &[&str], read: Option<Reading>) -> Option<String> {
    let first = present(times).next()?;
    match read {
        None => Some(format!(
            "the times, such as `{first}`, are not understood, so their order is not checked; --time \
             names another column, --group a column of ids"
        )),
        Some(_) => Reading::doubtful(present(times)).map(|time| {
            format!(
                "dates such as `{time}` are read as day/month/year, but month/day/year would fit all of \
                 them, too; write them like 2024-01-31 to be sure"
            )
        }),
    }
}

#[cfg(test)]
mod tests;
