//! Parquet, row by row.

use std::fs::File;
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Value, json};

/// Calls `row` with each row of a file as the JSON object of its columns, until it fails.
///
/// # Errors
/// Parquet's own, and those of `row`.
pub fn each<E: From<ParquetError>>(path: &Path, mut row: impl FnMut(Value) -> Result<(), E>) -> Result<(), E> {
    let file = File::open(path).map_err(ParquetError::from)?;
    let reader = SerializedFileReader::new(file)?;
    for read in reader.get_row_iter(None)? {
        row(object(read?.into_columns()))?;
    }
    Ok(())
}

fn object(columns: Vec<(String, Field)>) -> Value {
    Value::Object(columns.into_iter().map(|(name, field)| (name, value(field))).collect::<Map<_, _>>())
}

/// What JSON has; bytes are text where they are UTF-8. Anything else is shown within an object, so that it is refused
/// where a text is wanted.
fn value(field: Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => value.into(),
        Field::Byte(number) => number.into(),
        Field::Short(number) => number.into(),
        Field::Int(number) => number.into(),
        Field::Long(number) => number.into(),
        Field::UByte(number) => number.into(),
        Field::UShort(number) => number.into(),
        Field::UInt(number) => number.into(),
        Field::ULong(number) => number.into(),
        Field::Float(number) => number.into(),
        Field::Double(number) => number.into(),
        Field::Str(text) => Value::String(text),
        Field::Bytes(bytes) => match str::from_utf8(bytes.data()) {
            Ok(text) => text.into(),
            Err(_) => json!({"bytes": bytes.len()}),
        },
        Field::Group(row) => object(row.into_columns()),
        Field::ListInternal(list) => Value::Array(list.elements().iter().cloned().map(value).collect()),
        other => json!({"value": other.to_string()}),
    }
}
