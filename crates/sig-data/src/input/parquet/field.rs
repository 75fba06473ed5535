//! The values of Parquet columns as numbers and as text.

use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::data_type::ByteArray;
use parquet::record::Field;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

use super::super::time::{Clock, Reading, whole};

/// Timestamps are written as dates up to so many seconds from 1970, some 250,000 years.
const DATED_SECONDS: i64 = 8_000_000_000_000;

/// Bytes that are a number, as [`no_number`] says, or text.
pub(super) fn bytes(descriptor: &ColumnDescPtr, value: ByteArray) -> Field {
    if no_number(descriptor).is_some() {
        return Field::Bytes(value);
    }
    Field::convert_byte_array(descriptor, value).unwrap_or(Field::Null)
}

/// Times are numbers of their unit from 1970 on.
pub(super) fn number(field: Field) -> f64 {
    match field {
        Field::Bool(value) => f64::from(u8::from(value)),
        Field::Byte(value) => value.into(),
        Field::Short(value) => value.into(),
        Field::Int(value) | Field::Date(value) | Field::TimeMillis(value) => value.into(),
        Field::Long(value)
        | Field::TimeMicros(value)
        | Field::TimestampMillis(value)
        | Field::TimestampMicros(value) => value as f64,
        Field::UByte(value) => value.into(),
        Field::UShort(value) => value.into(),
        Field::UInt(value) => value.into(),
        Field::ULong(value) => value as f64,
        Field::Float16(value) => value.to_f64(),
        Field::Float(value) => value.into(),
        Field::Double(value) => value,
        Field::Decimal(_) => field.to_string().parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// The exact time. Text that is none, as its column is read, becomes an infinite time, which is
/// refused later.
pub(super) fn instant(field: Field, reading: Option<Reading>) -> Clock {
    match &field {
        Field::Long(value)
        | Field::TimeMicros(value)
        | Field::TimestampMillis(value)
        | Field::TimestampMicros(value) => whole(*value),
        Field::Bytes(_) | Field::Str(_) => {
            let text = text(field).unwrap_or_default();
            let clock = reading.and_then(|reading| reading.clock(&text));
            clock.unwrap_or([f64::INFINITY, 0.0])
        }
        _ => [number(field), 0.0],
    }
}

/// Whole numbers are never rounded, and dates are written from the year on. Nothing if it is not
/// UTF-8.
pub(super) fn text(field: Field) -> Option<Box<str>> {
    let far = |value: i64, per_second: i64| (value / per_second).abs() > DATED_SECONDS;
    Some(match field {
        Field::Null => "".into(),
        Field::Bytes(bytes) => str::from_utf8(bytes.data()).ok()?.into(),
        Field::Bool(_) | Field::Float16(_) | Field::Float(_) | Field::Double(_) => {
            number(field).to_string().into()
        }
        Field::Date(days) if far(i64::from(days) * 86_400, 1) => days.to_string().into(),
        Field::TimestampMillis(time) if far(time, 1_000) => time.to_string().into(),
        Field::TimestampMicros(time) if far(time, 1_000_000) => time.to_string().into(),
        other => other.to_string().into(),
    })
}

/// The type of a column that holds no numbers.
pub(super) fn no_number(column: &ColumnDescriptor) -> Option<Physical> {
    let decimal = column.converted_type() == ConvertedType::DECIMAL;
    let half = column.logical_type_ref() == Some(&LogicalType::Float16);
    let physical = column.physical_type();
    let bytes = [Physical::BYTE_ARRAY, Physical::FIXED_LEN_BYTE_ARRAY].contains(&physical);
    (bytes && !decimal && !half).then_some(physical)
}

pub(super) fn tells_time(column: &ColumnDescriptor) -> bool {
    // Nanoseconds have a logical type alone.
    let logical = column.logical_type_ref();
    column.physical_type() == Physical::INT96
        || matches!(
            logical,
            Some(LogicalType::Timestamp { .. } | LogicalType::Date)
        )
        || matches!(
            column.converted_type(),
            ConvertedType::DATE | ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS
        )
}
