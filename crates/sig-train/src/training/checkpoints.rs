//! The checkpoints of a training: per epoch three of Burn's records and the history so far.

use std::fs;
use std::io::ErrorKind::NotFound;
use std::path::{Path, PathBuf};

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use burn::train::checkpoint::{Checkpoint, Checkpointer, CheckpointerError, FileCheckpointer};
use sig_data::Folder;

use super::History;
use crate::Error;

const MODEL: &str = "model";
const OPTIMIZER: &str = "optim";
const SCHEDULER: &str = "scheduler";

/// The folder of the checkpoints of one training.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    folder: Folder,
}

impl Checkpoints {
    pub(crate) fn new(folder: Folder) -> Self {
        Self { folder }
    }

    pub(super) fn create(&self) -> Result<(), Error> {
        Ok(Folder::create(&self.path()).map(drop)?)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path("")
    }

    pub(super) fn model(&self) -> Recorder {
        Recorder::new(self.path(), MODEL)
    }

    pub(super) fn optimizer(&self) -> Recorder {
        Recorder::new(self.path(), OPTIMIZER)
    }

    pub(super) fn scheduler(&self) -> Recorder {
        Recorder::new(self.path(), SCHEDULER)
    }

    /// The weights after an epoch.
    pub(super) fn weights(&self, epoch: usize) -> Result<ModuleRecord, Error> {
        self.model().read(epoch)
    }

    pub(super) fn save_history(&self, history: &History) -> Result<(), Error> {
        let name = history_name(history.last());
        Ok(self.folder.write_json(&name, history)?)
    }

    pub(super) fn delete_history(&self, epoch: usize) -> Result<(), Error> {
        Ok(self.folder.remove(&history_name(epoch))?)
    }

    /// The epochs that have a history, the last first.
    pub(super) fn epochs(&self) -> Result<Vec<usize>, Error> {
        let epoch = |name: String| {
            let number = name.strip_prefix("history-")?.strip_suffix(".json")?;
            number.parse::<usize>().ok()
        };
        let names = self.folder.names()?;
        let mut epochs: Vec<_> = names.into_iter().filter_map(epoch).collect();
        epochs.sort_unstable_by(|a, b| b.cmp(a));
        Ok(epochs)
    }

    /// The history of the last epoch from which training can go on, empty if no epoch was finished.
    /// Passes over an epoch that was still being written, and with a warning one that is damaged.
    ///
    /// # Errors
    ///
    /// Names the damaged file if there are checkpoints and none is whole.
    pub(crate) fn last_whole(&self) -> Result<History, Error> {
        let mut damage = None;
        for epoch in self.epochs()? {
            match self.whole(epoch) {
                Ok(history) => return Ok(history),
                Err(Error::File(sig_data::Error::Io { source, .. }))
                    if source.kind() == NotFound => {}
                Err(error) => {
                    eprintln!("{error}; trying the checkpoint before");
                    damage.get_or_insert(error);
                }
            }
        }
        damage.map_or(Ok(History::default()), Err)
    }

    /// The history up to an epoch, if all that is needed to go on from there can be read.
    fn whole(&self, epoch: usize) -> Result<History, Error> {
        let history = self.folder.read_json::<History>(&history_name(epoch))?;
        let history = history.unwrap_or_default();
        let best = history.best().map_or(epoch, |best| best.epoch);
        self.model().read::<ModuleRecord>(epoch)?;
        self.model().read::<ModuleRecord>(best)?;
        self.optimizer().read::<OptimizerRecord>(epoch)?;
        self.scheduler().read::<LrSchedulerRecord>(epoch)?;
        Ok(history)
    }
}

fn history_name(epoch: usize) -> String {
    format!("history-{epoch}.json")
}

/// Reads a record whole. Burn's own `load` leaves the numbers in the file until they are needed,
/// and by then a later epoch has deleted it.
pub(crate) fn read_record<R: Checkpoint>(path: &Path) -> Result<R, Error> {
    let content = fs::read(path).map_err(Error::io(path))?;
    let record = R::checkpoint_from_bytes(Bytes::from_bytes_vec(content));
    record.map_err(|error| Error::data(path, format!("damaged: {error}")))
}

/// Burn's file checkpointer, which renames files into place once they are complete. Its errors name
/// the file, and records are read whole.
pub(super) struct Recorder {
    files: FileCheckpointer,
    /// `FOLDER/NAME`, to which `-EPOCH.bpk` is added.
    stem: String,
}

impl Recorder {
    fn new(folder: PathBuf, name: &str) -> Self {
        Self {
            files: FileCheckpointer::new(&folder, name),
            stem: folder.join(name).display().to_string(),
        }
    }

    fn read<R: Checkpoint>(&self, epoch: usize) -> Result<R, Error> {
        read_record(Path::new(&format!("{}-{epoch}.bpk", self.stem)))
    }

    fn named(&self, epoch: usize, error: CheckpointerError) -> CheckpointerError {
        CheckpointerError::Unknown(format!("{}-{epoch}.bpk: {error}", self.stem))
    }
}

impl<R: Checkpoint> Checkpointer<R> for Recorder {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        let saved = self.files.save(epoch, record);
        saved.map_err(|error| self.named(epoch, error))
    }

    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        let deleted = Checkpointer::<R>::delete(&self.files, epoch);
        deleted.map_err(|error| self.named(epoch, error))
    }

    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        let record = self.read(epoch);
        record.map_err(|error| CheckpointerError::Unknown(error.to_string()))
    }
}
