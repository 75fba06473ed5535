//! CSV files, cut at ends of rows into blocks that are parsed side by side.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use rayon::prelude::*;

use super::chunk::{Bad, Chunk, Layout};
use crate::error::Error;

/// Bytes of a block, and what a row may have at most.
const BLOCK: usize = 1 << 20;
const MOST_OF_A_ROW: usize = 16 << 20;

pub(crate) struct CsvFile {
    path: PathBuf,
    file: File,
    delimiter: u8,
    pub(super) names: Vec<String>,
    /// The byte at which the first row starts.
    first: u64,
    pub(super) header_lines: u64,
    /// Where the next block starts.
    offset: u64,
}

/// Whole rows, and the byte of the file at which they start.
struct Block {
    offset: u64,
    bytes: Vec<u8>,
}

impl CsvFile {
    pub(super) fn open(path: &Path, delimiter: u8) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io(path))?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(&file);
        let header = reader
            .headers()
            .map_err(|error| Error::data(path, error.to_string()))?;
        let names: Vec<String> = header.iter().map(String::from).collect();
        if names.iter().all(String::is_empty) {
            return Err(Error::data(
                path,
                "the file is empty; its first line must name the columns",
            ));
        }
        let mut first = reader.position().byte();
        drop(reader);
        let mut header = Vec::new();
        (&file).seek(SeekFrom::Start(0)).map_err(Error::io(path))?;
        (&file)
            .take(first + 1)
            .read_to_end(&mut header)
            .map_err(Error::io(path))?;
        // The reader stops between the two characters of a line break.
        if header.ends_with(b"\r\n") {
            first += 1;
        }
        header.truncate(first as usize);
        let header_lines = memchr::memchr_iter(b'\n', &header).count() as u64;
        Ok(Self {
            path: path.into(),
            file,
            delimiter,
            names,
            first,
            header_lines,
            offset: first,
        })
    }

    pub(super) fn start(&mut self, offset: Option<u64>) {
        self.offset = offset.unwrap_or(self.first);
    }

    pub(super) fn next(&mut self, layout: &Layout, count: usize) -> Result<Vec<Chunk>, Error> {
        let mut blocks = Vec::with_capacity(count);
        while blocks.len() < count {
            match self.block()? {
                Some(block) => blocks.push(block),
                None => break,
            }
        }
        let delimiter = self.delimiter;
        let parse = |block: &Block| parse(block, layout, delimiter);
        Ok(blocks.par_iter().with_max_len(1).map(parse).collect())
    }

    /// The next rows, up to the last that ends within the size of a block. What is a block depends on
    /// where it starts alone.
    fn block(&mut self) -> Result<Option<Block>, Error> {
        let (offset, mut bytes) = (self.offset, Vec::with_capacity(BLOCK));
        self.file
            .seek(SeekFrom::Start(offset))
            .map_err(Error::io(&self.path))?;
        loop {
            let read = (&self.file).take(BLOCK as u64).read_to_end(&mut bytes);
            let read = read.map_err(Error::io(&self.path))?;
            let end = match read < BLOCK {
                true => bytes.len(),
                false => last_end(&bytes),
            };
            if end > 0 || bytes.is_empty() {
                bytes.truncate(end);
                self.offset += end as u64;
                return Ok((end > 0).then_some(Block { offset, bytes }));
            }
            if bytes.len() >= MOST_OF_A_ROW {
                return Err(Error::data(
                    &self.path,
                    format!(
                        "the row that starts at byte {offset} has no end within 16 MiB; a quote that is \
                         never closed?"
                    ),
                ));
            }
        }
    }
}

/// The end of the last whole row, 0 if there is none. Line breaks between quotes end no row.
fn last_end(bytes: &[u8]) -> usize {
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    }
    let (mut end, mut quoted) = (0, false);
    for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
        match bytes[at] {
            b'"' => quoted = !quoted,
            _ if !quoted => end = at + 1,
            _ => {}
        }
    }
    end
}

fn parse(block: &Block, layout: &Layout, delimiter: u8) -> Chunk {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(&block.bytes[..]);
    let mut chunk = Chunk {
        offset: block.offset,
        bytes: block.bytes.len() as u64,
        lines: memchr::memchr_iter(b'\n', &block.bytes).count() as u64,
        ..Default::default()
    };
    let mut record = ByteRecord::new();
    // Nothing fails: bytes are not read as text, and rows may have any number of values.
    while let Ok(true) = reader.read_byte_record(&mut record) {
        let index = chunk.rows as u32;
        chunk.rows += 1;
        let before = chunk.values.len();
        match read(&record, layout, &mut chunk.values) {
            Ok(id) => {
                chunk.indices.push(index);
                chunk.push_id(id);
            }
            Err(reason) => {
                chunk.values.truncate(before);
                let line = record.position().map(|position| {
                    // The reader passes over empty lines on its way to a row.
                    let before = block.bytes[position.byte() as usize..].iter();
                    let before = before.take_while(|byte| matches!(byte, b'\r' | b'\n'));
                    position.line() - 1 + before.filter(|byte| **byte == b'\n').count() as u64
                });
                chunk.bad.push(Bad {
                    index,
                    line,
                    reason,
                });
            }
        }
    }
    chunk
}

