use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chunk::{Chunk, Columns, Position};
use super::csv::{CsvFile, CsvOptions};
#[cfg(feature = "parquet")]
use super::parquet::ParquetFile;
use super::time::is_name_of_time;
use super::ts::TsFile;
use crate::Error;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// A file of the UEA and UCR archives of labelled series.
    Ts,
}

impl Format {
    /// The format that the ending of a name stands for.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        let packed = [".gz", ".zst"];
        let unpacked = packed.iter().find_map(|ending| name.strip_suffix(ending));
        let ending = unpacked.unwrap_or(&name).rsplit_once('.');
        match (ending.map(|(_, ending)| ending), unpacked) {
            (Some("csv" | "tsv" | "txt"), _) => Ok(Self::Csv),
            (Some("ts"), _) => Ok(Self::Ts),
            (Some("parquet" | "pq"), None) => Ok(Self::Parquet),
            _ => Err(Error::data(
                path,
                "the name must end in .csv, .tsv, .txt, .ts, or one of these with .gz or .zst, or in \
                 .parquet or .pq",
            )),
        }
    }
}

/// What a column holds, by its name, its type and its first values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// Dates or timestamps.
    Time,
    /// The numbers of the rows, as pandas writes them.
    Index,
    /// Neither a name nor a value, behind a delimiter at the end of each line.
    Empty,
    #[cfg(feature = "parquet")]
    Nested,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Text => "text",
            Self::Time => "times",
            Self::Index => "index",
            Self::Empty => "empty",
            #[cfg(feature = "parquet")]
            Self::Nested => "nested",
        }
    }
}

pub(super) type Chunks = Result<Vec<Chunk>, Error>;

/// A format: how its files are read.
pub(super) trait Reader: Send {
    /// The names of all columns.
    fn names(&self) -> &[String];

    /// What a column holds.
    fn kind(&self, column: usize) -> Kind;

    /// The columns of ids that every file of this format has.
    fn ids(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Whether its first line, read as the names of the columns, looks like data.
    fn may_lack_a_header(&self) -> bool {
        false
    }

    /// What a column that is left out could be used as, if another option were given.
    fn hint(&self, _column: usize) -> Option<&'static str> {
        None
    }

    /// A remark on the file for the user, if there is one.
    fn note(&self) -> Option<String> {
        None
    }

    /// Prepares to read columns from a position on, or says which of them cannot be read.
    fn prepare(&mut self, _columns: &Columns, _position: Position) -> Result<(), Error> {
        Ok(())
    }

    /// The chunks from `start` on, about `count`, each counted from its own beginning; none at the
    /// end. `start` is where the last call ended, or the position of the last `prepare`.
    fn chunks(&mut self, columns: &Columns, start: Position, count: usize) -> Chunks;
}

/// A file whose columns are known and whose rows have not been read.
pub struct Source {
    pub(super) path: PathBuf,
    reader: Box<dyn Reader>,
}

impl Source {
    /// Opens a file and reads the names of its columns.
    ///
    /// # Arguments
    ///
    /// - `options`: how a CSV file is written.
    pub fn open(path: &Path, format: Format, options: CsvOptions) -> Result<Self, Error> {
        let reader: Box<dyn Reader> = match format {
            Format::Csv => Box::new(CsvFile::open(path, options)?),
            #[cfg(feature = "parquet")]
            Format::Parquet => Box::new(ParquetFile::open(path)?),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => return Err(Error::left_out(path, "Parquet", "parquet")),
            Format::Ts => Box::new(TsFile::open(path)?),
        };
        Ok(Self {
            path: path.into(),
            reader,
        })
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        self.reader.names()
    }

