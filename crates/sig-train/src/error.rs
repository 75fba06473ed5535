use std::path::Path;

use thiserror::Error;

/// Whatever ends a study before its table: each is one line that names what is wrong and where.
#[derive(Debug, Error)]
pub enum Error {
    /// An option, or options together, that make no sense, or not for this series.
    #[error("{0}")]
    Usage(String),

    /// A device that cannot be computed on: it stands for no backend, is not compiled in, or does
    /// not start.
    #[error("--device {0}")]
    Device(#[from] sig_core::DeviceError),

    /// A server that cannot be computed on.
    #[error("--remote {url}: {reason}")]
    Remote {
        /// The address given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A device that stopped computing, as one does whose server has ended.
    #[error("the device failed: {0}")]
    Computation(String),

    /// A file or folder that cannot be read or written, or whose content is wrong, or a plot that
    /// cannot be drawn.
    #[error(transparent)]
    File(#[from] sig_data::Error),

    /// An artifacts folder from which the study cannot go on.
    #[error("--resume: {0}")]
    Resume(String),

    /// A training that failed, on its own or with its server.
    #[error("training {model}: {reason}")]
    Training {
        /// The model in training.
        model: String,
        /// What happened.
        reason: String,
    },

    /// A training that the user stopped.
    #[error("stopped at epoch {epoch} of {model}; go on with {options}")]
    Stopped {
        /// The model in training.
        model: String,
        /// The last complete epoch.
        epoch: usize,
        /// The options to go on with.
        options: String,
    },
}

impl Error {
    /// For `map_err`: an I/O error with the path it happened at.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |error| sig_data::Error::io(path)(error).into()
    }

    pub(crate) fn data(path: &Path, reason: impl Into<String>) -> Self {
        sig_data::Error::data(path, reason.into()).into()
    }
}
