use std::path::{Path, PathBuf};

use thiserror::Error;

/// Whatever ends a job: one line that names what is wrong and where.
#[derive(Debug, Error)]
pub enum Error {
    /// An option, or options together, that make no sense.
    #[error("{0}")]
    Usage(String),

    /// A file or folder that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },

    /// A file that is not what it should be.
    #[error("{}: {reason}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the row where there is one.
        reason: String,
    },

    /// A folder from which the job cannot go on.
    #[error("--resume: {0}")]
    Resume(String),
}

impl Error {
    /// For `map_err`: an I/O error with the path it happened at.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn data(path: &Path, reason: impl Into<String>) -> Self {
        Self::Data {
            path: path.to_path_buf(),
            reason: reason.into(),
        }
    }
}
