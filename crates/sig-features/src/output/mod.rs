//! The folder of features: parts, the list of bad rows, and the state that a job goes on from.

mod part;
mod state;

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::errors::ParquetError;
use sig_data::{Folder, Problem, is_unfinished};

use crate::error::Error;
use crate::paths::Window;
use crate::seen::Seen;
use part::{Part, Schema};
pub(crate) use state::{Input, State};

const STATE: &str = "_features.json";
const IDS: &str = "_ids";
const BAD_ROWS: &str = "_bad_rows.csv";

/// The folder that a job writes to, and its state.
pub(crate) struct Output {
    folder: Folder,
    ids: File,
    bad_rows: csv::Writer<File>,
    pub(crate) schema: Arc<Schema>,
    part: Option<Part>,
    pub(crate) seen: Seen,
    pub(crate) state: State,
}

impl Output {
    /// The folder of a new job, or of one that goes on if it is to and there is one.
    ///
    /// # Errors
    ///
    /// Refuses a folder with anything else in it, and one whose job is another.
    pub(crate) fn open(root: &Path, new: State, resume: bool) -> Result<Self, Error> {
        let folder = Folder::create(root)?;
        let stored = || folder.read_json::<State>(STATE);
        let stored = resume.then(stored).transpose()?.flatten();
        if let Some(stored) = &stored {
            if !stored.is_sound() {
                let path = folder.path(STATE);
                return Err(
                    sig_data::Error::data(&path, "damaged: no job leaves such numbers").into(),
                );
            }
            stored.check(&new)?;
            reopen(&folder, stored)?;
        } else {
            clear(&folder, root, resume)?;
        }
        let state = stored.unwrap_or(new);
        let schema = Schema::new(&state.job).map_err(|error| unwritable(&folder, error))?;
        // A complete job has removed them.
        let ids_bytes = if state.complete { 0 } else { state.ids_bytes };
        let ids = cut(&folder.path(IDS), ids_bytes)?;
        let known = fs::read(folder.path(IDS)).map_err(sig_data::Error::io(&folder.path(IDS)))?;
        let bad_rows = cut(&folder.path(BAD_ROWS), state.bad_rows_bytes)?;
        Ok(Self {
            folder,
            ids,
            bad_rows: csv::Writer::from_writer(bad_rows),
            schema: Arc::new(schema),
            part: None,
            seen: Seen::from_bytes(&known),
            state,
        })
    }

    /// The bytes of the features of the part that is being written.
    pub(crate) fn part_bytes(&self) -> u64 {
        self.part.as_ref().map_or(0, |part| part.bytes)
    }

    /// Adds rows of features.
    pub(crate) fn write(&mut self, windows: &[Window], features: &[f64]) -> Result<(), Error> {
        let unwritable = |error| unwritable(&self.folder, error);
        let part = match &mut self.part {
            Some(part) => part,
            none => {
                let part = Part::new(self.folder.unfinished()?, self.schema.clone());
                none.insert(part.map_err(unwritable)?)
            }
        };
        part.push(windows, features).map_err(unwritable)?;
        self.state.rows += windows.len() as u64;
        Ok(())
    }

    /// Lists a row that is left out.
    pub(crate) fn bad_row(&mut self, problem: &Problem) -> Result<(), Error> {
        let number = |number: Option<u64>| number.map_or(String::new(), |n| n.to_string());
        let reason = Problem {
            row: None,
            line: None,
            ..problem.clone()
        };
        let record = [
            number(problem.row),
            number(problem.line),
            reason.to_string(),
        ];
        let header = match self.state.bad_rows {
            0 => self.bad_rows.write_record(["row", "line", "reason"]),
            _ => Ok(()),
        };
        let written = header.and_then(|()| self.bad_rows.write_record(record));
        let written = written.map_err(std::io::Error::from);
        written.map_err(sig_data::Error::io(&self.folder.path(BAD_ROWS)))?;
        self.state.bad_rows += 1;
        Ok(())
    }

