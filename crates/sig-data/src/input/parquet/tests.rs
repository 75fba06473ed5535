use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::super::{CsvOptions, Format, Source, Table};
use super::*;

type Group<'a> = SerializedRowGroupWriter<'a, File>;

fn file(
    schema: &str,
    compression: Compression,
    write: impl Fn(&mut Group<'_>),
) -> tempfile::NamedTempFile {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .build();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer =
        SerializedFileWriter::new(file.reopen().unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    write(&mut group);
    group.close().unwrap();
    writer.close().unwrap();
    file
}

fn column<T: DataType>(group: &mut Group<'_>, values: &[T::T], levels: Option<&[i16]>) {
    let mut column = group.next_column().unwrap().unwrap();
    let typed = column.typed::<T>();
    typed.write_batch(values, levels, None).unwrap();
    column.close().unwrap();
}

/// A file of a timestamp in nanoseconds, as pandas writes them, and two columns of numbers, the
/// last with a gap where a value is `None`.
fn series(compression: Compression, last: &[Option<f64>]) -> tempfile::NamedTempFile {
    let schema = "message series { required int64 when (TIMESTAMP(NANOS,true)); \
                  required int64 a; optional double b; }";
    file(schema, compression, |group| {
        let rows = last.len() as i64;
        for unit in [10i64.pow(9), 1] {
            let values: Vec<_> = (0..rows).map(|row| row * unit).collect();
            column::<Int64Type>(group, &values, None);
        }
        let levels = last.iter().map(|value| i16::from(value.is_some()));
        let levels: Vec<_> = levels.collect();
        let values: Vec<_> = last.iter().flatten().copied().collect();
        column::<DoubleType>(group, &values, Some(&levels));
    })
}

/// The numbers of these columns, and what tells the time.
fn table(path: &Path, names: &[&str]) -> Result<Table, Error> {
    let source = Source::open(path, Format::Parquet, CsvOptions::default())?;
    let numbers = names.iter().map(|name| source.column(name));
    let columns = Columns {
        numbers: numbers.collect::<Result<_, _>>()?,
        labels: source.time_column(None, &[])?.into_iter().collect(),
        ..Default::default()
    };
    source.select(columns)?.table(false)
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
        let file = series(compression, &[Some(0.5), Some(-1.5)]);
        let table = table(file.path(), &["a", "b"]).unwrap();
        assert_eq!(table.rows, [[0.0, 0.5], [1.0, -1.5]], "{compression:?}");
        assert_eq!(table.times, ["0", "1000000000"], "{compression:?}");
    }
}

#[test]
fn a_gap_is_told_with_its_row() {
    let file = series(Compression::UNCOMPRESSED, &[Some(0.5), None]);
    let message = table(file.path(), &["b"]).unwrap_err().to_string();
    assert!(
        message.ends_with("row 2, column `b`: the value is missing"),
        "{message}"
    );
}

#[test]
fn types_of_numbers_and_of_text() {
    let schema = "message types { required int32 day (DATE); \
                  required int32 price (DECIMAL(5,2)); required int64 id (UINT_64); \
                  required fixed_len_byte_array(2) half (FLOAT16); \
                  required binary name (UTF8); }";
    let file = file(schema, Compression::UNCOMPRESSED, |group| {
        column::<Int32Type>(group, &[19_000, 19_001], None);
        column::<Int32Type>(group, &[12_345, -5], None);
        column::<Int64Type>(group, &[-1, 3], None);
        let halves = [[0x00, 0x3c], [0x00, 0xc1]]
            .map(|bytes: [u8; 2]| FixedLenByteArray::from(ByteArray::from(bytes.to_vec())));
        column::<FixedLenByteArrayType>(group, &halves, None);
        column::<ByteArrayType>(group, &["x".into(), "y".into()], None);
    });
    let found = table(file.path(), &["price", "half", "day"]).unwrap();
    assert_eq!(
        found.rows,
        [[123.45, 1.0, 19_000.0], [-0.05, -2.5, 19_001.0]]
    );
    assert_eq!(found.times, ["2022-01-08", "2022-01-09"]);
    let message = table(file.path(), &["name"]).unwrap_err().to_string();
    let expected = "column `name`: BYTE_ARRAY is no type of numbers";
    assert!(message.ends_with(expected), "{message}");
    for (label, expected) in [("id", ["18446744073709551615", "3"]), ("name", ["x", "y"])] {
        let source = Source::open(file.path(), Format::Parquet, CsvOptions::default()).unwrap();
        let columns = Columns {
            labels: vec![source.column(label).unwrap()],
            ids: 1,
            ..Default::default()
        };
        let chunks = source.select(columns).unwrap().chunks(1).unwrap();
        let labels = chunks[0].runs.iter().map(|run| &*run.label);
        assert_eq!(labels.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn ids_that_are_no_text_are_bad() {
    let schema = "message bytes { required binary id; required int32 a; }";
    let file = file(schema, Compression::UNCOMPRESSED, |group| {
        let ids = [vec![0xff], b"x".to_vec(), vec![0xfe]].map(ByteArray::from);
        column::<ByteArrayType>(group, &ids, None);
        column::<Int32Type>(group, &[1, 2, 3], None);
    });
    let source = Source::open(file.path(), Format::Parquet, CsvOptions::default()).unwrap();
    let columns = Columns {
        numbers: vec![1],
        labels: vec![0],
        ids: 1,
        ..Default::default()
    };
    let chunk = source.select(columns).unwrap().chunks(1).unwrap().remove(0);
    let bad: Vec<_> = chunk.bad.iter().map(ToString::to_string).collect();
    let reason = "column `id`: the text is not UTF-8";
    assert_eq!(
        bad,
        [format!("row 1, {reason}"), format!("row 3, {reason}")]
    );
    assert_eq!(chunk.values, [2.0]);
}

/// Of which the first is a month before a day or the other way round.
#[test]
fn times_that_are_text_are_read_in_one_way() {
    let schema = "message times { required binary day (UTF8); required int32 a; }";
    let file = file(schema, Compression::UNCOMPRESSED, |group| {
        let days = ["01/02/2024", "12/02/2024", "13/02/2024"].map(ByteArray::from);
        column::<ByteArrayType>(group, &days, None);
        column::<Int32Type>(group, &[1, 2, 3], None);
    });
    let source = Source::open(file.path(), Format::Parquet, CsvOptions::default()).unwrap();
    let columns = Columns {
        clock: Some(0),
        ..Default::default()
    };
    let chunk = source.select(columns).unwrap().chunks(1).unwrap().remove(0);
    let days: Vec<_> = chunk.values.chunks(2).map(|clock| clock[0]).collect();
    assert_eq!(days, [19_754.0, 19_765.0, 19_766.0]);
}

#[test]
fn other_files_are_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for content in ["", "a,b\n1,2\n", "PAR1xxxxxxxxPAR1"] {
        std::fs::write(file.path(), content).unwrap();
        let message = table(file.path(), &["a"]).unwrap_err().to_string();
        assert!(message.contains("not readable as Parquet"), "{message}");
    }
}
