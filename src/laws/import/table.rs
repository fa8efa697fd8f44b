//! One row per checkpoint under a header of column names.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};

use super::field::{Cells, FIELDS, observation};
use super::{Field, Imported, MOST_COLUMNS, MOST_ROWS, Options, too_many};
use crate::error::{Problem, Problems};

/// Reads a table.
///
/// # Errors
/// A header without a required column, or too many rows or columns.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Imported, Problems> {
    let mut rows = Rows::of(bytes)?;
    let header = rows.header.clone();
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    let columns = columns(&names, options)?;
    let mut found = Imported::default();
    let mut count = 0;
    while let Some((line, record)) = rows.next() {
        count += 1;
        if count > MOST_ROWS {
            return Err(too_many("rows", MOST_ROWS));
        }
        let place = || format!("line {line}");
        if record.len() != names.len() {
            let value = format!("{} cells", record.len());
            found.tell(Problem::new(&place(), &value, format!("{} cells, as in the header", names.len())));
            continue;
        }
        let cells: Cells =
            columns.map(|column| column.and_then(|index| record.get(index)).map(String::from_utf8_lossy));
        match observation(place, &cells, options) {
            Ok(observation) => found.observations.push(observation),
            Err(problems) => problems.into_iter().for_each(|problem| found.tell(problem)),
        }
    }
    if count == 0 {
        return Err(Problems(vec![Problem::new("file", "a header alone", "at least one row below the header")]));
    }
    Ok(found)
}

/// The column of every field, where it has one.
///
/// # Errors
/// All required fields that have neither a column nor a constant, and all columns named in vain.
pub(super) fn columns(names: &[&str], options: &Options) -> Result<[Option<usize>; FIELDS.len()], Problems> {
    let mut problems = Vec::new();
    let found = FIELDS.map(|field| {
        let column = field.column(names, options).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let told = options.constants.iter().any(|constant| constant.field == field);
        if column.is_none()
            && !told
            && field.is_required()
            && !problems.iter().any(|one| one.field.ends_with(field.name()))
        {
            problems.push(missing(field, names));
        }
        column
    });
    if problems.is_empty() { Ok(found) } else { Err(Problems(problems)) }
}

/// That a required field is nowhere.
pub(super) fn missing(field: Field, names: &[&str]) -> Problem {
    let there = names.iter().take(12).map(|name| name.trim()).collect::<Vec<_>>().join(", ");
    let name = field.name();
    let accepted =
        format!("a column of that name, `--columns {name}=COLUMN` or `--set {name}=VALUE`; the file has {there}");
    Problem::new(&format!("column {name}"), "missing", accepted)
}

/// The rows of a file with commas, semicolons or tabs, whichever its header has most of.
pub(super) struct Rows<'a> {
    pub header: Vec<String>,
    reader: csv::Reader<&'a [u8]>,
    record: ByteRecord,
}

impl<'a> Rows<'a> {
    pub fn of(bytes: &'a [u8]) -> Result<Self, Problems> {
        let line = bytes
            .split(|byte| matches!(byte, b'\n' | b'\r'))
            .find(|line| !line.trim_ascii().is_empty())
            .unwrap_or_default();
        let count = |mark: u8| line.iter().filter(|&&byte| byte == mark).count();
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|&mark| count(mark)).unwrap_or(b',');
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(bytes);
        let mut record = ByteRecord::new();
        let read = reader.read_byte_record(&mut record);
        let unreadable =
            |why: String| Problems(vec![Problem::new("file", &why, "text in rows of cells under a header")]);
        if !read.map_err(|error| unreadable(error.to_string()))? {
            return Err(unreadable("without a row".to_owned()));
        }
        if record.len() > MOST_COLUMNS {
            return Err(too_many("columns", MOST_COLUMNS));
        }
        if record.iter().any(|cell| cell.contains(&0)) {
            return Err(unreadable("not text".to_owned()));
        }
        let header = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        Ok(Self { header, reader, record })
    }

    /// The next row that is not blank and the line that it begins on.
    pub fn next(&mut self) -> Option<(u64, &ByteRecord)> {
        loop {
            // Bytes in memory and rows of any length cannot fail to be read.
            if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
                return None;
            }
            if !self.record.iter().all(|cell| cell.trim_ascii().is_empty()) || self.record.len() > 1 {
                break;
            }
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Some((line, &self.record))
    }
}

/// A cell as text.
pub(super) fn text(cell: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(cell)
}
