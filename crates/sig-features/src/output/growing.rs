use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use crate::error::Error;

/// A file that grows by what is pushed between two commits.
pub(super) struct Growing {
    path: PathBuf,
    file: File,
    bytes: u64,
    new: Vec<u8>,
}

impl Growing {
    /// The file without what came after its first `bytes`, and these.
    pub(super) fn open(path: PathBuf, bytes: u64) -> Result<(Self, Vec<u8>), Error> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let open = || {
            let mut file = options.open(&path)?;
            let mut known = Vec::new();
            (&file).take(bytes).read_to_end(&mut known)?;
            if known.len() as u64 == bytes {
                file.set_len(bytes)?;
                file.seek(SeekFrom::End(0))?;
            }
            Ok((file, known))
        };
        let (file, known) = open().map_err(sig_data::Error::io(&path))?;
        if (known.len() as u64) < bytes {
            let path = path.display();
            return Err(Error::Resume(format!("{path} is shorter than it was")));
        }
        let growing = Self {
            path,
            file,
            bytes,
            new: Vec::new(),
        };
        Ok((growing, known))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.new.extend_from_slice(bytes);
    }

    /// Writes what is new to the disk.
    ///
    /// # Returns
    ///
    /// The bytes of the file.
    pub(super) fn commit(&mut self) -> Result<u64, Error> {
        if !self.new.is_empty() {
            let written = self.file.write_all(&self.new);
            let written = written.and_then(|()| self.file.sync_all());
            written.map_err(sig_data::Error::io(&self.path))?;
            self.bytes += self.new.len() as u64;
            self.new.clear();
        }
        Ok(self.bytes)
    }
}