    /// The number of the column of that name.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        let names = self.names();
        let mut found = (0..names.len()).filter(|&column| names[column] == name);
        let reason = match (found.next(), found.next()) {
            (Some(column), None) => return Ok(column),
            (Some(_), Some(_)) => format!("there are two columns `{name}`"),
            (None, _) => {
                let columns = names.join(", ");
                let hint = match self.reader.may_lack_a_header() {
                    true => {
                        "; if the first line has no names, --no-header calls the columns 1, 2, …"
                    }
                    false => "",
                };
                format!("there is no column `{name}`; the columns are {columns}{hint}")
            }
        };
        Err(Error::data(&self.path, reason))
    }

    /// The columns of ids: those of these names, or else those that the format itself has.
    pub fn ids(&self, names: &[String]) -> Result<Vec<usize>, Error> {
        match names {
            [] => Ok(self.reader.ids()),
            _ => names.iter().map(|name| self.column(name.trim())).collect(),
        }
    }

    /// The column that tells the time: the one of that name. Without a name it is the first column if
    /// this has a name like `date`, else the first of dates or timestamps, else the first column if it
    /// is text.
    ///
    /// # Arguments
    ///
    /// - `others`: columns that are something else, unless the name is theirs.
    pub fn time_column(
        &self,
        name: Option<&str>,
        others: &[usize],
    ) -> Result<Option<usize>, Error> {
        if let Some(name) = name {
            return self.column(name).map(Some);
        }
        let kind = |column| self.reader.kind(column);
        let mut all = (0..self.names().len()).filter(|&column| kind(column) != Kind::Index);
        let first = all.clone().next();
        let first = first.filter(|column| !others.contains(column));
        let named = first.filter(|&column| is_name_of_time(&self.names()[column]));
        Ok(named
            .or_else(|| all.find(|column| kind(*column) == Kind::Time && !others.contains(column)))
            .or(first.filter(|&column| kind(column) == Kind::Text)))
    }

    /// The columns of numbers, without an index and without those in `taken`.
    pub fn channels(&self, taken: &[usize]) -> Vec<usize> {
        let is_channel =
            |column: &usize| !taken.contains(column) && self.reader.kind(*column) == Kind::Number;
        (0..self.names().len()).filter(is_channel).collect()
    }

    /// What becomes of the columns, in a line: ``channels: a, b; time: day; left out: text `name` ``.
    ///
    /// # Arguments
    ///
    /// - `uses`: what columns are for, and which.
    pub fn describe(&self, uses: &[(&str, &[usize])]) -> String {
        let names = self.names();
        let used = uses.iter().filter(|(_, columns)| !columns.is_empty());
        let used = used.map(|(what, columns)| {
            let columns = columns.iter().map(|&column| names[column].as_str());
            format!("{what}: {}", columns.collect::<Vec<_>>().join(", "))
        });
        let is_used = |column: &usize| uses.iter().any(|(_, columns)| columns.contains(column));
        let left = (0..names.len()).filter(|column| !is_used(column));
        let left = left.map(|column| {
            let hint = self.reader.hint(column).map(|hint| format!(" ({hint})"));
            let kind = self.reader.kind(column).name();
            format!("{kind} `{}`{}", names[column], hint.unwrap_or_default())
        });
        let left = left.collect::<Vec<_>>().join(", ");
        let left = (!left.is_empty()).then(|| format!("left out: {left}"));
        let parts: Vec<_> = used.chain(left).chain(self.reader.note()).collect();
        parts.join("; ")
    }

    /// The rows of these columns, from the first on.
    ///
    /// # Errors
    ///
    /// Names a Parquet column whose type is none of numbers.
    pub fn select(self, columns: Columns) -> Result<Rows, Error> {
        let position = Position::default();
        let mut rows = Rows {
            source: self,
            columns,
            position,
        };
        rows.seek(position)?;
        Ok(rows)
    }
}

/// The rows of a file, read in order.
pub struct Rows {
    pub(super) source: Source,
    pub(super) columns: Columns,
    pub(super) position: Position,
}

impl Rows {
    /// Goes to the start or the end of a chunk.
    pub fn seek(&mut self, position: Position) -> Result<(), Error> {
        self.position = position;
        self.source.reader.prepare(&self.columns, position)
    }

    /// The next chunks, parsed side by side. The same rows make the same chunks on any number of
    /// threads.
    ///
    /// # Arguments
    ///
    /// - `count`: about how many, which bounds the memory.
    ///
    /// # Returns
    ///
    /// At least one chunk, or none at the end of the file.
    pub fn chunks(&mut self, count: usize) -> Result<Vec<Chunk>, Error> {
        let mut chunks = self
            .source
            .reader
            .chunks(&self.columns, self.position, count)?;
        for chunk in &mut chunks {
            chunk.begin_at(self.position);
            self.position = chunk.end;
        }
        Ok(chunks)
    }
}
