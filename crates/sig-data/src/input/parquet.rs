//! Parquet files of flat columns, a stretch of a row group at a time, its columns side by side.

mod field;
mod shared;

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, Length, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::{ColumnDescPtr, TypePtr};
use rayon::prelude::*;

use self::field::{bytes, instant, no_number, number, tells_time, text};
use self::shared::SharedFile;
use super::chunk::{Chunk, Columns, Position};
use super::source::{Chunks, Kind, Reader};
use super::time::{Clock, Reading, reading};
use crate::{Error, Problem};

/// Numbers of a chunk, and chunks that are read together at most, whatever the number of threads:
/// 0.5 and 4 MiB.
const CHUNK: usize = 1 << 16;
const COUNT: usize = 8;

/// Rows whose values tell how times that are text are written.
const SAMPLE: usize = 100;

pub(super) struct ParquetFile {
    path: PathBuf,
    file: SerializedFileReader<SharedFile>,
    bytes: u64,
    names: Vec<String>,
    /// The place of each column among those that are not nested in another.
    leaves: Vec<Option<usize>>,
    /// The row group after the one that is open.
    group: usize,
    /// Rows of the open row group that are to be skipped, those left after them, and its columns:
    /// numbers, then the label.
    skipped: usize,
    left: usize,
    columns: Vec<Column>,
    /// How the times of the selected column are read, if they are text.
    reading: Option<Reading>,
}

struct Column {
    reader: ColumnReader,
    descriptor: ColumnDescPtr,
    wanted: Wanted,
}

/// What the values of a column are read as.
#[derive(Clone, Copy)]
enum Wanted {
    Number,
    Clock(Option<Reading>),
    Text,
}

/// The next values of a column; null is NaN, or no text. Text that is not UTF-8 is none.
enum Values {
    Numbers(Vec<f64>),
    Clocks(Vec<Clock>),
    Texts(Texts),
}

/// Texts of which many that follow each other are the same: each with the row after its last.
#[derive(Default)]
struct Texts(Vec<(Option<Box<str>>, usize)>);

impl Texts {
    fn of(texts: impl Iterator<Item = Option<Box<str>>>) -> Self {
        let mut all = Self::default();
        for (row, text) in texts.enumerate() {
            match all.0.last_mut() {
                Some((last, end)) if *last == text => *end = row + 1,
                _ => all.0.push((text, row + 1)),
            }
        }
        all
    }

    fn get(&self, row: usize) -> Option<&str> {
        let at = self.0.partition_point(|(_, end)| *end <= row);
        self.0[at].0.as_deref()
    }
}

/// Every column that is read, in the order of the values of a row.
fn all(columns: &Columns) -> impl Iterator<Item = usize> {
    let all = columns.numbers.iter().chain(&columns.clock);
    all.chain(&columns.labels).copied()
}

