//! Parquet files of flat columns, a stretch of a row group at a time, its columns side by side.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, Length, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use rayon::prelude::*;

use super::chunk::{Bad, Chunk, Layout};
use super::shared::SharedFile;
use crate::error::Error;

/// Numbers of a chunk: 2 MiB.
const CHUNK: usize = 1 << 18;

pub(crate) struct ParquetFile {
    path: PathBuf,
    file: SerializedFileReader<SharedFile>,
    bytes: u64,
    pub(super) names: Vec<String>,
    /// The row that comes next, and the row group after the one that is open.
    row: u64,
    group: usize,
    /// Rows of the open row group that are left, and its columns: numbers, then the id.
    left: usize,
    columns: Vec<Column>,
}

struct Column {
    reader: ColumnReader,
    unsigned: bool,
    optional: bool,
    /// Whether it is the column of ids, which are read as text.
    id: bool,
}

/// A stretch of a column; null is NaN, or no text.
enum Values {
    Numbers(Vec<f64>),
    Texts(Vec<Option<Box<str>>>),
}

impl ParquetFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io(path))?;
        let file = SharedFile::new(file).map_err(Error::io(path))?;
        let bytes = file.len();
        let file = SerializedFileReader::new(file).map_err(damaged(path))?;
        let schema = file.metadata().file_metadata().schema();
        if let Some(nested) = schema
            .get_fields()
            .iter()
            .find(|field| !field.is_primitive())
        {
            let name = nested.name();
            return Err(Error::data(
                path,
                format!("column `{name}` is nested; columns must be flat"),
            ));
        }
        let names = schema
            .get_fields()
            .iter()
            .map(|field| field.name().to_string())
            .collect();
        Ok(Self {
            path: path.into(),
            bytes,
            names,
            row: 0,
            group: 0,
            left: 0,
            columns: Vec::new(),
            file,
        })
    }

    fn rows(&self) -> u64 {
        self.file.metadata().file_metadata().num_rows() as u64
    }

    pub(super) fn start(&mut self, layout: &Layout, offset: Option<u64>) -> Result<(), Error> {
        for &column in &layout.numbers {
            let descriptor = self
                .file
                .metadata()
                .file_metadata()
                .schema_descr()
                .column(column);
            if let Some(kind) = no_number(&descriptor) {
                let name = &self.names[column];
                return Err(Error::data(
                    &self.path,
                    format!(
                        "column `{name}`: {kind} is no type of numbers; --columns chooses others"
                    ),
                ));
            }
        }
        (self.row, self.group, self.left) = (0, 0, 0);
        let mut skip = offset.unwrap_or(0);
        while skip > 0 && self.open_group(layout)? {
            let skipped = skip.min(self.left as u64) as usize;
            // A whole row group is passed over without reading it.
            if skipped < self.left {
                for column in &mut self.columns {
                    column.skip(skipped).map_err(damaged(&self.path))?;
                }
            }
            self.left -= skipped;
            self.row += skipped as u64;
            skip -= skipped as u64;
        }
        Ok(())
    }

    /// Whether there was another row group.
    fn open_group(&mut self, layout: &Layout) -> Result<bool, Error> {
        let damaged = damaged(&self.path);
        if self.group == self.file.num_row_groups() {
            return Ok(false);
        }
        let group = self.file.get_row_group(self.group).map_err(&damaged)?;
        self.left = group.metadata().num_rows() as usize;
        let open = |(place, &column): (usize, &usize)| {
            let descriptor = group.metadata().column(column).column_descr();
            Ok(Column {
                reader: group.get_column_reader(column)?,
                unsigned: unsigned(descriptor),
                optional: descriptor.max_def_level() > 0,
                id: place == layout.numbers.len(),
            })
        };
        let columns = layout
            .numbers
            .iter()
            .chain(&layout.group)
            .enumerate()
            .map(open);
        self.columns = columns
            .collect::<Result<_, ParquetError>>()
            .map_err(&damaged)?;
        self.group += 1;
        Ok(true)
    }

    pub(super) fn next(&mut self, layout: &Layout, count: usize) -> Result<Vec<Chunk>, Error> {
        while self.left == 0 {
            if !self.open_group(layout)? {
                return Ok(Vec::new());
            }
        }
        let rows = (CHUNK / layout.names.len().max(1)).max(1);
        let total = (rows * count).min(self.left);
        let read = |column: &mut Column| column.read(total);
        let columns = self
            .columns
            .par_iter_mut()
            .map(read)
            .collect::<Result<Vec<_>, _>>();
        let columns = columns.map_err(damaged(&self.path))?;
        // Readers of columns are for one thread at a time, so nothing below borrows them.
        let (first, bytes, all_rows) = (self.row, self.bytes, self.rows());
        let byte = |row: u64| {
            // As if all rows were of a size.
            let byte = u128::from(bytes) * u128::from(row) / u128::from(all_rows.max(1));
            byte as u64
        };
        let starts: Vec<usize> = (0..total).step_by(rows).collect();
        self.left -= total;
        self.row += total as u64;
        let chunk = |start: usize| {
            let end = (start + rows).min(total);
            let offset = first + start as u64;
            Chunk {
                offset,
                bytes: byte(first + end as u64) - byte(offset),
                ..gather(&columns, start..end, layout)
            }
        };
        Ok(starts.into_par_iter().with_max_len(1).map(chunk).collect())
    }
}

