//! Rows of the files that evaluation data come in: JSON lines or a JSON list, CSV, TSV, Parquet.

use std::fs;
use std::path::Path;

use parquet::errors::ParquetError;
use serde_json::{Map, Value};

use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::llama::data;
use crate::native::llama::data::reader::Reader;
use crate::native::llama::data::rows::{Layout, Place, Stop};

/// Characters of a path that a problem has room for.
const SHOWN: usize = 60;

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

    /// The first of these fields that is there, as a whole number; tables without types write it as text.
    pub fn number(&self, names: &[&str]) -> Option<usize> {
        match self.get(names)? {
            Value::String(digits) => digits.parse().ok(),
            number => number.as_u64().and_then(|number| usize::try_from(number).ok()),
        }
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
        "jsonl" | "ndjson" => json(path, Layout::Lines, limit),
        "json" => json(path, Layout::Array, limit),
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
    wrong("file", &shown(path), format!("a file that can be read ({why})"))
}

/// A path by its end, which tells files apart: a problem has room for 60 characters.
pub fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    let count = text.chars().count();
    if count > SHOWN { core::iter::once('…').chain(text.chars().skip(count + 1 - SHOWN)).collect() } else { text }
}

/// The file's name alone: a line is found by it.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn json(path: &Path, layout: Layout, limit: usize) -> Result<Vec<Row>, Failure> {
    let mut reader = Reader::open(path).map_err(|error| unreadable(path, &error))?;
    let mut found: Vec<Result<Row, Failure>> = Vec::new();
    let read = |place: Place, bytes: &[u8]| {
        if found.len() >= limit {
            return;
        }
        let place = format!("{}, line {}", name(path), place.line);
        found.push(match serde_json::from_slice(bytes) {
            Ok(fields) => Ok(Row { place, fields }),
            Err(error) => Err(wrong(&place, &String::from_utf8_lossy(bytes), format!("a JSON object ({error})"))),
        });
    };
    data::rows::each(&mut reader, layout, read).map_err(|stop| match stop {
        Stop::Io(error) => unreadable(path, &error),
        Stop::Broken(line, what, accepted) => wrong(&format!("{}, line {line}", name(path)), &what, accepted),
    })?;
    found.into_iter().collect()
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

/// Why no further row is read.
enum End {
    Enough,
    Broken(ParquetError),
}

impl From<ParquetError> for End {
    fn from(error: ParquetError) -> Self {
        Self::Broken(error)
    }
}

fn parquet(path: &Path, limit: usize) -> Result<Vec<Row>, Failure> {
    let mut found = Vec::new();
    let read = |value| {
        let place = format!("{}, row {}", name(path), found.len() + 1);
        match value {
            Value::Object(fields) if found.len() < limit => {
                found.push(Row { place, fields });
                Ok(())
            }
            _ => Err(End::Enough),
        }
    };
    match data::parquet::each(path, read) {
        Err(End::Broken(error)) => Err(unreadable(path, &error)),
        Err(End::Enough) | Ok(()) => Ok(found),
    }
}