impl ParquetFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io(path))?;
        let file = SharedFile::new(file).map_err(Error::io(path))?;
        let bytes = file.len();
        let file = SerializedFileReader::new(file).map_err(damaged(path))?;
        let schema = file.metadata().file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields();
        let names = fields.iter().map(|field| field.name().into()).collect();
        let leaf = |field: &TypePtr| {
            let mut leaves = schema.columns().iter();
            leaves.position(|leaf| leaf.path().parts() == [field.name()])
        };
        let leaves = fields.iter().map(leaf).collect();
        Ok(Self {
            path: path.into(),
            bytes,
            names,
            leaves,
            group: 0,
            skipped: 0,
            left: 0,
            columns: Vec::new(),
            reading: None,
            file,
        })
    }

    fn descriptor(&self, column: usize) -> Option<ColumnDescPtr> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        self.leaves[column].map(|leaf| schema.column(leaf))
    }

    /// Whether there was another row group.
    fn open_group(&mut self, columns: &Columns) -> Result<bool, ParquetError> {
        if self.group == self.file.num_row_groups() {
            return Ok(false);
        }
        let group = self.file.get_row_group(self.group)?;
        (self.skipped, self.left) = (0, group.metadata().num_rows() as usize);
        let schema = self.file.metadata().file_metadata().schema_descr();
        let open = |(column, wanted): (usize, Wanted)| {
            let leaf = self.leaves[column].expect("is not nested");
            Ok(Column {
                reader: group.get_column_reader(leaf)?,
                descriptor: schema.column(leaf),
                wanted,
            })
        };
        let numbers = columns
            .numbers
            .iter()
            .map(|&column| (column, Wanted::Number));
        let reading = self.reading;
        let clock = columns.clock.map(|column| (column, Wanted::Clock(reading)));
        let labels = columns.labels.iter().map(|&column| (column, Wanted::Text));
        let opened = numbers.chain(clock).chain(labels).map(open);
        self.columns = opened.collect::<Result<_, ParquetError>>()?;
        self.group += 1;
        Ok(true)
    }

    /// How times that are text are written, by the first of them.
    fn read_times(&mut self, column: usize) -> Result<Option<Reading>, Error> {
        let columns = Columns {
            labels: vec![column],
            ..Default::default()
        };
        self.prepare(&columns, Position::default())?;
        if !self.open_group(&columns).map_err(damaged(&self.path))? {
            return Ok(None);
        }
        let texts = self.columns[0].read(0, SAMPLE.min(self.left));
        let Values::Texts(Texts(texts)) = texts.map_err(damaged(&self.path))? else {
            return Ok(None);
        };
        let texts: Vec<_> = texts.iter().filter_map(|text| text.0.as_deref()).collect();
        Ok(reading(&texts))
    }

    /// The byte that a row would be at if all rows were of a size.
    fn byte(&self, row: u64) -> u64 {
        let rows = self.file.metadata().file_metadata().num_rows();
        let byte = u128::from(self.bytes) * u128::from(row) / rows.max(1) as u128;
        byte as u64
    }
}

impl Reader for ParquetFile {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn kind(&self, column: usize) -> Kind {
        match self.descriptor(column) {
            None => Kind::Nested,
            Some(descriptor) if tells_time(&descriptor) => Kind::Time,
            Some(descriptor) if no_number(&descriptor).is_some() => Kind::Text,
            Some(_) if ["", "__index_level_0__"].contains(&&*self.names[column]) => Kind::Index,
            Some(_) => Kind::Number,
        }
    }

    fn prepare(&mut self, columns: &Columns, position: Position) -> Result<(), Error> {
        for column in all(columns) {
            let reason = match self.descriptor(column) {
                None => "it is nested; columns must be flat".into(),
                Some(descriptor) => match no_number(&descriptor) {
                    Some(kind) if columns.numbers.contains(&column) => {
                        format!("{kind} is no type of numbers")
                    }
                    _ => continue,
                },
            };
            let problem = Problem::of_column(&self.names[column], reason);
            return Err(Error::data(&self.path, problem));
        }
        let text = |column: &usize| {
            let descriptor = self.descriptor(*column).expect("is not nested");
            no_number(&descriptor).is_some()
        };
        self.reading = match columns.clock.filter(text) {
            Some(column) => self.read_times(column)?,
            None => None,
        };
        (self.group, self.skipped, self.left) = (0, 0, 0);
        let mut row = 0;
        while row < position.rows && self.open_group(columns).map_err(damaged(&self.path))? {
            self.skipped = (position.rows - row).min(self.left as u64) as usize;
            self.left -= self.skipped;
            row += self.skipped as u64;
        }
        Ok(())
    }

    fn chunks(&mut self, columns: &Columns, start: Position, count: usize) -> Chunks {
        while self.left == 0 {
            if !self.open_group(columns).map_err(damaged(&self.path))? {
                return Ok(Vec::new());
            }
        }
        let rows = (CHUNK / (columns.width() + columns.labels.len()).max(1)).max(1);
        let total = (rows * count.min(COUNT)).min(self.left);
        let skipped = std::mem::take(&mut self.skipped);
        let values = self.columns.par_iter_mut();
        let values = values.map(|column| column.read(skipped, total));
        let values = values.collect::<Result<Vec<_>, _>>();
        let values = values.map_err(damaged(&self.path))?;
        // Readers of columns are for one thread at a time, so that what is parallel borrows none.
        let names = &self.names[..];
        let chunk = |start| {
            let mut chunk = Chunk::default();
            for row in start..total.min(start + rows) {
                let label = gather(&values, row, columns, names, &mut chunk.values);
                chunk.push(columns.width(), label);
            }
            chunk
        };
        let starts: Vec<usize> = (0..total).step_by(rows).collect();
        let chunks = starts.into_par_iter().with_max_len(1).map(chunk);
        let mut chunks: Vec<Chunk> = chunks.collect();
        self.left -= total;
        let mut row = start.rows;
        for chunk in &mut chunks {
            let end = row + chunk.end.rows;
            chunk.end.bytes = self.byte(end) - self.byte(row);
            row = end;
        }
        Ok(chunks)
    }
}

