//! CSV files, cut at ends of rows into blocks that are parsed side by side.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use rayon::prelude::*;

use super::chunk::{Chunk, Columns, Position};
use super::source::{Chunks, Reader};
use crate::{Error, Problem};

/// Bytes of a block, and of a row at most.
const BLOCK: usize = 1 << 20;
const LONGEST_ROW: usize = 16 << 20;

pub(super) struct CsvFile {
    path: PathBuf,
    file: File,
    delimiter: u8,
    names: Vec<String>,
    starts_with_text: bool,
}

/// Whole rows, and the byte of the file at which they start.
struct Block {
    offset: u64,
    bytes: Vec<u8>,
}

/// Parses the character that separates the values of a CSV file; `\t` is a tabulator.
pub fn delimiter(text: &str) -> Result<char, String> {
    match text.as_bytes() {
        b"\\t" => Ok('\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(char::from(*byte)),
        _ => Err("a single character, or \\t for a tabulator".into()),
    }
}

impl CsvFile {
    pub(super) fn open(path: &Path, delimiter: char) -> Result<Self, Error> {
        let wrong = |reason: String| Error::data(path, reason);
        let file = File::open(path).map_err(Error::io(path))?;
        let delimiter =
            u8::try_from(delimiter).map_err(|_| wrong("the delimiter is no byte".into()))?;
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader((&file).take(LONGEST_ROW as u64));
        let header = reader.headers().map_err(|error| wrong(error.to_string()))?;
        if header.iter().all(str::is_empty) {
            return Err(wrong(
                "the file is empty; its first line must name the columns".into(),
            ));
        }
        if header.len() == 1 && header[0].contains([',', ';', '\t', '|']) {
            let separator = match delimiter {
                b',' => "comma".into(),
                other => format!("`{}`", other.escape_ascii()),
            };
            return Err(wrong(format!(
                "the first line has no {separator}, which by --delimiter separates columns: {}",
                &header[0]
            )));
        }
        let names = header.iter().map(String::from).collect();
        let mut first = ByteRecord::new();
        let starts_with_text = matches!(reader.read_byte_record(&mut first), Ok(true))
            && !first[0].is_empty()
            && str::from_utf8(&first[0]).is_ok_and(|text| text.parse::<f64>().is_err());
        drop(reader);
        Ok(Self {
            path: path.into(),
            file,
            delimiter,
            names,
            starts_with_text,
        })
    }

    /// The rows from a byte on, up to the last that ends within the size of a block. The block
    /// depends on nothing but where it starts.
    fn block(&self, offset: u64) -> Result<Option<Block>, Error> {
        let mut bytes = Vec::with_capacity(BLOCK);
        let start = (&self.file).seek(SeekFrom::Start(offset));
        start.map_err(Error::io(&self.path))?;
        loop {
            let read = (&self.file).take(BLOCK as u64).read_to_end(&mut bytes);
            let read = read.map_err(Error::io(&self.path))?;
            let end = if read < BLOCK {
                bytes.len()
            } else {
                last_end(&bytes)
            };
            if end > 0 || bytes.is_empty() {
                bytes.truncate(end);
                return Ok((end > 0).then_some(Block { offset, bytes }));
            }
            if bytes.len() >= LONGEST_ROW {
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

    fn parse(&self, block: &Block, columns: &Columns) -> Chunk {
        let mut reader = ReaderBuilder::new()
            .has_headers(block.offset == 0)
            .flexible(true)
            .delimiter(self.delimiter)
            .buffer_capacity(1 << 16)
            .from_reader(&block.bytes[..]);
        let mut chunk = Chunk::default();
        let mut record = ByteRecord::new();
        // Nothing fails: bytes are not read as text, and rows may have any number of values.
        while let Ok(true) = reader.read_byte_record(&mut record) {
            let label = self.read(&record, columns, &mut chunk.values);
            let label = label.map_err(|problem| Problem {
                line: record.position().map(|at| line(at, &block.bytes)),
                ..problem
            });
            chunk.push(columns.numbers.len(), label);
        }
        chunk.end.bytes = block.bytes.len() as u64;
        chunk.end.lines = memchr::memchr_iter(b'\n', &block.bytes).count() as u64;
        chunk
    }

    /// The numbers of a row, and its label.
    fn read<'a>(
        &self,
        record: &'a ByteRecord,
        columns: &Columns,
        values: &mut Vec<f64>,
    ) -> Result<&'a str, Problem> {
        if record.len() != self.names.len() {
            let (found, expected) = (record.len(), self.names.len());
            return Err(format!("{found} values where the header has {expected}").into());
        }
        for &column in &columns.numbers {
            let value = number(&record[column], columns.missing);
            values.push(value.map_err(|reason| Problem::of_column(&self.names[column], reason))?);
        }
        let Some(column) = columns.label else {
            return Ok("");
        };
        let wrong = |reason| Err(Problem::of_column(&self.names[column], reason));
        match str::from_utf8(&record[column]).map(str::trim) {
            Ok("") if columns.id => wrong("the id is missing"),
            Ok(label) => Ok(label),
            Err(_) => wrong("the text is not UTF-8"),
        }
    }
}

impl Reader for CsvFile {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn time_column(&self) -> Option<usize> {
        self.starts_with_text.then_some(0)
    }

    fn chunks(&mut self, columns: &Columns, start: Position, count: usize) -> Chunks {
        let (mut blocks, mut offset) = (Vec::with_capacity(count), start.bytes);
        while blocks.len() < count
            && let Some(block) = self.block(offset)?
        {
            offset += block.bytes.len() as u64;
            blocks.push(block);
        }
        let (file, blocks) = (&*self, blocks.par_iter().with_max_len(1));
        Ok(blocks.map(|block| file.parse(block, columns)).collect())
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

/// The line on which a row starts, counted from 1 within its block.
fn line(position: &csv::Position, block: &[u8]) -> u64 {
    // The reader passes over line breaks on its way to a row.
    let before = block[position.byte() as usize..].iter();
    let before = before.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + before.filter(|byte| **byte == b'\n').count() as u64
}

fn number(field: &[u8], missing: bool) -> Result<f64, String> {
    let text = str::from_utf8(field).map_err(|_| "the text is not UTF-8")?;
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

    use super::super::{Format, Rows, Source};
    use super::*;

    /// The rows of a file whose first column is an id.
    fn rows(text: &str) -> (tempfile::TempPath, Rows) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.into_temp_path();
        let source = Source::open(&path, Format::Csv, ',').unwrap();
        let columns = Columns {
            numbers: (1..source.names().len()).collect(),
            label: Some(0),
            id: true,
            ..Default::default()
        };
        let rows = source.select(columns).unwrap();
        (path, rows)
    }

    #[test]
    fn rows_of_every_form() {
        let (path, mut rows) =
            rows("\u{feff}id, a ,b\r\nx,1,2\r\n\r\n\"y,\n\"\"z\"\"\", 3 ,4e1\r\ny,5,6");
        let source = Source::open(&path, Format::Csv, ',').unwrap();
        assert_eq!(source.names(), ["id", "a", "b"]);
        let chunks = rows.chunks(4).unwrap();
        assert_eq!(chunks.len(), 1);
        let runs = chunks[0].runs.iter();
        let ids: Vec<_> = runs.map(|run| (&*run.label, run.rows)).collect();
        assert_eq!(ids, [("x", 1), ("y,\n\"z\"", 1), ("y", 1)]);
        assert_eq!(chunks[0].values, [1.0, 2.0, 3.0, 40.0, 5.0, 6.0]);
        assert_eq!((chunks[0].end.rows, chunks[0].end.lines), (3, 5));
        assert!(rows.chunks(4).unwrap().is_empty());
    }

    #[test]
    fn bad_rows_are_numbered_and_the_others_kept() {
        let (_path, mut rows) = rows("id,a\nx,1\nx\n\nx,y\nx,\nx,inf\n,1\nx,2\n");
        let chunk = rows.chunks(1).unwrap().remove(0);
        let bad: Vec<_> = chunk.bad.iter().map(ToString::to_string).collect();
        let expected = [
            "row 2 (line 3): 1 values where the header has 2",
            "row 3 (line 5), column `a`: `y` is not a number",
            "row 4 (line 6), column `a`: the value is missing",
            "row 5 (line 7), column `a`: `inf` is not a finite number",
            "row 6 (line 8), column `id`: the id is missing",
        ];
        assert_eq!(bad, expected);
        assert_eq!((chunk.values, chunk.rows), (vec![1.0, 2.0], vec![1, 7]));
    }

    #[test]
    fn blocks_end_where_rows_do_and_any_can_be_started_from() {
        let count = 120_000;
        let row = |row: i32| format!("\"i\n{}\",{row}\n", row / 7);
        let text: String = (0..count).map(row).collect();
        let (_path, mut rows) = rows(&format!("id,a\n{text}"));
        let chunks = rows.chunks(100).unwrap();
        assert!(chunks.len() > 1);
        let values = chunks.iter().flat_map(|chunk| chunk.values.clone());
        assert!(values.eq((0..count).map(f64::from)));
        rows.seek(chunks[1].start).unwrap();
        let again = rows.chunks(1).unwrap();
        assert_eq!(again[0].values, chunks[1].values);
        assert_eq!(again[0].rows, chunks[1].rows);
    }

    #[test]
    fn a_quote_that_is_never_closed() {
        let (_path, mut rows) = rows(&format!("id,a\n\"x,{}", "1".repeat(17 << 20)));
        let error = rows.chunks(2).unwrap_err().to_string();
        assert!(
            error.contains("starts at byte 5 has no end within 16 MiB"),
            "{error}"
        );
    }
}
