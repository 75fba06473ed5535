//! The folder of results, in which every file is either complete or absent.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// How files begin that are being written.
const UNFINISHED: &str = ".unfinished-";

/// The folder a study writes to.
#[derive(Clone, Debug)]
pub(crate) struct Artifacts {
    root: PathBuf,
}

impl Artifacts {
    /// The folder, made if it is not there.
    pub(crate) fn create(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::io(root))?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }

    /// The folder, if it is there.
    pub(crate) fn existing(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A folder inside.
    pub(crate) fn folder(&self, name: &str) -> Self {
        Self {
            root: self.root.join(name),
        }
    }

    pub(crate) fn make(&self) -> Result<(), Error> {
        fs::create_dir_all(&self.root).map_err(Error::io(&self.root))
    }

    /// Whether there is anything of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Removes a file that may be there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        absent_is_fine(&path, fs::remove_file(&path))
    }

    /// Removes a folder that may be there, with what is in it.
    pub(crate) fn remove_folder(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        absent_is_fine(&path, fs::remove_dir_all(&path))
    }

    /// Removes a folder that may be there, if there is nothing in it.
    pub(crate) fn remove_empty_folder(&self, name: &str) {
        // It is not empty, or not there.
        let _ = fs::remove_dir(self.path(name));
    }

    /// Removes files that were being written when a process was killed.
    pub(crate) fn remove_unfinished(&self) -> Result<(), Error> {
        let Ok(entries) = fs::read_dir(&self.root) else {
            return Ok(());
        };
        for entry in entries {
            let name = entry.map_err(Error::io(&self.root))?.file_name();
            let name = name.to_string_lossy();
            // Burn's are called `model.bpk.123-0.tmp`.
            let records = name.contains(".bpk.") && name.ends_with(".tmp");
            if name.starts_with(UNFINISHED) || records {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    pub(crate) fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_string_pretty(value).expect("plain data becomes JSON");
        text.push('\n');
        write(&self.path(name), text.as_bytes())
    }

    /// The content of a JSON file, or nothing where there is no such file.
    pub(crate) fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let path = self.path(name);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(Error::io(&path))?,
        };
        let value = serde_json::from_str(&text);
        value
            .map(Some)
            .map_err(|error| Error::data(&path, format!("damaged: {error}")))
    }
}

fn absent_is_fine(path: &Path, outcome: std::io::Result<()>) -> Result<(), Error> {
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path)(error)),
        _ => Ok(()),
    }
}

/// Writes a file so that, whatever happens meanwhile, there is either the whole of it or what was
/// there before: into a temporary file of the same folder, flushed to the disk, then renamed.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().expect("a file is in a folder");
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // Temporary files are private; this one is to have the mode any new file has.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The error of this library names its temporary file, which tells nobody anything.
    let mut file = builder
        .tempfile_in(folder)
        .map_err(|error| Error::io(path)(error.kind().into()))?;
    file.write_all(content).map_err(Error::io(path))?;
    file.as_file().sync_all().map_err(Error::io(path))?;
    file.persist(path)
        .map_err(|error| Error::io(path)(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_files_replace_and_leave_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::existing(folder.path());
        artifacts.write_json("a.json", &[1, 2]).unwrap();
        artifacts.write_json("a.json", &[3]).unwrap();
        assert_eq!(
            artifacts.read_json::<Vec<u32>>("a.json").unwrap(),
            Some(vec![3])
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(artifacts.read_json::<Vec<u32>>("b.json").unwrap(), None);
    }

    #[test]
    fn what_a_kill_left_unfinished_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".unfinished-x"), "").unwrap();
        fs::write(folder.path().join("model.bpk.9-0.tmp"), "").unwrap();
        fs::write(folder.path().join("other"), "").unwrap();
        let artifacts = Artifacts::existing(folder.path());
        artifacts.remove_unfinished().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(artifacts.has("other"));
        Artifacts::existing(&folder.path().join("none"))
            .remove_unfinished()
            .unwrap();
    }

    #[test]
    fn a_failed_write_names_the_file_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("full")).unwrap();
        let message = write(&taken, b"text").unwrap_err().to_string();
        assert!(message.contains("taken"), "{message}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
