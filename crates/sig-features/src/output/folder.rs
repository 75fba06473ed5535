use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::State;
use crate::error::Error;

const STATE: &str = "_features.json";
const IDS: &str = "_ids";
const BAD_ROWS: &str = "_bad_rows.csv";
/// How files begin that are being written.
const UNFINISHED: &str = "_unfinished-";

/// The folder a job writes to.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    ids: File,
    bad_rows: File,
}

impl Folder {
    /// The state of the job in a folder.
    pub(crate) fn state(root: &Path) -> Result<Option<State>, Error> {
        let path = root.join(STATE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(Error::io(&path))?,
        };
        let state = serde_json::from_str(&text);
        state
            .map(Some)
            .map_err(|error| Error::data(&path, format!("damaged: {error}")))
    }

    /// A folder for a new job: one that is not there, or is empty but for what a job has left that
    /// was killed before it had a state, if it is to go on.
    pub(crate) fn create(root: &Path, resume: bool) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::io(root))?;
        for entry in fs::read_dir(root).map_err(Error::io(root))? {
            let name = entry.map_err(Error::io(root))?.file_name();
            let name = name.to_string_lossy();
            let ours = name == IDS || name == BAD_ROWS || name.starts_with(UNFINISHED);
            if resume && ours {
                let path = root.join(&*name);
                fs::remove_file(&path).map_err(Error::io(&path))?;
                continue;
            }
            return Err(Error::Usage(format!(
                "--output {}: there is something in this folder; remove it, choose another, or go on \
                 with the job in it by --resume",
                root.display()
            )));
        }
        Self::open(root)
    }

    /// The folder of a job that goes on, without what came after its last whole part; also the
    /// hashes of the ids so far.
    pub(crate) fn reopen(root: &Path, state: &State) -> Result<(Self, Vec<u8>), Error> {
        for entry in fs::read_dir(root).map_err(Error::io(root))? {
            let name = entry.map_err(Error::io(root))?.file_name();
            let name = name.to_string_lossy();
            let index = name
                .strip_prefix("part-")
                .and_then(|name| name.strip_suffix(".parquet"));
            let index = index.and_then(|index| index.parse::<usize>().ok());
            if name.starts_with(UNFINISHED) || index.is_some_and(|index| index >= state.parts) {
                let path = root.join(&*name);
                fs::remove_file(&path).map_err(Error::io(&path))?;
            }
        }
        for index in 0..state.parts {
            let path = part(root, index);
            if !path.exists() {
                return Err(Error::Resume(format!("{} is missing", path.display())));
            }
        }
        let folder = Self::open(root)?;
        for (mut file, name, bytes) in [
            (&folder.ids, IDS, state.ids_bytes),
            (&folder.bad_rows, BAD_ROWS, state.bad_rows_bytes),
        ] {
            let path = root.join(name);
            if file.metadata().map_err(Error::io(&path))?.len() < bytes {
                return Err(Error::Resume(format!(
                    "{} is shorter than it was",
                    path.display()
                )));
            }
            file.set_len(bytes).map_err(Error::io(&path))?;
            file.seek(SeekFrom::End(0)).map_err(Error::io(&path))?;
        }
        let path = root.join(IDS);
        let ids = fs::read(&path).map_err(Error::io(&path))?;
        Ok((folder, ids))
    }

    fn open(root: &Path) -> Result<Self, Error> {
        let open = |name: &str| {
            let path = root.join(name);
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false);
            options.open(&path).map_err(Error::io(&path))
        };
        Ok(Self {
            root: root.into(),
            ids: open(IDS)?,
            bad_rows: open(BAD_ROWS)?,
        })
    }

    /// A file that becomes one of the folder when it is kept, and is gone otherwise.
    pub(crate) fn unfinished(&self) -> Result<NamedTempFile, Error> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        // Temporary files are private; this one is to have the mode any new file has.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(&self.root);
        // The error of this library names its temporary file, which tells nobody anything.
        file.map_err(|error| Error::io(&self.root)(error.kind().into()))
    }

    /// Keeps a part, then what goes with it, then the state that says so. In this order: what is
    /// there without the state that knows it is taken away again by [`reopen`](Self::reopen).
    pub(crate) fn commit(
        &mut self,
        part_file: Option<NamedTempFile>,
        (ids, bad_rows): (&[u8], &[u8]),
        state: &mut State,
    ) -> Result<(), Error> {
        if let Some(file) = part_file {
            self.keep(file, &part(&self.root, state.parts))?;
            state.parts += 1;
        }
        for (file, name, bytes, total) in [
            (&mut self.ids, IDS, ids, &mut state.ids_bytes),
            (
                &mut self.bad_rows,
                BAD_ROWS,
                bad_rows,
                &mut state.bad_rows_bytes,
            ),
        ] {
            if !bytes.is_empty() {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                written.map_err(Error::io(&self.root.join(name)))?;
                *total += bytes.len() as u64;
            }
        }
        let mut file = self.unfinished()?;
        let path = self.root.join(STATE);
        let text = serde_json::to_string_pretty(state).expect("plain data becomes JSON") + "\n";
        file.write_all(text.as_bytes()).map_err(Error::io(&path))?;
        self.keep(file, &path)
    }

    fn keep(&self, file: NamedTempFile, path: &Path) -> Result<(), Error> {
        file.as_file().sync_all().map_err(Error::io(path))?;
        file.persist(path)
            .map_err(|error| Error::io(path)(error.error))?;
        // The new name is on the disk, too, when its folder is.
        #[cfg(unix)]
        File::open(&self.root)
            .and_then(|root| root.sync_all())
            .map_err(Error::io(&self.root))?;
        Ok(())
    }

    /// Removes what only a job that goes on needs, and an empty list of bad rows.
    pub(crate) fn tidy(root: &Path, state: &State) -> Result<(), Error> {
        let bad_rows = (state.bad_rows == 0).then_some(BAD_ROWS);
        for name in [IDS].into_iter().chain(bad_rows) {
            let path = root.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn part(root: &Path, index: usize) -> PathBuf {
    root.join(format!("part-{index:05}.parquet"))
}
