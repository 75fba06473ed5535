//! The folder of features: parts, the list of bad rows, and the state that a job goes on from.

mod growing;
mod part;
mod state;

use std::path::Path;

use parquet::errors::ParquetError;
use sig_data::{Folder, Problem, is_unfinished};

use crate::error::Error;
use crate::paths::Window;
use growing::Growing;
use part::{Part, Schema};
pub(crate) use state::{Input, State};

const STATE: &str = "_features.json";
const IDS: &str = "_ids";
const BAD_ROWS: &str = "_bad_rows.csv";

/// The folder that a job writes to, and its state.
pub(crate) struct Output {
    folder: Folder,
    ids: Growing,
    bad_rows: Growing,
    schema: Schema,
    part: Option<Part>,
    pub(crate) state: State,
}

impl Output {
    /// The folder of a new job, or of one that goes on if it is to and there is one.
    ///
    /// # Returns
    ///
    /// Also the bytes of the ids that were committed.
    ///
    /// # Errors
    ///
    /// Refuses a folder with anything else in it, and one whose job is another.
    pub(crate) fn open(root: &Path, new: State, resume: bool) -> Result<(Self, Vec<u8>), Error> {
        let folder = Folder::create(root)?;
        let stored = if resume {
            folder.read_json::<State>(STATE)?
        } else {
            None
        };
        let state = match stored {
            Some(stored) => {
                stored.check(&new)?;
                reopen(&folder, &stored)?;
                stored
            }
            None => {
                clear(&folder, root, resume)?;
                new
            }
        };
        let schema = Schema::new(&state.job).map_err(|error| unwritable(&folder, error))?;
        // A complete job has removed them.
        let ids_bytes = if state.complete { 0 } else { state.ids_bytes };
        let (ids, known) = Growing::open(folder.path(IDS), ids_bytes)?;
        let (bad_rows, _) = Growing::open(folder.path(BAD_ROWS), state.bad_rows_bytes)?;
        let output = Self {
            folder,
            ids,
            bad_rows,
            schema,
            part: None,
            state,
        };
        Ok((output, known))
    }

    /// Features of a window.
    pub(crate) fn features(&self) -> usize {
        self.schema.features()
    }

    /// The bytes of the features of the part that is being written.
    pub(crate) fn part_bytes(&self) -> u64 {
        self.part.as_ref().map_or(0, Part::bytes)
    }

    /// Adds rows of features.
    pub(crate) fn write(&mut self, windows: &[Window], features: &[f64]) -> Result<(), Error> {
        let unwritable = |error| unwritable(&self.folder, error);
        let part = match &mut self.part {
            Some(part) => part,
            none => {
                let part = Part::new(self.folder.unfinished()?, &self.schema);
                none.insert(part.map_err(unwritable)?)
            }
        };
        part.push(&self.schema, windows, features)
            .map_err(unwritable)?;
        self.state.rows += windows.len() as u64;
        Ok(())
    }

    /// Lists a row that is left out.
    pub(crate) fn bad_row(&mut self, problem: &Problem) {
        if self.state.bad_rows == 0 {
            self.bad_rows.push(b"row,line,reason\n");
        }
        let number = |number: Option<u64>| number.map_or(String::new(), |n| n.to_string());
        let place = [number(problem.row), number(problem.line)];
        let reason = Problem {
            row: None,
            line: None,
            ..problem.clone()
        };
        let mut record = csv::Writer::from_writer(Vec::new());
        let written = record.write_record(place.into_iter().chain([reason.to_string()]));
        written.expect("memory takes any text");
        let record = record.into_inner().expect("memory takes any text");
        self.bad_rows.push(&record);
        self.state.bad_rows += 1;
    }

    /// Keeps the part, then what goes with it, then the state that says so. In this order: what is
    /// there without a state that knows it is taken away by the job that goes on.
    ///
    /// # Arguments
    ///
    /// - `ids`: the bytes of ids that are new.
    pub(crate) fn commit(&mut self, ids: &[u8]) -> Result<(), Error> {
        let state = &mut self.state;
        if let Some(part) = self.part.take() {
            let part = part.finish(&self.schema);
            let part = part.map_err(|error| unwritable(&self.folder, error))?;
            self.folder.keep(part, &part_name(state.parts))?;
            state.parts += 1;
        }
        self.ids.push(ids);
        state.ids_bytes = self.ids.commit()?;
        state.bad_rows_bytes = self.bad_rows.commit()?;
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

/// Makes sure that the folder of a new job is empty, but for what one has left that was killed before it
/// had a state, if it is to go on.
fn clear(folder: &Folder, root: &Path, resume: bool) -> Result<(), Error> {
    let left = |name: &str| resume && (name == IDS || name == BAD_ROWS || is_unfinished(name));
    if folder.names()?.iter().all(|name| left(name)) {
        return Ok(folder.remove_all(left)?);
    }
    Err(Error::Usage(format!(
        "--output {}: there is something in this folder; remove it, choose another, or go on with \
         the job in it by --resume",
        root.display()
    )))
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
    let mut parts = (0..state.parts).map(part_name);
    match parts.find(|name| !folder.has(name)) {
        None => Ok(()),
        Some(name) => {
            let path = folder.path(&name);
            Err(Error::Resume(format!("{} is missing", path.display())))
        }
    }
}

fn part_name(index: usize) -> String {
    format!("part-{index:05}.parquet")
}

fn unwritable(folder: &Folder, error: ParquetError) -> Error {
    let reason = format!("not writable as Parquet: {error}");
    sig_data::Error::data(&folder.path(""), reason).into()
}