/// The numbers of a row, and its id.
fn read<'a>(
    record: &'a ByteRecord,
    layout: &Layout,
    values: &mut Vec<f64>,
) -> Result<&'a str, String> {
    if record.len() != layout.names.len() {
        return Err(format!(
            "{} values where the header has {}",
            record.len(),
            layout.names.len()
        ));
    }
    for &column in &layout.numbers {
        let value = number(&record[column], layout.missing);
        let value =
            value.map_err(|reason| format!("column `{}`: {reason}", layout.names[column]))?;
        values.push(value);
    }
    let Some(group) = layout.group else {
        return Ok("");
    };
    match std::str::from_utf8(&record[group]).map(str::trim) {
        Ok("") => Err(format!(
            "column `{}`: the id is missing",
            layout.names[group]
        )),
        Ok(id) => Ok(id),
        Err(_) => Err(format!(
            "column `{}`: the text is not UTF-8",
            layout.names[group]
        )),
    }
}

fn number(field: &[u8], missing: bool) -> Result<f64, String> {
    let text = std::str::from_utf8(field).map_err(|_| "the text is not UTF-8".to_string())?;
    match text.parse::<f64>().or_else(|_| text.trim().parse()) {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(value) if value.is_nan() && missing => Ok(f64::NAN),
        Ok(_) => Err(format!("`{}` is not a finite number", text.trim())),
        Err(_) if text.trim().is_empty() && missing => Ok(f64::NAN),
        Err(_) if text.trim().is_empty() => Err("the value is missing".into()),
        Err(_) => Err(format!("`{}` is not a number", text.trim())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> (tempfile::TempPath, CsvFile) {
        let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.into_temp_path();
        let open = CsvFile::open(&path, b',').unwrap();
        (path, open)
    }

    fn layout(file: &CsvFile) -> Layout {
        let names = file.names.clone();
        Layout {
            numbers: (1..names.len()).collect(),
            group: Some(0),
            names,
            missing: false,
        }
    }

    #[test]
    fn rows_of_every_form() {
        let (_path, mut file) =
            file("\u{feff}id, a ,b\r\nx,1,2\r\n\r\n\"y,\n\"\"z\"\"\", 3 ,4e1\r\ny,5,6");
        let layout = layout(&file);
        assert_eq!(layout.names, ["id", "a", "b"]);
        let chunks = file.next(&layout, 4).unwrap();
        assert_eq!(chunks.len(), 1);
        let ids: Vec<_> = chunks[0]
            .runs
            .iter()
            .map(|run| (&*run.id, run.rows))
            .collect();
        assert_eq!(ids, [("x", 1), ("y,\n\"z\"", 1), ("y", 1)]);
        assert_eq!(chunks[0].values, [1.0, 2.0, 3.0, 40.0, 5.0, 6.0]);
        assert_eq!((chunks[0].rows, chunks[0].lines), (3, 4));
        assert!(file.next(&layout, 4).unwrap().is_empty());
    }

    #[test]
    fn bad_rows_are_numbered_and_the_others_kept() {
        let (_path, mut file) = file("id,a\nx,1\nx\n\nx,y\nx,\nx,inf\n,1\nx,2\n");
        let layout = layout(&file);
        let chunk = file.next(&layout, 1).unwrap().remove(0);
        let bad: Vec<_> = chunk
            .bad
            .iter()
            .map(|bad| (bad.index, bad.line, &*bad.reason))
            .collect();
        let expected = [
            (1, Some(1), "1 values where the header has 2"),
            (2, Some(3), "column `a`: `y` is not a number"),
            (3, Some(4), "column `a`: the value is missing"),
            (4, Some(5), "column `a`: `inf` is not a finite number"),
            (5, Some(6), "column `id`: the id is missing"),
        ];
        assert_eq!(bad, expected);
        assert_eq!((chunk.values, chunk.indices), (vec![1.0, 2.0], vec![0, 6]));
    }

    #[test]
    fn blocks_end_where_rows_do_and_any_can_be_started_from() {
        let rows = 120_000;
        let text: String = (0..rows)
            .map(|row| format!("\"i\n{}\",{row}\n", row / 7))
            .collect();
        let (_path, mut file) = file(&format!("id,a\n{text}"));
        let layout = layout(&file);
        let chunks = file.next(&layout, 100).unwrap();
        assert!(chunks.len() > 1);
        let values: Vec<f64> = chunks
            .iter()
            .flat_map(|chunk| chunk.values.clone())
            .collect();
        assert_eq!(values, (0..rows).map(f64::from).collect::<Vec<_>>());
        file.start(Some(chunks[1].offset));
        let again = file.next(&layout, 1).unwrap();
        assert_eq!(again[0].values, chunks[1].values);
    }

    #[test]
    fn a_quote_that_is_never_closed() {
        let (_path, mut file) = file(&format!("id,a\n\"x,{}", "1".repeat(17 << 20)));
        let layout = layout(&file);
        let error = file.next(&layout, 1).unwrap_err().to_string();
        assert!(
            error.contains("starts at byte 5 has no end within 16 MiB"),
            "{error}"
        );
    }
}
