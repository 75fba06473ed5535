//! A file of rows, read a stretch at a time and parsed on all cores.

mod chunk;
mod csv;
mod parquet;
mod shared;

use std::path::Path;

pub(crate) use chunk::{Chunk, Layout};

use crate::error::Error;

/// A file that is read from its first row to its last.
pub(crate) enum Source {
    Csv(csv::CsvFile),
    Parquet(Box<parquet::ParquetFile>),
}

impl Source {
    /// Opens a file and reads the names of its columns.
    pub(crate) fn open(path: &Path, delimiter: u8) -> Result<Self, Error> {
        let extension = path
            .extension()
            .map(|extension| extension.to_ascii_lowercase());
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("csv" | "tsv" | "txt") => csv::CsvFile::open(path, delimiter).map(Self::Csv),
            Some("parquet" | "pq") => {
                parquet::ParquetFile::open(path).map(|file| Self::Parquet(Box::new(file)))
            }
            _ => Err(Error::data(
                path,
                "the name must end in .csv, .tsv, .txt, .parquet or .pq",
            )),
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::Csv(file) => &file.names,
            Self::Parquet(file) => &file.names,
        }
    }

    /// Lines before the first row, in a file of lines.
    pub(crate) fn header_lines(&self) -> u64 {
        match self {
            Self::Csv(file) => file.header_lines,
            Self::Parquet(_) => 0,
        }
    }

    /// Goes to a row: `offset` is the byte of it in a CSV file, its index in a Parquet file; without
    /// one, to the first.
    pub(crate) fn start(&mut self, layout: &Layout, offset: Option<u64>) -> Result<(), Error> {
        match self {
            Self::Csv(file) => {
                file.start(offset);
                Ok(())
            }
            Self::Parquet(file) => file.start(layout, offset),
        }
    }

    /// The next stretches, some `count`; none at the end.
    pub(crate) fn next(&mut self, layout: &Layout, count: usize) -> Result<Vec<Chunk>, Error> {
        match self {
            Self::Csv(file) => file.next(layout, count),
            Self::Parquet(file) => file.next(layout, count),
        }
    }
}