impl Column {
    /// The values of `rows` rows after the next `skipped`.
    fn read(&mut self, skipped: usize, rows: usize) -> Result<Values, ParquetError> {
        use ColumnReader as Of;
        let of = &self.descriptor;
        let how = (skipped, rows, of.max_def_level() > 0, self.wanted);
        match &mut self.reader {
            Of::BoolColumnReader(reader) => read(reader, how, Field::Bool),
            Of::Int32ColumnReader(reader) => read(reader, how, |v| Field::convert_int32(of, v)),
            Of::Int64ColumnReader(reader) => read(reader, how, |v| Field::convert_int64(of, v)),
            Of::Int96ColumnReader(reader) => read(reader, how, |v| Field::convert_int96(of, v)),
            Of::FloatColumnReader(reader) => read(reader, how, Field::Float),
            Of::DoubleColumnReader(reader) => read(reader, how, Field::Double),
            Of::ByteArrayColumnReader(reader) => read(reader, how, |v| bytes(of, v)),
            Of::FixedLenByteArrayColumnReader(reader) => read(reader, how, |v| bytes(of, v.into())),
        }
    }
}

/// Skips `skipped` values of a column and reads the next `rows` as what is wanted. Values of an
/// optional column may be null.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    (skipped, rows, optional, wanted): (usize, usize, bool, Wanted),
    field: impl Fn(T::T) -> Field,
) -> Result<Values, ParquetError> {
    reader.skip_records(skipped)?;
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    let (read, ..) =
        reader.read_records(rows, optional.then_some(&mut levels), None, &mut values)?;
    if read != rows {
        return Err(ParquetError::General(format!(
            "{read} values where {rows} rows are left"
        )));
    }
    let mut values = values.into_iter().map(field);
    let fields = (0..rows).map(|row| {
        let null = levels.get(row) == Some(&0);
        let value = if null { None } else { values.next() };
        value.unwrap_or(Field::Null)
    });
    Ok(match wanted {
        Wanted::Number => Values::Numbers(fields.map(number).collect()),
        Wanted::Clock(reading) => {
            Values::Clocks(fields.map(|field| instant(field, reading)).collect())
        }
        Wanted::Text => Values::Texts(Texts::of(fields.map(text))),
    })
}

/// The label of a row, whose numbers are pushed.
fn gather<'a>(
    values: &'a [Values],
    row: usize,
    columns: &Columns,
    names: &[String],
    numbers: &mut Vec<f64>,
) -> Result<Cow<'a, str>, Problem> {
    let texts = values.len() - columns.labels.len();
    for (values, column) in values[..texts].iter().zip(all(columns)) {
        let wrong = |reason: String| Err(Problem::of_column(&names[column], reason));
        let check = |value: f64| match value {
            value if value.is_finite() || value.is_nan() && columns.missing => Ok(value),
            value if value.is_nan() => wrong("the value is missing".into()),
            value => wrong(format!("`{value}` is not a finite number")),
        };
        match values {
            Values::Numbers(values) => numbers.push(check(values[row])?),
            Values::Clocks(clocks) if clocks[row][0].is_infinite() => {
                return Err(Problem::of_column(
                    &names[column],
                    "the time is neither a number nor a date",
                ));
            }
            Values::Clocks(clocks) => numbers.extend([check(clocks[row][0])?, clocks[row][1]]),
            Values::Texts(_) => unreachable!("texts are behind the numbers"),
        }
    }
    columns.label(names, |index| match &values[texts + index] {
        Values::Texts(texts) => texts.get(row),
        _ => unreachable!("labels are read as text"),
    })
}

fn damaged(path: &Path) -> impl Fn(ParquetError) -> Error {
    move |error| Error::data(path, format!("not readable as Parquet: {error}"))
}

#[cfg(test)]
mod tests;
