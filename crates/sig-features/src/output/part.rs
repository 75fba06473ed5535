//! A Parquet file of features.

use std::fs::File;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, PrimitiveTypeBuilder, Type, TypePtr};
use tempfile::NamedTempFile;

use crate::batch::Window;
use crate::job::{Job, OWN_COLUMNS};

/// Numbers of a row group at most, 32 MiB, and windows.
const ROW_GROUP: usize = 4 << 20;
const WINDOWS: usize = 1 << 18;

/// What all parts of a job have in common.
pub(crate) struct Schema {
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    features: usize,
    group: bool,
    timed: bool,
    single: bool,
}

impl Schema {
    pub(crate) fn new(job: &Job) -> Result<Self, ParquetError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Hardly two features are the same.
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(vec![KeyValue::new(
                "channels".into(),
                serde_json::to_string(&job.channels()).expect("names become JSON"),
            )]));
        let mut fields = Vec::new();
        if let Some(group) = &job.group {
            let id =
                field(group, Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String));
            fields.push(id.build()?);
            properties = properties
                .set_column_dictionary_enabled(ColumnPath::new(vec![group.clone()]), true);
        }
        let [places @ .., start_time, end_time] = OWN_COLUMNS;
        for name in places {
            fields.push(field(name, Physical::INT64).build()?);
        }
        for name in [start_time, end_time].iter().filter(|_| job.time.is_some()) {
            fields.push(field(name, Physical::DOUBLE).build()?);
        }
        let labels = job.labels();
        let kind = if job.f32 {
            Physical::FLOAT
        } else {
            Physical::DOUBLE
        };
        for label in &labels {
            fields.push(field(label, kind).build()?);
        }
        let fields = fields.into_iter().map(Arc::new).collect();
        Ok(Self {
            schema: Arc::new(
                Type::group_type_builder("features")
                    .with_fields(fields)
                    .build()?,
            ),
            properties: Arc::new(properties.build()),
            features: labels.len(),
            group: job.group.is_some(),
            timed: job.time.is_some(),
            single: job.f32,
        })
    }

    /// Features of a window.
    pub(crate) fn features(&self) -> usize {
        self.features
    }
}

/// A part that is being written, a row group at a time.
pub(crate) struct Part {
    file: NamedTempFile,
    writer: SerializedFileWriter<File>,
    windows: Vec<Window>,
    features: Vec<f64>,
}

impl Part {
    pub(crate) fn new(file: NamedTempFile, schema: &Schema) -> Result<Self, ParquetError> {
        let writer = SerializedFileWriter::new(
            file.reopen()?,
            schema.schema.clone(),
            schema.properties.clone(),
        )?;
        Ok(Self {
            file,
            writer,
            windows: Vec::new(),
            features: Vec::new(),
        })
    }

    pub(crate) fn push(
        &mut self,
        schema: &Schema,
        windows: &[Window],
        features: &[f64],
    ) -> Result<(), ParquetError> {
        self.windows.extend_from_slice(windows);
        self.features.extend_from_slice(features);
        match self.features.len() >= ROW_GROUP || self.windows.len() >= WINDOWS {
            true => self.row_group(schema),
            false => Ok(()),
        }
    }

    /// The complete file.
    pub(crate) fn finish(mut self, schema: &Schema) -> Result<NamedTempFile, ParquetError> {
        if !self.windows.is_empty() {
            self.row_group(schema)?;
        }
        self.writer.close()?;
        Ok(self.file)
    }

    fn row_group(&mut self, schema: &Schema) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        let windows = &self.windows;
        if schema.group {
            let ids: Vec<ByteArray> = windows.iter().map(|window| (&*window.id).into()).collect();
            write::<ByteArrayType>(&mut group, &ids)?;
        }
        let places: [fn(&Window) -> u64; 3] = [
            |window| window.points.start,
            |window| window.points.end,
            |window| window.row,
        ];
        for place in places {
            let values: Vec<i64> = windows.iter().map(|window| place(window) as i64).collect();
            write::<Int64Type>(&mut group, &values)?;
        }
        if schema.timed {
            let (starts, ends): (Vec<f64>, Vec<f64>) =
                windows.iter().filter_map(|window| window.times).unzip();
            for values in [starts, ends] {
                write::<DoubleType>(&mut group, &values)?;
            }
        }
        for feature in 0..schema.features {
            let values = self.features.iter().skip(feature).step_by(schema.features);
            match schema.single {
                true => {
                    let values: Vec<f32> = values.map(|&value| value as f32).collect();
                    write::<FloatType>(&mut group, &values)?;
                }
                false => {
                    let values: Vec<f64> = values.copied().collect();
                    write::<DoubleType>(&mut group, &values)?;
                }
            }
        }
        group.close()?;
        self.windows.clear();
        self.features.clear();
        Ok(())
    }
}

fn field(name: &str, kind: Physical) -> PrimitiveTypeBuilder<'_> {
    Type::primitive_type_builder(name, kind).with_repetition(Repetition::REQUIRED)
}

/// The values of the next column.
fn write<D: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[D::T],
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.expect("the schema has a column for each value");
    column.typed::<D>().write_batch(values, None, None)?;
    column.close()
}
