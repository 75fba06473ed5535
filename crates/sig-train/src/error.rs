use std::path::{Path, PathBuf};

use thiserror::Error;

/// Whatever ends a study before its table: each is one line that names what is wrong and where.
#[derive(Debug, Error)]
pub enum Error {
    /// An option, or options together, that make no sense.
    #[error("{0}")]
    Usage(String),

    /// A device name that stands for no backend.
    #[error("--device {name}: unknown device; known are {known}")]
    UnknownDevice {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },

    /// A device whose backend is not compiled in.
    #[error(
        "--device {name}: this build lacks the feature `{name}`; \
         use `cargo run --release --example sigkan --features {name}`"
    )]
    FeatureOff {
        /// The name given, which is the feature's too.
        name: String,
    },

    /// A device that is compiled in and does not start.
    #[error("--device {name}: the device does not start: {reason}")]
    DeviceFailed {
        /// The name given.
        name: String,
        /// What the backend says.
        reason: String,
    },

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

    /// A file or folder that cannot be read or written, or whose content is wrong.
    #[error(transparent)]
    File(#[from] sig_data::Error),

    /// A series too short for what is asked of it.
    #[error("{0}")]
    TooShort(String),

    /// An artifacts folder from which the study cannot go on.
    #[error("--resume: {0}")]
    Resume(String),

    /// A training that failed.
    #[error("training {model}: {reason}")]
    Training {
        /// The model in training.
        model: String,
        /// What happened.
        reason: String,
    },

    /// A training whose server ended.
    #[error("training {model}: {servers}, {reason}; go on with --resume, there or elsewhere")]
    Lost {
        /// The model in training.
        model: String,
        /// Which servers do not answer any more.
        servers: String,
        /// What Burn says.
        reason: String,
    },

    /// A training that the user stopped.
    #[error("stopped at epoch {epoch} of {model}; go on with --resume")]
    Stopped {
        /// The model in training.
        model: String,
        /// The last complete epoch.
        epoch: usize,
    },

    /// A plot that cannot be drawn.
    #[error("{}: the plot cannot be drawn: {reason}", path.display())]
    Plot {
        /// The file it was meant for.
        path: PathBuf,
        /// What the library says.
        reason: String,
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
