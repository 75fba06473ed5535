//! A folder in which every file is either complete or absent.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

use crate::Error;

/// How the names of files begin that are being written. Programs that read whole folders of Parquet
/// pass over names that begin with a dot.
const UNFINISHED: &str = ".unfinished-";

/// A folder of results. A new file is written under a temporary name, flushed to the disk, and then
/// renamed.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder, which is made if it is not there.
    pub fn create(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::io(root))?;
        Ok(Self::existing(root))
    }

    /// The folder, which need not be there.
    pub fn existing(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
        }
    }

    /// The path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A folder in the folder.
    pub fn folder(&self, name: &str) -> Self {
        Self {
            root: self.path(name),
        }
    }

    /// Whether there is a file or folder of that name.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of what is in the folder; none if it is not there.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let Some(entries) = found(&self.root, fs::read_dir(&self.root))? else {
            return Ok(Vec::new());
        };
        let name = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.map_err(Error::io(&self.root))?;
            Ok(entry.file_name().to_string_lossy().into_owned())
        };
        entries.map(name).collect()
    }

    /// Removes a file, which need not be there.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        found(&path, fs::remove_file(&path)).map(drop)
    }

    /// Removes a folder with its content; it need not be there.
    pub fn remove_folder(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        found(&path, fs::remove_dir_all(&path)).map(drop)
    }

    /// Removes a folder if it is there and empty.
    pub fn remove_empty_folder(&self, name: &str) {
        let _ = fs::remove_dir(self.path(name));
    }

    /// Removes the files whose names are of some kind.
    pub fn remove_all(&self, of_kind: impl Fn(&str) -> bool) -> Result<(), Error> {
        let mut names = self.names()?.into_iter().filter(|name| of_kind(name));
        names.try_for_each(|name| self.remove(&name))
    }

    /// Removes the files that were being written when their process was killed.
    pub fn remove_unfinished(&self) -> Result<(), Error> {
        self.remove_all(is_unfinished)
    }

    /// A file that [`keep`](Self::keep) makes one of the folder; if dropped, it is gone.
    pub fn unfinished(&self) -> Result<NamedTempFile, Error> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        // Temporary files are private; this one is to have the mode that any new file has.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        // The error of this library names its temporary file, which tells a user nothing.
        let file = builder.tempfile_in(&self.root);
        file.map_err(|error| Error::io(&self.root)(error.kind().into()))
    }

    /// Gives an unfinished file its name, in place of a file that had it.
    pub fn keep(&self, file: NamedTempFile, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        file.as_file().sync_all().map_err(Error::io(&path))?;
        file.persist(&path)
            .map_err(|error| Error::io(&path)(error.error))?;
        // The new name is on the disk when its folder is.
        #[cfg(unix)]
        File::open(&self.root)
            .and_then(|root| root.sync_all())
            .map_err(Error::io(&self.root))?;
        Ok(())
    }

    /// Writes a value as JSON.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(value).expect("plain data becomes JSON") + "\n";
        write(&self.path(name), text.as_bytes())
    }

    /// The content of a JSON file; nothing if it is not there.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let path = self.path(name);
        let text = found(&path, fs::read_to_string(&path))?;
        let value = text.map(|text| serde_json::from_str(&text)).transpose();
        value.map_err(|error| Error::data(&path, format!("damaged: {error}")))
    }
}

/// Whether a file of this name was being written, here or by Burn, when its process was killed.
pub fn is_unfinished(name: &str) -> bool {
    // Burn's are called `model.bpk.123-0.tmp`.
    name.starts_with(UNFINISHED) || name.contains(".bpk.") && name.ends_with(".tmp")
}

/// Writes a file as a whole: after a kill it has its new content or what it had before.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = Folder::existing(parent.unwrap_or(Path::new(".")));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut file = folder.unfinished()?;
    file.write_all(content).map_err(Error::io(path))?;
    folder.keep(file, &name)
}

/// Nothing where there is no such file.
fn found<T>(path: &Path, outcome: std::io::Result<T>) -> Result<Option<T>, Error> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some).map_err(Error::io(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_files_replace_and_leave_nothing_beside() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::existing(root.path());
        folder.write_json("a.json", &[1, 2]).unwrap();
        folder.write_json("a.json", &[3]).unwrap();
        assert_eq!(
            folder.read_json::<Vec<u32>>("a.json").unwrap(),
            Some(vec![3])
        );
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert_eq!(folder.read_json::<Vec<u32>>("b.json").unwrap(), None);
    }

    #[test]
    fn what_a_kill_left_unfinished_is_removed() {
        let root = tempfile::tempdir().unwrap();
        for name in [".unfinished-x", "model.bpk.9-0.tmp", "other"] {
            fs::write(root.path().join(name), "").unwrap();
        }
        let folder = Folder::existing(root.path());
        folder.remove_unfinished().unwrap();
        assert_eq!(folder.names().unwrap(), ["other"]);
        folder.folder("none").remove_unfinished().unwrap();
    }

    #[test]
    fn a_failed_write_names_the_file_and_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let taken = root.path().join("taken");
        fs::create_dir_all(taken.join("full")).unwrap();
        let message = write(&taken, b"text").unwrap_err().to_string();
        assert!(message.contains("taken"), "{message}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
