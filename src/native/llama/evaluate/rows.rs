//! Rows of the files that evaluation data come in: JSON lines or a JSON list, CSV, TSV, Parquet.

use std::fs::{self, File};
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, List, Row as ParquetRow};
use serde_json::{Map, Value};

use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// One row and where it stands.
pub struct Row {
    /// Such as `mnli.jsonl, line 7`.
    pub place: String,
    fields: Map<String, Value>,
}

impl Row {
    /// The first of these fields that is there and not null.
    pub fn get(&self, names: &[&str]) -> Option<&Value> {
        names.iter().find_map(|&name| self.fields.get(name)).filter(|value| !value.is_null())
    }

    /// The first of these fields that is there, as a text.
    ///
    /// # Errors
    /// Its place, and what it holds.
    pub fn text(&self, names: &[&str]) -> Result<&str, Failure> {
        self.get(names).and_then(Value::as_str).ok_or_else(|| self.wrong(names, "a text"))
    }

    /// That a field does not hold what is accepted.
    pub fn wrong(&self, names: &[&str], accepted: &str) -> Failure {
        let value = self.get(names).map_or_else(|| "missing".to_owned(), ToString::to_string);
        wrong(&format!("{}: {}", self.place, names.join(" or ")), &value, accepted)
    }
}

/// The first rows of a file, or all of them.
///
/// # Errors
/// A file of another kind, one that cannot be read, or the line that is malformed.
pub fn rows(path: &Path, limit: Option<usize>) -> Result<Vec<Row>, Failure> {
    let limit = limit.unwrap_or(usize::MAX);
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "jsonl" | "ndjson" => json_lines(path, limit),
        "json" => json_list(path, limit),
        "csv" => table(path, b',', true, limit),
        // GLUE's files have quotation marks that open and never close.
        "tsv" => table(path, b'\t', false, limit),
        "parquet" => parquet(path, limit),
        _ => {
            Err(wrong("file", &path.display().to_string(), "a name that ends in .jsonl, .json, .csv, .tsv or .parquet"))
        }
    }
}

/// A text file, without the mark that some editors put before it.
///
/// # Errors
/// A file that cannot be read, or is not UTF-8.
pub fn text(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), ToOwned::to_owned))
}

pub fn wrong(field: &str, value: &str, accepted: impl Into<String>) -> Failure {
    Failure::Input(Problems(vec![Problem::new(field, value, accepted)]))
}

fn unreadable(path: &Path, why: &dyn core::fmt::Display) -> Failure {
    wrong("file", &path.display().to_string(), format!("a file that can be read ({why})"))
}

/// The file's name alone: a line is found by it, and a problem has little room.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn json_lines(path: &Path, limit: usize) -> Result<Vec<Row>, Failure> {
    let text = text(path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| {
        let place = format!("{}, line {}", name(path), index + 1);
        match serde_json::from_str(line) {
            Ok(fields) => Ok(Row { place, fields }),
            Err(error) => Err(wrong(&place, line, format!("a JSON object ({error})"))),
        }
    };
    lines.take(limit).map(read).collect()
}

fn json_list(path: &Path, limit: usize) -> Result<Vec<Row>, Failure> {
    let text = text(path)?;
    let rows: Vec<Map<String, Value>> = serde_json::from_str(&text)
        .map_err(|error| wrong(&name(path), "", format!("a list of JSON objects ({error})")))?;
    let place = |index: usize| format!("{}, row {}", name(path), index + 1);
    Ok(rows.into_iter().take(limit).enumerate().map(|(index, fields)| Row { place: place(index), fields }).collect())
}

fn table(path: &Path, delimiter: u8, quotes: bool, limit: usize) -> Result<Vec<Row>, Failure> {
    let text = text(path)?;
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).quoting(quotes).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(path, &error))?.clone();
    let read = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|error| unreadable(path, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("{}, line {line}", name(path));
        // GLUE's header names one column fewer where its rows have one annotator more.
        if record.len() < header.len() {
            return Err(wrong(
                &place,
                &format!("{} columns", record.len()),
                format!("{}, as the header", header.len()),
            ));
        }
        let fields = header.iter().zip(&record).map(|(name, value)| (name.to_owned(), value.into())).collect();
        Ok(Row { place, fields })
    };
    reader.records().take(limit).map(read).collect()
}

fn parquet(path: &Path, limit: usize) -> Result<Vec<Row>, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let reader = SerializedFileReader::new(file).map_err(|error| unreadable(path, &error))?;
    let rows = reader.get_row_iter(None).map_err(|error| unreadable(path, &error))?;
    let read = |(index, row): (usize, Result<ParquetRow, _>)| {
        let place = format!("{}, row {}", name(path), index + 1);
        row.map(|row| Row { place, fields: object(&row) }).map_err(|error| unreadable(path, &error))
    };
    rows.take(limit).enumerate().map(read).collect()
}

fn object(row: &ParquetRow) -> Map<String, Value> {
    row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
}

fn list(list: &List) -> Value {
    list.elements().iter().map(value).collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Bool(flag) => (*flag).into(),
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float(number) => (*number).into(),
        Field::Double(number) => (*number).into(),
        Field::Str(text) => text.as_str().into(),
        Field::Group(row) => Value::Object(object(row)),
        Field::ListInternal(items) => list(items),
        // Dates, decimals, bytes and maps are no part of what is evaluated.
        _ => Value::Null,
    }
}
