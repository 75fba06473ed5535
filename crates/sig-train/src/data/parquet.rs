//! Parquet files of the user's.

use std::fs::File;
use std::path::Path;

use parquet::basic::{ConvertedType, LogicalType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::table::{Cell, Table};
use crate::Error;

/// Reads a Parquet file of flat columns.
///
/// # Errors
///
/// Says what is wrong: no such format, a nested column, no rows.
pub(super) fn read(path: &Path) -> Result<Table, Error> {
    let wrong = |reason: String| Error::data(path, reason);
    let damaged = |error: ParquetError| wrong(format!("not readable as Parquet: {error}"));
    let file = File::open(path).map_err(Error::io(path))?;
    let reader = SerializedFileReader::new(file).map_err(damaged)?;
    let columns = reader.metadata().file_metadata().schema().get_fields();
    if let Some(nested) = columns.iter().find(|column| !column.is_primitive()) {
        let name = nested.name();
        return Err(wrong(format!(
            "column `{name}` is nested; columns must be flat"
        )));
    }
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None).map_err(damaged)? {
        let row = row.map_err(damaged)?;
        rows.push(
            row.into_columns()
                .into_iter()
                .map(|(_, field)| cell(field))
                .collect(),
        );
    }
    if rows.is_empty() {
        return Err(wrong("there are no rows".into()));
    }
    Ok(Table {
        path: path.to_path_buf(),
        names: columns.iter().map(|column| column.name().into()).collect(),
        places: ("row", (1..=rows.len() as u64).collect()),
        dated: columns.iter().position(|column| tells_time(column)),
        rows,
    })
}

fn tells_time(column: &Type) -> bool {
    let info = column.get_basic_info();
    let converted = [
        ConvertedType::DATE,
        ConvertedType::TIMESTAMP_MILLIS,
        ConvertedType::TIMESTAMP_MICROS,
    ];
    let logical = info.logical_type_ref();
    // Nanoseconds have a logical type alone.
    matches!(
        logical,
        Some(LogicalType::Timestamp { .. } | LogicalType::Date)
    ) || converted.contains(&info.converted_type())
}

fn cell(field: Field) -> Cell {
    let number = match field {
        Field::Null => return Cell::Missing,
        Field::Bool(value) => f64::from(u8::from(value)),
        Field::Byte(value) => value.into(),
        Field::Short(value) => value.into(),
        Field::Int(value) => value.into(),
        Field::Long(value) => value as f64,
        Field::UByte(value) => value.into(),
        Field::UShort(value) => value.into(),
        Field::UInt(value) => value.into(),
        Field::ULong(value) => value as f64,
        Field::Float16(value) => value.to_f64(),
        Field::Float(value) => value.into(),
        Field::Double(value) => value,
        Field::Str(text) => return Cell::Text(text.into()),
        Field::Decimal(_) => match field.to_string().parse() {
            Ok(value) => value,
            Err(_) => return Cell::Text(field.to_string().into()),
        },
        other => return Cell::Text(other.to_string().into()),
    };
    Cell::Number(number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::{Compression, ZstdLevel};
    use parquet::data_type::{DoubleType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// A file of a timestamp in nanoseconds, as pandas writes them, and two columns of numbers, the
    /// last with a gap where a value is `None`.
    fn file(compression: Compression, last: &[Option<f64>]) -> tempfile::NamedTempFile {
        let schema = "message series { required int64 when (TIMESTAMP(NANOS,true)); \
                      required int64 a; optional double b; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer =
            SerializedFileWriter::new(file.reopen().unwrap(), schema, Arc::new(properties))
                .unwrap();
        let mut group = writer.next_row_group().unwrap();
        let rows = last.len() as i64;
        for unit in [10i64.pow(9), 1] {
            let values: Vec<_> = (0..rows).map(|row| row * unit).collect();
            let mut column = group.next_column().unwrap().unwrap();
            let typed = column.typed::<Int64Type>();
            typed.write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        let levels: Vec<_> = last
            .iter()
            .map(|value| i16::from(value.is_some()))
            .collect();
        let values: Vec<_> = last.iter().flatten().copied().collect();
        let mut column = group.next_column().unwrap().unwrap();
        let typed = column.typed::<DoubleType>();
        typed.write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        file
    }

    #[test]
    fn columns_become_channels_whatever_the_compression() {
        for compression in [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::ZSTD(ZstdLevel::default()),
            Compression::GZIP(Default::default()),
            Compression::LZ4_RAW,
        ] {
            let file = file(compression, &[Some(0.5), Some(-1.5)]);
            let series = read(file.path()).unwrap().series("b", None).unwrap();
            assert_eq!(series.names, ["a", "b"], "{compression:?}");
            assert_eq!(series.rows, [[0.0, 0.5], [1.0, -1.5]], "{compression:?}");
        }
    }

    #[test]
    fn a_gap_is_told_with_its_row() {
        let file = file(Compression::UNCOMPRESSED, &[Some(0.5), None]);
        let table = read(file.path()).unwrap();
        let message = table.series("b", None).unwrap_err().to_string();
        assert!(
            message.ends_with("row 2, column `b`: the value is missing"),
            "{message}"
        );
    }

    #[test]
    fn other_files_are_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for content in ["", "a,b\n1,2\n", "PAR1xxxxxxxxPAR1"] {
            std::fs::write(file.path(), content).unwrap();
            let message = read(file.path()).unwrap_err().to_string();
            assert!(message.contains("not readable as Parquet"), "{message}");
        }
    }
}
