//! The checkpoints of a training: per epoch three of Burn's records and the history so far.

use std::fs;
use std::io::ErrorKind::NotFound;
use std::path::{Path, PathBuf};

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use burn::train::checkpoint::CheckpointerError::{self, Unknown};
use burn::train::checkpoint::{Checkpoint, Checkpointer};
use sig_data::Folder;

use super::History;
use crate::Error;

pub(super) const MODEL: &str = "model";
pub(super) const OPTIMIZER: &str = "optim";
pub(super) const SCHEDULER: &str = "scheduler";

/// The folder of the checkpoints of one training.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints(pub(crate) Folder);

impl Checkpoints {
    /// Burn's checkpointer of one kind of record.
    pub(super) fn recorder(&self, name: &'static str) -> Recorder {
        let folder = self.0.clone();
        Recorder { folder, name }
    }

    /// The epochs that have a history, the last first.
    pub(super) fn epochs(&self) -> Result<Vec<usize>, Error> {
        let epoch = |name: String| {
            let number = name.strip_prefix("history-")?.strip_suffix(".json")?;
            number.parse::<usize>().ok()
        };
        let names = self.0.names()?;
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
                    tell!("{error}; trying the checkpoint before");
                    damage.get_or_insert(error);
                }
            }
        }
        damage.map_or(Ok(History::default()), Err)
    }

    /// The history up to an epoch, if all that is needed to go on from there can be read.
    fn whole(&self, epoch: usize) -> Result<History, Error> {
        let history = self.0.read_json::<History>(&history_name(epoch))?;
        let history = history.unwrap_or_default();
        if !history.is_sound() || history.last() > epoch {
            let path = self.0.path(&history_name(epoch));
            return Err(Error::data(
                &path,
                "damaged: the epochs are not those before it",
            ));
        }
        let best = history.best().map_or(epoch, |best| best.epoch);
        self.recorder(MODEL).read::<ModuleRecord>(epoch)?;
        self.recorder(MODEL).read::<ModuleRecord>(best)?;
        self.recorder(OPTIMIZER).read::<OptimizerRecord>(epoch)?;
        self.recorder(SCHEDULER).read::<LrSchedulerRecord>(epoch)?;
        Ok(history)
    }
}

pub(super) fn history_name(epoch: usize) -> String {
    format!("history-{epoch}.json")
}

/// Reads a record whole. Burn's own `load` leaves the numbers in the file until they are needed,
/// and by then a later epoch has deleted it.
pub(crate) fn read_record<R: Checkpoint>(path: &Path) -> Result<R, Error> {
    let content = fs::read(path).map_err(Error::io(path))?;
    let record = R::checkpoint_from_bytes(Bytes::from_bytes_vec(content));
    record.map_err(|error| Error::data(path, format!("damaged: {error}")))
}

/// Burn's records of one kind, one file per epoch, `NAME-EPOCH.bpk`. Burn renames files into place
/// once they are complete. Unlike those of its own checkpointer, the errors name the file, and
/// records are read whole.
pub(super) struct Recorder {
    folder: Folder,
    name: &'static str,
}

impl Recorder {
    fn file(&self, epoch: usize) -> String {
        format!("{}-{epoch}.bpk", self.name)
    }

    /// Where the record of an epoch is.
    pub(super) fn path(&self, epoch: usize) -> PathBuf {
        self.folder.path(&self.file(epoch))
    }

    pub(super) fn read<R: Checkpoint>(&self, epoch: usize) -> Result<R, Error> {
        read_record(&self.path(epoch))
    }
}

impl<R: Checkpoint> Checkpointer<R> for Recorder {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        let path = self.path(epoch);
        let saved = record.save(path.clone());
        saved.map_err(|error| Unknown(format!("{}: {error}", path.display())))
    }

    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        let deleted = self.folder.remove(&self.file(epoch));
        deleted.map_err(|error| Unknown(error.to_string()))
    }

    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        self.read(epoch).map_err(|error| Unknown(error.to_string()))
    }
}
