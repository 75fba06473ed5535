//! A Parquet file of features.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use sig_data::SEPARATOR;
use tempfile::NamedTempFile;

use crate::job::{Job, OWN_COLUMNS};
use crate::paths::Window;

/// Numbers of a row group at most, 32 MiB, and windows.
const ROW_GROUP: usize = 4 << 20;
const WINDOWS: usize = 1 << 18;

/// What a column holds.
enum Column {
    /// A part of the id.
    Id(usize),
    Count(fn(&Window) -> u64),
    Time(fn((f64, f64)) -> f64),
    Feature(usize),
    SingleFeature(usize),
}

/// What all parts of a job have in common.
pub(crate) struct Schema {
    columns: Vec<Column>,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    /// Features of a window.
    pub(crate) features: usize,
}

impl Schema {
    pub(crate) fn new(job: &Job) -> Result<Self, ParquetError> {
        let [start, end, row, start_time, end_time] = OWN_COLUMNS;
        let mut columns = Vec::new();
        let ids = job.group.iter().enumerate();
        columns.extend(ids.map(|(index, group)| (group.as_str(), Column::Id(index))));
        columns.push((start, Column::Count(|window| window.points.start)));
        columns.push((end, Column::Count(|window| window.points.end)));
        columns.push((row, Column::Count(|window| window.row)));
        if job.time.is_some() {
            columns.push((start_time, Column::Time(|times| times.0)));
            columns.push((end_time, Column::Time(|times| times.1)));
        }
        let labels = job.labels();
        let feature = if job.f32 {
            Column::SingleFeature
        } else {
            Column::Feature
        };
        columns.extend((0..labels.len()).map(|index| (&*labels[index], feature(index))));
        let fields = columns.iter().map(|(name, column)| column.field(name));
        let fields = fields.collect::<Result<_, _>>()?;
        let channels = serde_json::to_string(&job.channels()).expect("names become JSON");
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Hardly two features are the same.
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(vec![KeyValue::new("channels".into(), channels)]));
        for group in &job.group {
            let path = ColumnPath::new(vec![group.clone()]);
            properties = properties.set_column_dictionary_enabled(path, true);
        }
        let schema = Type::group_type_builder("features").with_fields(fields);
        Ok(Self {
            schema: Arc::new(schema.build()?),
            properties: Arc::new(properties.build()),
            features: labels.len(),
            columns: columns.into_iter().map(|(_, column)| column).collect(),
        })
    }
}

impl Column {
    fn field(&self, name: &str) -> Result<TypePtr, ParquetError> {
        let (physical, logical) = match self {
            Self::Id(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Self::Count(_) => (Physical::INT64, None),
            Self::Time(_) | Self::Feature(_) => (Physical::DOUBLE, None),
            Self::SingleFeature(_) => (Physical::FLOAT, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical);
        field.build().map(Arc::new)
    }
}

/// A part that is being written, a row group at a time.
pub(crate) struct Part {
    schema: Arc<Schema>,
    writer: SerializedFileWriter<NamedTempFile>,
    windows: Vec<Window>,
    features: Vec<f64>,
    /// The bytes of all features so far, uncompressed.
    pub(crate) bytes: u64,
}

impl Part {
    pub(crate) fn new(file: NamedTempFile, schema: Arc<Schema>) -> Result<Self, ParquetError> {
        let (of, properties) = (schema.schema.clone(), schema.properties.clone());
        Ok(Self {
            schema,
            writer: SerializedFileWriter::new(file, of, properties)?,
            windows: Vec::new(),
            features: Vec::new(),
            bytes: 0,
        })
    }

    pub(crate) fn push(
        &mut self,
        windows: &[Window],
        features: &[f64],
    ) -> Result<(), ParquetError> {
        self.windows.extend_from_slice(windows);
        self.features.extend_from_slice(features);
        self.bytes += size_of_val(features) as u64;
        if self.features.len() >= ROW_GROUP || self.windows.len() >= WINDOWS {
            self.row_group()?;
        }
        Ok(())
    }

    /// The complete file.
    pub(crate) fn finish(mut self) -> Result<NamedTempFile, ParquetError> {
        if !self.windows.is_empty() {
            self.row_group()?;
        }
        self.writer.into_inner()
    }

    fn row_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        let windows = self.windows.iter();
        let feature = |index| {
            self.features
                .iter()
                .skip(index)
                .step_by(self.schema.features)
        };
        for column in &self.schema.columns {
            let (group, windows) = (&mut group, windows.clone());
            match *column {
                Column::Id(index) => {
                    let ids = windows.map(|window| {
                        let part = window.id.split(SEPARATOR).nth(index);
                        part.unwrap_or_default().into()
                    });
                    write::<ByteArrayType>(group, ids)
                }
                Column::Count(count) => {
                    write::<Int64Type>(group, windows.map(|window| count(window) as i64))
                }
                Column::Time(time) => {
                    write::<DoubleType>(group, windows.filter_map(|window| window.times).map(time))
                }
                Column::Feature(index) => write::<DoubleType>(group, feature(index).copied()),
                Column::SingleFeature(index) => {
                    write::<FloatType>(group, feature(index).map(|&value| value as f32))
                }
            }?;
        }
        group.close()?;
        self.windows.clear();
        self.features.clear();
        Ok(())
    }
}

/// The values of the next column.
fn write<D: DataType>(
    group: &mut SerializedRowGroupWriter<'_, NamedTempFile>,
    values: impl Iterator<Item = D::T>,
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.expect("the schema has a column for each value");
    let values: Vec<_> = values.collect();
    column.typed::<D>().write_batch(&values, None, None)?;
    column.close()
}
