use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sig_data::{Position, difference};

use crate::error::Error;
use crate::job::Job;
use crate::paths::Path as Points;

/// How far a job is, when a part has been written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Where to read on, the first row that is needed, the last one that is done, and the bytes up to
    /// that.
    pub(crate) position: Position,
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) bytes_done: u64,
    /// The path that is begun.
    pub(crate) path: Option<Points>,
}

/// By what a file is known again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) bytes: u64,
    modified_ns: u128,
}

impl State {
    /// Before the first row.
    pub(crate) fn new(job: Job, input: Input) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            channels: job.channels(),
            job,
            input,
            ..Default::default()
        }
    }

    /// Whether its numbers are those of a job that can have been: no sum of some of them is too large,
    /// and a path lets go of no points that are to come.
    pub(crate) fn is_sound(&self) -> bool {
        const MOST: u64 = 1 << 53;
        let Position { rows, lines, bytes } = self.position;
        let numbers = [
            [rows, lines, bytes, self.bytes_done],
            [self.paths, self.short_paths, self.rows, self.bad_rows],
            [
                self.ids_bytes,
                self.bad_rows_bytes,
                self.first_row,
                self.last_row,
            ],
        ];
        let small = numbers.as_flattened().iter().all(|number| *number < MOST);
        small && self.path.as_ref().is_none_or(|path| path.is_sound(MOST))
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
        match difference(&self.job, &new.job) {
            Some(found) => resume(format!(
                "the job in the folder is another one: {} was {} and is {}",
                found.field, found.before, found.now
            )),
            None => Ok(()),
        }
    }
}

impl Input {
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(path);
        let modified = metadata.and_then(|metadata| Ok((metadata.len(), metadata.modified()?)));
        let (bytes, modified) = modified.map_err(sig_data::Error::io(path))?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            bytes,
            modified_ns: since.as_nanos(),
        })
    }
}
