use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::job::Job;
use crate::paths::PathState;

/// How far a job is, when a part has been written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The version that began it; another one may compute other bits.
    pub(crate) version: String,
    /// What each letter of the features' names is.
    pub(crate) channels: Vec<String>,
    pub(crate) job: Job,
    pub(crate) input: Input,
    pub(crate) complete: bool,
    pub(crate) parts: usize,
    /// Paths that are begun, and those too short for a window.
    pub(crate) paths: u64,
    pub(crate) short_paths: u64,
    /// Rows of features.
    pub(crate) rows: u64,
    pub(crate) bad_rows: u64,
    /// Bytes of `_ids` and of `_bad_rows.csv` that belong to it.
    pub(crate) ids_bytes: u64,
    pub(crate) bad_rows_bytes: u64,
    /// Where to read on: a place of the file with the rows, lines and bytes before it, the first row
    /// that is needed, the last one that is done, and the bytes up to that.
    pub(crate) offset: u64,
    pub(crate) rows_before: u64,
    pub(crate) lines_before: u64,
    pub(crate) bytes_before: u64,
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) bytes_done: u64,
    pub(crate) path: Option<PathState>,
}

/// By what a file is known again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) bytes: u64,
    modified_ns: u128,
}

impl State {
    /// Before the first row, which comes after some lines.
    pub(crate) fn new(job: Job, input: Input, lines_before: u64) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            channels: job.channels(),
            job,
            input,
            complete: false,
            parts: 0,
            paths: 0,
            short_paths: 0,
            rows: 0,
            bad_rows: 0,
            ids_bytes: 0,
            bad_rows_bytes: 0,
            offset: 0,
            rows_before: 0,
            lines_before,
            bytes_before: 0,
            first_row: 0,
            last_row: 0,
            bytes_done: 0,
            path: None,
        }
    }

    /// Whether nothing has been read.
    pub(crate) fn is_new(&self) -> bool {
        self.last_row == 0
    }

    /// # Errors
    ///
    /// Says why another job cannot go on from here.
    pub(crate) fn check(&self, new: &Self) -> Result<(), Error> {
        let resume = |text: String| Err(Error::Resume(text));
        if self.version != new.version {
            return resume(format!(
                "the job was begun by version {}, this is {}",
                self.version, new.version
            ));
        }
        if self.input != new.input {
            return resume("the input has changed since the job was begun".into());
        }
        match self.job.difference(&new.job) {
            Some(difference) => resume(format!(
                "the job in the folder is another one: {difference}"
            )),
            None => Ok(()),
        }
    }
}

impl Input {
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(path).map_err(Error::io(path))?;
        let modified = metadata.modified().map_err(Error::io(path))?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            bytes: metadata.len(),
            modified_ns: since.as_nanos(),
        })
    }
}
