//! Matrices as text: a row on each line, with commas, semicolons or tabs between the cells.

use csv::{ByteRecord, ReaderBuilder};

use super::super::matrix::{MOST_ENTRIES, MOST_SIZE};
use super::{Numbers, problem};
use crate::error::{Problem, Problems};

/// How many wrong cells are told one by one.
const MOST_TOLD: usize = 20;

/// Reads a table, with or without a line of column names and with or without a first column of row names.
///
/// The first line holds names where no cell after its first is a number, or where these cells count 0, 1, 2 and so on
/// beside a first cell that is empty or text (as a data frame is written). The first column holds names where the first
/// cell below the first line is text, or that of a line of names is empty.
///
/// # Errors
/// Lines of another length, cells that are neither numbers nor missing, infinite numbers, names that come twice.
pub(super) fn read(bytes: &[u8]) -> Result<Numbers, Problems> {
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter(bytes)).flexible(true).has_headers(false).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut first: Option<Vec<String>> = None;
    let mut shape = Shape::default();
    let mut entries: Vec<f32> = Vec::new();
    let (mut rows, mut row_names, mut problems) = (0, Vec::new(), Vec::new());
    // Bytes in memory and lines of any length cannot fail to be read.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().any(|cell| cell.contains(&0)) {
            return Err(problem("file", "not text", "text in rows of cells, or an array of NumPy"));
        }
        let cells: Vec<&str> =
            record.iter().map(|cell| core::str::from_utf8(cell).unwrap_or("\u{fffd}").trim()).collect();
        match &first {
            None => {
                first = Some(cells.iter().map(|&cell| cell.to_owned()).collect());
                continue;
            }
            Some(top) if !shape.known => {
                shape = Shape::of(top, &cells);
                if !shape.header {
                    let top: Vec<&str> = top.iter().map(String::as_str).collect();
                    take(1, &top, shape, &mut entries, &mut row_names, &mut problems);
                    rows += 1;
                }
            }
            Some(_) => {}
        }
        let width = first.as_ref().map_or(0, Vec::len);
        if cells.len() != width {
            tell(
                &mut problems,
                Problem::new(
                    &format!("line {line}"),
                    &format!("{} cells", cells.len()),
                    format!("{width} cells, as on the first line"),
                ),
            );
            continue;
        }
        take(line, &cells, shape, &mut entries, &mut row_names, &mut problems);
        rows += 1;
        if entries.len() > MOST_ENTRIES {
            return Err(problem("file", &format!("more than {MOST_ENTRIES} entries"), "fewer"));
        }
    }
    let first = first.unwrap_or_default();
    if !shape.known {
        // One line alone: it is a row, unless it is made of names.
        shape = Shape::of(&first, &[]);
        if shape.header {
            return Err(problem("file", "names alone", "at least one row below them"));
        }
        let cells: Vec<&str> = first.iter().map(String::as_str).collect();
        take(1, &cells, shape, &mut entries, &mut row_names, &mut problems);
        rows += 1;
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let names = usize::from(shape.named);
    let column_names = if shape.header { first[names.min(first.len())..].to_vec() } else { Vec::new() };
    Ok(Numbers { rows, columns: first.len() - names, entries, row_names, column_names })
}

/// What the first line and the first column are.
#[derive(Clone, Copy, Default)]
struct Shape {
    known: bool,
    header: bool,
    named: bool,
}

impl Shape {
    fn of(top: &[String], below: &[&str]) -> Self {
        let is_text = |cell: &str| number(cell).is_none();
        let rest = top.get(1..).unwrap_or_default();
        let count_up = |from: usize| {
            !rest.is_empty() && rest.iter().enumerate().all(|(place, cell)| *cell == (place + from).to_string())
        };
        let starts_beside = top.first().is_some_and(|cell| cell.is_empty() || is_text(cell));
        let all_text = if rest.is_empty() {
            top.first().is_some_and(|cell| is_text(cell))
        } else {
            rest.iter().all(|cell| is_text(cell))
        };
        let header = all_text || (starts_beside && (count_up(0) || count_up(1)));
        let corner_is_empty = header && top.len() > 1 && top[0].is_empty();
        let first_of_rows = if header { below.first().copied() } else { top.first().map(String::as_str) };
        let named = corner_is_empty || (top.len() > 1 && first_of_rows.is_some_and(is_text));
        Self { known: true, header, named }
    }
}

/// A cell's number, NaN where it is missing; `None` for other text. Infinities are told apart later.
fn number(cell: &str) -> Option<f32> {
    if cell.is_empty()
        || ["na", "n/a", "nan", "-nan", "null", "none"].iter().any(|word| cell.eq_ignore_ascii_case(word))
    {
        return Some(f32::NAN);
    }
    cell.parse::<f32>().ok()
}

fn take(
    line: u64,
    cells: &[&str],
    shape: Shape,
    entries: &mut Vec<f32>,
    row_names: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) {
    let cells = if shape.named {
        row_names.push(cells[0].to_owned());
        &cells[1..]
    } else {
        cells
    };
    for (column, cell) in cells.iter().enumerate() {
        let value = number(cell).filter(|value| value.is_nan() || value.abs() <= MOST_SIZE);
        if value.is_none() {
            let place = format!("line {line}, column {}", column + 1 + usize::from(shape.named));
            tell(
                problems,
                Problem::new(
                    &place,
                    cell,
                    "a number from -1e15 to 1e15, or an empty cell, NA or nan for a missing one",
                ),
            );
        }
        entries.push(value.unwrap_or(f32::NAN));
    }
}

fn tell(problems: &mut Vec<Problem>, problem: Problem) {
    if problems.len() < MOST_TOLD {
        problems.push(problem);
    }
}

/// Whichever mark the first line has most of.
pub(super) fn delimiter(bytes: &[u8]) -> u8 {
    let blank = |line: &&[u8]| !line.trim_ascii().is_empty();
    let line = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).find(blank).unwrap_or_default();
    let count = |mark: u8| line.iter().filter(|&&byte| byte == mark).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|&mark| count(mark)).unwrap_or(b',')
}
