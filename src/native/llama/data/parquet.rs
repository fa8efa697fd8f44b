//! Parquet, row by row.

use std::fs::File;
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Value};

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

/// Texts, lists and groups; a number is no part of a text and becomes the text it is shown as.
fn value(field: Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Str(text) => Value::String(text),
        Field::Group(row) => object(row.into_columns()),
        Field::ListInternal(list) => Value::Array(list.elements().iter().cloned().map(value).collect()),
        other => Value::String(other.to_string()),
    }
}
