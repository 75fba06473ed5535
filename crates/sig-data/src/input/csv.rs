//! CSV files, cut at ends of rows into blocks that are parsed side by side.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::chunk::{Chunk, Columns, Position};
use super::encoding::plain_text;
use super::number::{is_missing, number};
use super::source::{Chunks, Kind, Reader};
use super::time::{Reading, is_date};
use crate::{Error, Problem};

/// Bytes of a block, and of a row at most.
const BLOCK: usize = 1 << 20;
const LONGEST_ROW: usize = 16 << 20;

/// Rows whose values tell what the columns hold.
const SAMPLE: usize = 100;

/// How a CSV file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CsvOptions {
    /// What separates the values, an ASCII character, see [`delimiter`].
    pub delimiter: char,
    /// What stands before the decimals of a number.
    pub decimal: char,
    /// Whether the first line names the columns; else they are called 1, 2, …
    pub header: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ',',
            decimal: '.',
            header: true,
        }
    }
}

pub(super) struct CsvFile {
    path: PathBuf,
    /// The text, unpacked where it was packed, and its size.
    file: File,
    bytes: u64,
    options: CsvOptions,
    names: Vec<String>,
    kinds: Vec<Kind>,
    /// The first rows, which tell how a column of times is read, and how the selected one is.
    sample: Vec<StringRecord>,
    reading: Option<Reading>,
    /// The first line, if it has numbers where names should be.
    header_of_numbers: Option<String>,
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

/// Parses the character before the decimals of numbers in a CSV file.
pub fn decimal(text: &str) -> Result<char, String> {
    match text {
        "." => Ok('.'),
        "," => Ok(','),
        _ => Err("a point or a comma".into()),
    }
}

impl CsvFile {
    pub(super) fn open(path: &Path, options: CsvOptions) -> Result<Self, Error> {
        let wrong = |reason: &str| Error::data(path, reason);
        if !options.delimiter.is_ascii() {
            return Err(wrong("--delimiter must be an ASCII character"));
        }
        let file = plain_text(path)?;
        let bytes = file.metadata().map_err(Error::io(path))?.len();
        let mut reader = options
            .reader(false)
            .trim(csv::Trim::All)
            .from_reader((&file).take(LONGEST_ROW as u64));
        let mut records = reader.byte_records().map_while(Result::ok);
        let first = StringRecord::from_byte_record(records.next().unwrap_or_default());
        let first =
            first.map_err(|_| wrong("the first line is not UTF-8; save the file as UTF-8"))?;
        if first.iter().all(str::is_empty) {
            return Err(wrong(
                "the file is empty; its first line must name the columns",
            ));
        }
        let others = [';', ',', '\t', '|'].into_iter();
        let mut others = others.filter(|&other| first.len() == 1 && first[0].contains(other));
        if let Some(other) = others.next() {
            let separator = match options.delimiter {
                ',' => "comma".into(),
                other => format!("`{}`", other.escape_default()),
            };
            return Err(wrong(&format!(
                "the first line has no {separator}, the separator of columns: `{}`; give --delimiter \
                 '{}'",
                &first[0],
                other.escape_default()
            )));
        }
        let of_numbers = options.header && first.iter().all(|text| is_data(text, options));
        let delimiter = options.delimiter.to_string();
        let header_of_numbers =
            of_numbers.then(|| first.iter().collect::<Vec<_>>().join(&delimiter));
        let names: Vec<String> = if options.header {
            first.iter().map(String::from).collect()
        } else {
            (1..=first.len()).map(|column| column.to_string()).collect()
        };
        let sample = records
            .take(SAMPLE)
            .map(StringRecord::from_byte_record_lossy);
        let sample: Vec<_> = (!options.header)
            .then(|| first.clone())
            .into_iter()
            .chain(sample)
            .collect();
        let has_comma = |row: &StringRecord| row.iter().any(|value| value.contains(','));
        if options.delimiter == ',' && options.decimal == ',' && !sample.iter().any(has_comma) {
            return Err(wrong(
                "with --decimal , the columns cannot be separated by commas, too; give the separator of \
                 the file, such as --delimiter ';'",
            ));
        }
        let kind = |column: usize| options.kind(&names[column], values(&sample, column));
        let kinds = (0..names.len()).map(kind).collect();
        drop(reader);
        Ok(Self {
            path: path.into(),
            file,
            bytes,
            options,
            names,
            kinds,
            sample,
            reading: None,
            header_of_numbers,
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
                last_end(&bytes, self.options.delimiter as u8)
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
        let text = match self.names.len() {
            1 => with_empty_rows(block, self.bytes),
            _ => Cow::Borrowed(&block.bytes[..]),
        };
        let mut reader = self
            .options
            .reader(self.options.header && block.offset == 0)
            .buffer_capacity(1 << 16)
            .from_reader(&text[..]);
        let mut chunk = Chunk::default();
        let mut record = ByteRecord::new();
        // Nothing fails: bytes are not read as text, and rows may have any number of values.
        while let Ok(true) = reader.read_byte_record(&mut record) {
            let label = self.read(&record, columns, &mut chunk.values);
            let label = label.map_err(|problem| Problem {
                line: record.position().map(|at| line(at, &text)),
                ..problem
            });
            chunk.push(columns.width(), label);
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
    ) -> Result<Cow<'a, str>, Problem> {
        if record.len() != self.names.len() {
            let (found, expected) = (record.len(), self.names.len());
            let s = if found == 1 { "" } else { "s" };
            return Err(format!("{found} value{s} where the header has {expected}").into());
        }
        for &column in &columns.numbers {
            let value = number(&record[column], self.options.decimal, columns.missing);
            values.push(value.map_err(|reason| Problem::of_column(&self.names[column], reason))?);
        }
        if let Some(column) = columns.clock {
            let text = String::from_utf8_lossy(&record[column]);
            let time = match self.reading.and_then(|reading| reading.clock(text.trim())) {
                Some(time) => time,
                _ if is_missing(text.trim()) && columns.missing => [f64::NAN, 0.0],
                _ => {
                    let reason = format!("`{}` is neither a number nor a date", text.trim());
                    return Err(Problem::of_column(&self.names[column], reason));
                }
            };
            values.extend(time);
        }
        let text = |index: usize| str::from_utf8(&record[columns.labels[index]]).ok();
        columns.label(&self.names, text)
    }
}

impl Reader for CsvFile {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn kind(&self, column: usize) -> Kind {
        self.kinds[column]
    }

    fn may_lack_a_header(&self) -> bool {
        self.options.header && self.names.iter().any(|name| is_data(name, self.options))
    }

    fn hint(&self, column: usize) -> Option<&'static str> {
        let other = CsvOptions {
            decimal: ',',
            ..self.options
        };
        let kind = other.kind(&self.names[column], values(&self.sample, column));
        let changes = self.kinds[column] == Kind::Text && kind == Kind::Number;
        changes.then_some("numbers with --decimal ,")
    }

    fn note(&self) -> Option<String> {
        let line = self.header_of_numbers.as_ref()?;
        Some(format!(
            "the first line, `{line}`, is taken for the names of the columns, and --no-header reads it \
             as data"
        ))
    }

    fn prepare(&mut self, columns: &Columns, _position: Position) -> Result<(), Error> {
        let times = columns.clock.map(|column| values(&self.sample, column));
        self.reading = times.and_then(Reading::of);
        Ok(())
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

impl CsvOptions {
    fn reader(self, has_headers: bool) -> ReaderBuilder {
        let mut builder = ReaderBuilder::new();
        builder
            .has_headers(has_headers)
            .flexible(true)
            .delimiter(self.delimiter as u8);
        builder
    }

    /// What a column of that name and these values holds: numbers, if at least half of them are.
    fn kind<'a>(self, name: &str, values: impl Iterator<Item = &'a str> + Clone) -> Kind {
        let unnamed = name.is_empty() || name.starts_with("Unnamed: ");
        let Some(first) = values.clone().next() else {
            return if unnamed { Kind::Empty } else { Kind::Number };
        };
        let is_number = |text: &str| number(text.as_bytes(), self.decimal, false).is_ok();
        if unnamed && first.parse::<i64>().is_ok() {
            Kind::Index
        } else if 2 * values.clone().filter(|text| is_number(text)).count() >= values.count() {
            Kind::Number
        } else if is_date(first) {
            Kind::Time
        } else {
            Kind::Text
        }
    }
}

/// Whether a text of the first line is a value, and no name of a column.
fn is_data(text: &str, options: CsvOptions) -> bool {
    number(text.as_bytes(), options.decimal, false).is_ok() || is_date(text)
}

/// The values of a column in some rows, without those that are missing.
fn values(rows: &[StringRecord], column: usize) -> impl Iterator<Item = &str> + Clone {
    let values = rows.iter().filter_map(move |row| row.get(column));
    values.filter(|text| !is_missing(text))
}

/// The rows of a file of one column, of which the parser passes over those without a value: these get
/// quotes. Empty lines before the header and at the end of the file are no rows.
fn with_empty_rows(block: &Block, of_file: u64) -> Cow<'_, [u8]> {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let bytes = &block.bytes[..];
    let is_last = block.offset + bytes.len() as u64 == of_file;
    let end = match is_last {
        true => bytes
            .iter()
            .rposition(|byte| !is_break(byte))
            .map_or(0, |at| at + 1),
        false => bytes.len(),
    };
    let first = match block.offset {
        0 => bytes.iter().position(|byte| !is_break(byte)).unwrap_or(end),
        _ => 0,
    };
    let breaks = bytes.windows(2).any(|pair| pair.iter().all(is_break));
    if end <= first || !breaks && !bytes.first().is_some_and(is_break) {
        return Cow::Borrowed(bytes);
    }
    let mut text = bytes[..first].to_vec();
    let (mut quoted, mut at_start) = (false, true);
    let mut rest = bytes[first..end].iter().peekable();
    while let Some(&byte) = rest.next() {
        let line_break = !quoted && is_break(&byte);
        if line_break && at_start {
            text.extend(b"\"\"");
        }
        text.push(byte);
        if line_break && byte == b'\r' {
            text.extend(rest.next_if(|next| **next == b'\n'));
        }
        quoted ^= byte == b'"';
        at_start = line_break;
    }
    text.extend(&bytes[end..]);
    Cow::Owned(text)
}

/// The end of the last whole row, 0 if there is none. As in the parser, a quote opens at the start of
/// a value alone, and line breaks between quotes end no row.
fn last_end(bytes: &[u8], delimiter: u8) -> usize {
    // What comes after a carriage return at the end is not known.
    let (line_break, bytes) = match memchr::memchr(b'\n', bytes) {
        Some(_) => (b'\n', bytes),
        None => (b'\r', &bytes[..bytes.len().saturating_sub(1)]),
    };
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(line_break, bytes).map_or(0, |at| at + 1);
    }
    let (mut end, mut quoted, mut passed) = (0, false, 0);
    for at in memchr::memchr2_iter(b'"', line_break, bytes) {
        match bytes[at] {
            _ if at < passed => {}
            b'"' if !quoted => {
                let opens = |&before: &u8| [delimiter, b'\n', b'\r'].contains(&before);
                quoted = at == 0 || opens(&bytes[at - 1]);
            }
            // Two are one that belongs to the value.
            b'"' if bytes.get(at + 1) == Some(&b'"') => passed = at + 2,
            b'"' => quoted = false,
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

#[cfg(test)]
mod tests;