    /// Keeps the part, then what goes with it, then the state that says so. In this order: what is
    /// there without a state that knows it is taken away by the job that goes on.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        let state = &mut self.state;
        if let Some(part) = self.part.take() {
            let part = part.finish();
            let part = part.map_err(|error| unwritable(&self.folder, error))?;
            self.folder.keep(part, &part_name(state.parts))?;
            state.parts += 1;
        }
        let ids = self.ids.write_all(&self.seen.take_new());
        ids.and_then(|()| on_disk(&self.ids, &mut state.ids_bytes))
            .map_err(sig_data::Error::io(&self.folder.path(IDS)))?;
        let bad_rows = self.bad_rows.flush();
        bad_rows
            .and_then(|()| on_disk(self.bad_rows.get_ref(), &mut state.bad_rows_bytes))
            .map_err(sig_data::Error::io(&self.folder.path(BAD_ROWS)))?;
        Ok(self.folder.write_json(STATE, state)?)
    }

    /// Removes what only a job that goes on needs, and an empty list of bad rows.
    pub(crate) fn tidy(&self) -> Result<(), Error> {
        self.folder.remove(IDS)?;
        if self.state.bad_rows == 0 {
            self.folder.remove(BAD_ROWS)?;
        }
        Ok(())
    }
}

/// Makes sure that the folder of a new job is empty, but for what one has left that ended before it
/// had a state: the files that grow and, if it is to go on after a kill, its first part, which is
/// kept before the first state is. Only a job that is not complete has a list of ids.
fn clear(folder: &Folder, root: &Path, resume: bool) -> Result<(), Error> {
    let names = folder.names()?;
    let begun = names.iter().any(|name| name == IDS);
    let left = |name: &str| {
        begun && (name == IDS || name == BAD_ROWS || resume && name == part_name(0))
            || (begun || resume) && is_unfinished(name)
    };
    if names.iter().all(|name| left(name)) {
        // The ids last: until then they say that the rest may go.
        folder.remove_all(|name| name != IDS)?;
        return Ok(folder.remove(IDS)?);
    }
    Err(Error::Usage(format!(
        "--output {}: there is something in this folder; remove it, choose another, or go on with \
         the job in it by --resume",
        root.display()
    )))
}

/// A file without what came after its first `bytes`, to be written on from there.
fn cut(path: &Path, bytes: u64) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false);
    let open = || {
        let mut file = options.open(path)?;
        let whole = file.metadata()?.len() >= bytes;
        if whole {
            file.set_len(bytes)?;
            file.seek(SeekFrom::End(0))?;
        }
        Ok(whole.then_some(file))
    };
    let file = open().map_err(sig_data::Error::io(path))?;
    file.ok_or_else(|| Error::Resume(format!("{} is shorter than it was", path.display())))
}

/// Makes sure that a file is on the disk, of which the first `bytes` are, and counts them again.
fn on_disk(file: &File, bytes: &mut u64) -> std::io::Result<()> {
    let before = std::mem::replace(bytes, file.metadata()?.len());
    if *bytes == before {
        Ok(())
    } else {
        file.sync_all()
    }
}

/// Takes away what came after the last state, and looks for the parts that it knows.
fn reopen(folder: &Folder, state: &State) -> Result<(), Error> {
    let number = |name: &str| {
        let number = name.strip_prefix("part-")?.strip_suffix(".parquet")?;
        number.parse::<usize>().ok()
    };
    folder.remove_all(|name| {
        is_unfinished(name) || number(name).is_some_and(|number| number >= state.parts)
    })?;
    let mut parts = (0..state.parts).map(|part| folder.path(&part_name(part)));
    parts.find(|path| !path.exists()).map_or(Ok(()), |path| {
        Err(Error::Resume(format!("{} is missing", path.display())))
    })
}

fn part_name(index: usize) -> String {
    format!("part-{index:05}.parquet")
}

fn unwritable(folder: &Folder, error: ParquetError) -> Error {
    let reason = format!("not writable as Parquet: {error}");
    sig_data::Error::data(folder.root(), reason).into()
}
