//! A file that many read at once, each at a place of its own.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::{ChunkReader, Length};
use positioned_io::{Cursor, RandomAccessFile, ReadAt};

/// Parquet's own reader of a [`File`] moves the one cursor that all its copies have, so columns that
/// are read side by side would get each other's bytes.
pub(super) struct SharedFile {
    file: Arc<RandomAccessFile>,
    bytes: u64,
}

impl SharedFile {
    pub(super) fn new(file: File) -> std::io::Result<Self> {
        let bytes = file.metadata()?.len();
        let file = Arc::new(RandomAccessFile::try_new(file)?);
        Ok(Self { file, bytes })
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<Cursor<Arc<RandomAccessFile>>>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(Cursor::new_pos(self.file.clone(), start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}
