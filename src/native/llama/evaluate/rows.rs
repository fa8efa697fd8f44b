//! Rows of the files that evaluation data come in: JSON lines or a JSON list, CSV, TSV, Parquet.

use core::ops::ControlFlow;
use std::path::Path;

use parquet::errors::ParquetError;
use serde_json::{Map, Value};

use crate::data::text::{Format, Record};
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;
use crate::native::files;
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

    /// The format of fine-tuning that it is of, by its fields.
    pub fn format(&self) -> Option<Format> {
        Format::of(&Value::Object(self.fields.clone()))
    }

    /// What it says by a format of fine-tuning.
    ///
    /// # Errors
    /// Its place, and the field that is missing or wrong.
    pub fn record(&self, format: Format) -> Result<Record, Failure> {
        let record = format.record(&Value::Object(self.fields.clone()));
        let placed = |problem: Problem| Problem { field: format!("{}: {}", self.place, problem.field), ..problem };
        record.map_err(|problem| Failure::Input(Problems(vec![placed(problem)])))
    }

    /// That a field does not hold what is accepted.
    pub fn wrong(&self, names: &[&str], accepted: &str) -> Failure {
        let value = self.get(names).map_or_else(|| "missing".to_owned(), ToString::to_string);
        wrong(&format!("{}: {}", self.place, names.join(" or ")), &value, accepted)
    }
}

/// Whether reading goes on.
pub fn until(enough: bool) -> ControlFlow<()> {
    if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// What is done with each row: a failure, or that there are enough, and no further row is read.
pub trait Take: FnMut(Row) -> Result<ControlFlow<()>, Failure> {}

impl<F: FnMut(Row) -> Result<ControlFlow<()>, Failure>> Take for F {}

/// Hands over the rows of a file in order, one at a time, until there are enough.
///
/// # Errors
/// A file of another kind, one that cannot be read, or the line that is malformed; those of `take`.
pub fn rows(path: &Path, take: impl Take) -> Result<(), Failure> {
    if Layout::is_json(path) {
        return json(path, take);
    }
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "csv" => table(path, b',', true, take),
        // GLUE's files have quotation marks that open and never close.
        "tsv" => table(path, b'\t', false, take),
        "parquet" => parquet(path, take),
        _ => {
            Err(wrong("file", &path.display().to_string(), "a name that ends in .jsonl, .json, .csv, .tsv or .parquet"))
        }
    }
}

/// Hands over the lines of a text file in order, each with its end, until there are enough.
///
/// # Errors
/// A file that cannot be read, or is not UTF-8; those of `take`.
pub fn lines(path: &Path, mut take: impl FnMut(&str) -> Result<ControlFlow<()>, Failure>) -> Result<(), Failure> {
    let mut reader = Reader::open(path).map_err(|error| unreadable(path, &error))?;
    let mut line = Vec::new();
    while reader.peek().map_err(|error| unreadable(path, &error))?.is_some() {
        line.clear();
        reader.line_into(&mut line, usize::MAX).map_err(|error| unreadable(path, &error))?;
        if take(str::from_utf8(&line).map_err(|error| unreadable(path, &error))?)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// A text file as a whole.
///
/// # Errors
/// A file that cannot be read, or is not UTF-8.
pub fn text(path: &Path) -> Result<String, Failure> {
    files::text(path).map_err(|error| unreadable(path, &error))
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

fn json(path: &Path, mut take: impl Take) -> Result<(), Failure> {
    let mut reader = Reader::open(path).map_err(|error| unreadable(path, &error))?;
    let layout = Layout::of_json(&mut reader).map_err(|error| unreadable(path, &error))?;
    let mut ended = Ok(());
    let read = |place: Place, bytes: &[u8]| {
        let place = format!("{}, line {}", data::name(path), place.line);
        let row = match serde_json::from_slice(bytes) {
            Ok(fields) => Ok(Row { place, fields }),
            Err(error) => Err(wrong(&place, &String::from_utf8_lossy(bytes), format!("a JSON object ({error})"))),
        };
        row.and_then(&mut take).unwrap_or_else(|failure| {
            ended = Err(failure);
            ControlFlow::Break(())
        })
    };
    data::rows::each(&mut reader, layout, read).map_err(|stop| match stop {
        Stop::Io(error) => unreadable(path, &error),
        Stop::Broken(line, what, accepted) => wrong(&format!("{}, line {line}", data::name(path)), &what, accepted),
    })?;
    ended
}

fn table(path: &Path, delimiter: u8, quotes: bool, mut take: impl Take) -> Result<(), Failure> {
    let failed = |error: csv::Error| unreadable(path, &error);
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.delimiter(delimiter).quoting(quotes).flexible(true).from_path(path).map_err(failed)?;
    let header = reader.headers().map_err(failed)?.clone();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("{}, line {line}", data::name(path));
        // GLUE's header names one column fewer where its rows have one annotator more.
        if record.len() < header.len() {
            return Err(wrong(
                &place,
                &format!("{} columns", record.len()),
                format!("{}, as the header", header.len()),
            ));
        }
        let fields = header.iter().zip(&record).map(|(name, value)| (name.to_owned(), value.into())).collect();
        if take(Row { place, fields })?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Why no further row is read.
enum End {
    Enough,
    Failed(Failure),
    Broken(ParquetError),
}

impl From<ParquetError> for End {
    fn from(error: ParquetError) -> Self {
        Self::Broken(error)
    }
}

fn parquet(path: &Path, mut take: impl Take) -> Result<(), Failure> {
    let mut count = 0_u64;
    let read = |value| {
        count += 1;
        let Value::Object(fields) = value else { return Ok(()) };
        match take(Row { place: format!("{}, row {count}", data::name(path)), fields }) {
            Ok(ControlFlow::Continue(())) => Ok(()),
            Ok(ControlFlow::Break(())) => Err(End::Enough),
            Err(failure) => Err(End::Failed(failure)),
        }
    };
    match data::parquet::each(path, read) {
        Err(End::Broken(error)) => Err(unreadable(path, &error)),
        Err(End::Failed(failure)) => Err(failure),
        Err(End::Enough) | Ok(()) => Ok(()),
    }
}
