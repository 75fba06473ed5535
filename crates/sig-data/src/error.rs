use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What is wrong with a file or folder, in one line.
#[derive(Debug, Error)]
pub enum Error {
    /// A file or folder that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },

    /// A file whose content is wrong.
    #[error("{}: {problem}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: Problem,
    },
}

/// What is wrong within a file, and where: ``row 2 (line 3), column `a`: `x` is not a number``.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The number of the row, from 1.
    pub row: Option<u64>,
    /// The number of the line on which the row starts, from 1.
    pub line: Option<u64>,
    /// The name of the column.
    pub column: Option<String>,
    /// What is wrong there.
    pub reason: String,
}

impl Error {
    /// For `map_err`: an I/O error with the path it happened at.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    /// An error in the content of a file.
    pub fn data(path: &Path, problem: impl Into<Problem>) -> Self {
        Self::Data {
            path: path.to_path_buf(),
            problem: problem.into(),
        }
    }

    /// A file of a format for which a feature is needed.
    #[cfg(not(all(feature = "parquet", feature = "zstd")))]
    pub(crate) fn left_out(path: &Path, format: &str, feature: &str) -> Self {
        let reason = format!(
            "to read {format}, add the feature `{feature}` of sig-data or sig-train in Cargo.toml"
        );
        Self::data(path, reason)
    }

    /// The same with advice behind it, such as the flag that helps.
    pub fn help(mut self, help: &str) -> Self {
        if let Self::Data { problem, .. } = &mut self {
            problem.reason += "; ";
            problem.reason += help;
        }
        self
    }
}

impl Problem {
    /// Of one column.
    pub fn of_column(column: &str, reason: impl Into<String>) -> Self {
        Self {
            column: Some(column.into()),
            ..Self::from(reason.into())
        }
    }
}

impl<T: Into<String>> From<T> for Problem {
    fn from(reason: T) -> Self {
        Self {
            reason: reason.into(),
            ..Default::default()
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = match (self.row, self.line) {
            (Some(row), Some(line)) => Some(format!("row {row} (line {line})")),
            (Some(row), None) => Some(format!("row {row}")),
            (None, line) => line.map(|line| format!("line {line}")),
        };
        let column = self.column.as_ref();
        let column = column.map(|column| format!("column `{column}`"));
        let place: Vec<_> = row.into_iter().chain(column).collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.reason)
    }
}
