use std::path::PathBuf;

use super::Series;
use crate::Error;

/// What a first column is called that tells the time.
const TIME_NAMES: [&str; 6] = ["date", "time", "datetime", "timestamp", "ds", "t"];

/// A value of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    Text(Box<str>),
    Missing,
}

/// A file of named columns, of which it is not yet known what they mean.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The file.
    pub(super) path: PathBuf,
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// What a row is called in this format, and the number of each.
    pub(super) places: (&'static str, Vec<u64>),
    /// A column whose type is one of time.
    pub(super) dated: Option<usize>,
}

impl Table {
    pub(crate) fn wrong(&self, reason: impl Into<String>) -> Error {
        Error::data(&self.path, reason)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All columns but the one that tells the time, `time` or without it the one that seems to.
    ///
    /// # Errors
    ///
    /// Says what is wrong and in which row: no such column, a value that is no finite number, or that the
    /// newest row comes first.
    pub(crate) fn series(&self, target: &str, time: Option<&str>) -> Result<Series, Error> {
        let time = self.time(time)?;
        let target_column = self.find(target)?;
        if time == Some(target_column) {
            return Err(self.wrong(format!(
                "the target `{target}` is the column that tells the time"
            )));
        }
        if let Some(column) = time {
            self.oldest_first(column)?;
        }
        let channels: Vec<_> = (0..self.names.len())
            .filter(|&column| Some(column) != time)
            .collect();
        let is_target = |&column: &usize| column == target_column;
        Ok(Series {
            rows: self.numbers(&channels)?,
            names: channels.iter().map(|&c| self.names[c].clone()).collect(),
            target: channels.iter().position(is_target).expect("is a channel"),
        })
    }

    /// The columns of these names, in this order.
    pub(crate) fn columns(&self, names: &[String]) -> Result<Vec<Vec<f64>>, Error> {
        let found = names.iter().map(|name| self.find(name));
        self.numbers(&found.collect::<Result<Vec<_>, _>>()?)
    }

    /// The column that tells the time: that of the name, or without one what seems to.
    pub(crate) fn time(&self, name: Option<&str>) -> Result<Option<usize>, Error> {
        if let Some(name) = name {
            return self.find(name).map(Some);
        }
        let named = TIME_NAMES.contains(&self.names[0].to_lowercase().as_str());
        let text = matches!(self.rows[0][0], Cell::Text(_));
        Ok(if named || text { Some(0) } else { self.dated })
    }

    /// # Errors
    ///
    /// Says so if the times fall from each row to the next, as in a file that starts with the newest.
    pub(crate) fn oldest_first(&self, time: usize) -> Result<(), Error> {
        let of = |row: usize| &self.rows[row][time];
        let falls = |row: usize| is_before(of(row), of(row - 1));
        if self.len() < 2 || !(1..self.len()).all(falls) {
            return Ok(());
        }
        Err(self.wrong(format!(
            "the rows go back in time, from {} to {}; the oldest must come first",
            self.text(0, time),
            self.text(self.len() - 1, time)
        )))
    }

    pub(crate) fn name(&self, column: usize) -> &str {
        &self.names[column]
    }

    pub(crate) fn text(&self, row: usize, column: usize) -> String {
        match &self.rows[row][column] {
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => text.to_string(),
            Cell::Missing => String::new(),
        }
    }

    fn find(&self, name: &str) -> Result<usize, Error> {
        let mut found = (0..self.names.len()).filter(|&column| self.names[column] == name);
        match (found.next(), found.next()) {
            (Some(column), None) => Ok(column),
            (Some(_), Some(_)) => Err(self.wrong(format!("there are two columns `{name}`"))),
            (None, _) => {
                let columns = self.names.join(", ");
                Err(self.wrong(format!(
                    "there is no column `{name}`; the columns are {columns}"
                )))
            }
        }
    }

    fn numbers(&self, columns: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        let row = |(index, row): (usize, &Vec<Cell>)| {
            let value = |&column: &usize| {
                number(&row[column]).map_err(|what| {
                    let (word, numbers) = &self.places;
                    let name = &self.names[column];
                    self.wrong(format!(
                        "{word} {}, column `{name}`: {what}",
                        numbers[index]
                    ))
                })
            };
            columns.iter().map(value).collect::<Result<Vec<_>, Error>>()
        };
        self.rows.iter().enumerate().map(row).collect()
    }
}

/// Of numbers, and of dates that are written from the year on.
fn is_before(one: &Cell, other: &Cell) -> bool {
    let dated =
        |text: &str| text.len() >= 10 && text.is_ascii() && text[..4].parse::<u16>().is_ok();
    match (one, other) {
        (Cell::Number(one), Cell::Number(other)) => one < other,
        (Cell::Text(one), Cell::Text(other)) => dated(one) && dated(other) && one < other,
        _ => false,
    }
}

fn number(cell: &Cell) -> Result<f64, String> {
    match cell {
        Cell::Number(value) if value.is_finite() => Ok(*value),
        Cell::Number(value) => Err(format!("`{value}` is not a finite number")),
        Cell::Text(text) => Err(format!("`{text}` is not a number")),
        Cell::Missing => Err("the value is missing".into()),
    }
}
