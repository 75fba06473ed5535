use thiserror::Error;

/// Whatever ends a job: one line that names what is wrong and where.
#[derive(Debug, Error)]
pub enum Error {
    /// An option, or options together, that make no sense.
    #[error("{0}")]
    Usage(String),

    /// A file or folder that cannot be read or written, or whose content is wrong.
    #[error(transparent)]
    File(#[from] sig_data::Error),

    /// A folder from which the job cannot go on.
    #[error("--resume: {0}")]
    Resume(String),
}