impl Column {
    fn skip(&mut self, rows: usize) -> Result<usize, ParquetError> {
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::Int32ColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::Int64ColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::Int96ColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::FloatColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::DoubleColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::ByteArrayColumnReader(reader) => reader.skip_records(rows),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => reader.skip_records(rows),
        }
    }

    fn read(&mut self, rows: usize) -> Result<Values, ParquetError> {
        let optional = self.optional;
        match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => {
                let whole = column(reader, rows, optional)?;
                let unsigned = self.unsigned;
                let value = |value: i32| match unsigned {
                    true => i128::from(value as u32),
                    false => value.into(),
                };
                Ok(self.whole_numbers(whole, value))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                let whole = column(reader, rows, optional)?;
                let unsigned = self.unsigned;
                let value = |value: i64| match unsigned {
                    true => i128::from(value as u64),
                    false => value.into(),
                };
                Ok(self.whole_numbers(whole, value))
            }
            ColumnReader::BoolColumnReader(reader) => {
                let values = column(reader, rows, optional)?;
                Ok(self.numbers(values, |value| f64::from(u8::from(value))))
            }
            ColumnReader::FloatColumnReader(reader) => {
                let values = column(reader, rows, optional)?;
                Ok(self.numbers(values, f64::from))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                let values = column(reader, rows, optional)?;
                Ok(self.numbers(values, |value| value))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                let text = |value: Option<parquet::data_type::ByteArray>| {
                    value.map(|value| String::from_utf8_lossy(value.data()).into())
                };
                let values = column(reader, rows, optional)?;
                Ok(Values::Texts(values.into_iter().map(text).collect()))
            }
            ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(ParquetError::General(
                    "a column of bytes of fixed length cannot be read".into(),
                ))
            }
        }
    }

    /// Ids are never rounded.
    fn whole_numbers<V>(&self, values: Vec<Option<V>>, convert: impl Fn(V) -> i128) -> Values {
        match self.id {
            false => self.numbers(values, |value| convert(value) as f64),
            true => {
                let text = |value: Option<V>| value.map(|value| convert(value).to_string().into());
                Values::Texts(values.into_iter().map(text).collect())
            }
        }
    }

    fn numbers<V>(&self, values: Vec<Option<V>>, convert: impl Fn(V) -> f64) -> Values {
        match self.id {
            false => {
                let number = |value: Option<V>| value.map_or(f64::NAN, &convert);
                Values::Numbers(values.into_iter().map(number).collect())
            }
            true => {
                let text = |value: Option<V>| value.map(|value| convert(value).to_string().into());
                Values::Texts(values.into_iter().map(text).collect())
            }
        }
    }
}

/// `rows` values of a column, none where it is null.
fn column<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    optional: bool,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    let (read, ..) =
        reader.read_records(rows, optional.then_some(&mut levels), None, &mut values)?;
    if read != rows {
        return Err(ParquetError::General(format!(
            "{read} values where {rows} rows are left"
        )));
    }
    let mut values = values.into_iter();
    match optional {
        false => Ok(values.map(Some).collect()),
        true => Ok(levels
            .into_iter()
            .map(|level| if level > 0 { values.next() } else { None })
            .collect()),
    }
}

fn gather(columns: &[Values], rows: std::ops::Range<usize>, layout: &Layout) -> Chunk {
    let mut chunk = Chunk {
        rows: rows.len() as u64,
        ..Default::default()
    };
    let (numbers, group) = columns.split_at(layout.numbers.len());
    for (index, row) in (0..).zip(rows) {
        let before = chunk.values.len();
        let mut wrong = None;
        for (column, values) in layout.numbers.iter().zip(numbers) {
            let Values::Numbers(values) = values else {
                unreachable!("columns of numbers were checked");
            };
            let value = values[row];
            if !(value.is_finite() || value.is_nan() && layout.missing) {
                let what = match value.is_nan() {
                    true => "the value is missing".into(),
                    false => format!("`{value}` is not a finite number"),
                };
                wrong = Some(format!("column `{}`: {what}", layout.names[*column]));
                break;
            }
            chunk.values.push(value);
        }
        let id = match group.first() {
            Some(Values::Texts(ids)) => ids[row].as_deref().unwrap_or_default(),
            _ => "",
        };
        if let Some(group) = layout.group.filter(|_| wrong.is_none() && id.is_empty()) {
            wrong = Some(format!(
                "column `{}`: the id is missing",
                layout.names[group]
            ));
        }
        match wrong {
            None => {
                chunk.indices.push(index);
                chunk.push_id(id);
            }
            Some(reason) => {
                chunk.values.truncate(before);
                chunk.bad.push(Bad {
                    index,
                    line: None,
                    reason,
                });
            }
        }
    }
    chunk
}

/// What a column holds, if these are no numbers.
fn no_number(column: &ColumnDescriptor) -> Option<String> {
    let decimal = matches!(column.logical_type_ref(), Some(LogicalType::Decimal { .. }))
        || column.converted_type() == ConvertedType::DECIMAL;
    match column.physical_type() {
        _ if decimal => Some("DECIMAL".into()),
        kind @ (Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY | Physical::INT96) => {
            Some(kind.to_string())
        }
        _ => None,
    }
}

fn unsigned(column: &ColumnDescriptor) -> bool {
    use ConvertedType::{UINT_8, UINT_16, UINT_32, UINT_64};
    [UINT_8, UINT_16, UINT_32, UINT_64].contains(&column.converted_type())
}

fn damaged(path: &Path) -> impl Fn(ParquetError) -> Error {
    move |error| Error::data(path, format!("not readable as Parquet: {error}"))
}
