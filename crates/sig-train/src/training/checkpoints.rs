//! The checkpoints of a training: per epoch three of Burn's records and the history up to there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use burn::train::checkpoint::{Checkpoint, Checkpointer, CheckpointerError, FileCheckpointer};

use super::History;
use crate::Error;
use crate::artifacts::Artifacts;

const MODEL: &str = "model";
const OPTIMIZER: &str = "optim";
const SCHEDULER: &str = "scheduler";

/// The folder of the checkpoints of one training.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    folder: Artifacts,
    /// The first error of a thread that writes. Burn keeps one too, but its dashboard resets it.
    failure: Arc<Mutex<Option<String>>>,
}

impl Checkpoints {
    pub(crate) fn new(folder: Artifacts) -> Self {
        Self {
            folder,
            failure: Arc::default(),
        }
    }

    pub(crate) fn create(&self) -> Result<(), Error> {
        Ok(self.folder.make()?)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path("")
    }

    pub(crate) fn model(&self) -> Recorder {
        self.recorder(MODEL)
    }

    pub(crate) fn optimizer(&self) -> Recorder {
        self.recorder(OPTIMIZER)
    }

    pub(crate) fn scheduler(&self) -> Recorder {
        self.recorder(SCHEDULER)
    }

    fn recorder(&self, name: &'static str) -> Recorder {
        Recorder {
            files: FileCheckpointer::new(self.folder.path(""), name),
            folder: self.folder.path(""),
            name,
            failure: self.failure.clone(),
        }
    }

    fn record(&self, name: &str, epoch: impl std::fmt::Display) -> PathBuf {
        self.folder.path(&format!("{name}-{epoch}.bpk"))
    }

    fn history_name(epoch: usize) -> String {
        format!("history-{epoch}.json")
    }

    /// The weights after an epoch.
    pub(crate) fn weights(&self, epoch: usize) -> Result<ModuleRecord, Error> {
        read_record(&self.record(MODEL, epoch))
    }

    pub(crate) fn save_history(&self, history: &History) -> Result<(), Error> {
        let name = Self::history_name(history.last());
        Ok(self.folder.write_json(&name, history)?)
    }

    pub(crate) fn delete_history(&self, epoch: usize) -> Result<(), Error> {
        Ok(self.folder.remove(&Self::history_name(epoch))?)
    }

    /// Notes the first failure, for whoever asks after the training.
    pub(crate) fn fail(&self, reason: String) {
        note(&self.failure, reason);
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.failure
            .lock()
            .expect("no holder of the failure panics")
            .clone()
    }

    /// The epochs of which there is a history, in descending order.
    pub(crate) fn epochs(&self) -> Result<Vec<usize>, Error> {
        let folder = self.folder.path("");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(Error::io(&folder))?,
        };
        let mut epochs = Vec::new();
        for entry in entries {
            let name = entry.map_err(Error::io(&folder))?.file_name();
            let name = name.to_string_lossy();
            let number = name
                .strip_prefix("history-")
                .and_then(|n| n.strip_suffix(".json"));
            epochs.extend(number.and_then(|number| number.parse::<usize>().ok()));
        }
        epochs.sort_unstable_by(|a, b| b.cmp(a));
        Ok(epochs)
    }

    /// The history of the last epoch whose checkpoint is whole, or nothing where no epoch was
    /// finished; `warn` is told of damaged ones that are passed over.
    ///
    /// # Errors
    ///
    /// Names the damaged file if there are checkpoints and none is whole.
    pub(crate) fn last_whole(&self, warn: impl Fn(&Error)) -> Result<Option<History>, Error> {
        let mut damage = None;
        for epoch in self.epochs()? {
            match self.whole(epoch) {
                Ok(Some(history)) => return Ok(Some(history)),
                // The study ended while these files were being written.
                Ok(None) => {}
                Err(error) => {
                    warn(&error);
                    damage.get_or_insert(error);
                }
            }
        }
        damage.map_or(Ok(None), Err)
    }

    /// The history up to an epoch, if all that is needed to go on from there can be read.
    fn whole(&self, epoch: usize) -> Result<Option<History>, Error> {
        let Some(history) = self
            .folder
            .read_json::<History>(&Self::history_name(epoch))?
        else {
            return Ok(None);
        };
        let best = history.best().map_or(epoch, |best| best.epoch);
        let whole = self.readable::<ModuleRecord>(MODEL, epoch)?
            && self.readable::<OptimizerRecord>(OPTIMIZER, epoch)?
            && self.readable::<LrSchedulerRecord>(SCHEDULER, epoch)?
            && self.readable::<ModuleRecord>(MODEL, best)?;
        Ok(whole.then_some(history))
    }

    fn readable<R: Checkpoint>(&self, name: &str, epoch: usize) -> Result<bool, Error> {
        let path = self.record(name, epoch);
        if !path.exists() {
            return Ok(false);
        }
        read_record::<R>(&path).map(|_| true)
    }
}

/// Reads a record whole. Burn's own `load` leaves the numbers in the file until they are needed,
/// and by then a later epoch has deleted it.
pub(crate) fn read_record<R: Checkpoint>(path: &Path) -> Result<R, Error> {
    let content = fs::read(path).map_err(Error::io(path))?;
    let record = R::checkpoint_from_bytes(Bytes::from_bytes_vec(content));
    record.map_err(|error| Error::data(path, format!("damaged: {error}")))
}

fn note(failure: &Mutex<Option<String>>, reason: String) {
    failure
        .lock()
        .expect("no holder of the failure panics")
        .get_or_insert(reason);
}

/// Burn's file checkpointer, whose files are renamed into place once they are complete, with its
/// failures noted.
pub(crate) struct Recorder {
    files: FileCheckpointer,
    folder: PathBuf,
    name: &'static str,
    failure: Arc<Mutex<Option<String>>>,
}

impl Recorder {
    fn noted<T>(&self, outcome: Result<T, CheckpointerError>) -> Result<T, CheckpointerError> {
        if let Err(error) = &outcome {
            note(
                &self.failure,
                format!("{}: {error}", self.folder.join(self.name).display()),
            );
        }
        outcome
    }
}

impl<R: Checkpoint> Checkpointer<R> for Recorder {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        self.noted(self.files.save(epoch, record))
    }

    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        self.noted(Checkpointer::<R>::delete(&self.files, epoch))
    }

    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        let record = read_record(&self.folder.join(format!("{}-{epoch}.bpk", self.name)));
        self.noted(record.map_err(|error| CheckpointerError::Unknown(error.to_string())))
    }
}
