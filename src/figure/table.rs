//! The numbers of a figure as one table: rows for the page, CSV for everyone else.

use super::number;
use serde::{Deserialize, Serialize};

/// A column: its name for machines and for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// CSV header, e.g. `old_task_median`.
    pub key: String,
    /// Table header, e.g. "old task, median".
    pub title: String,
}

impl Column {
    pub fn new(key: impl Into<String>, title: impl Into<String>) -> Self {
        Column { key: key.into(), title: title.into() }
    }
}

/// A cell: a finite number, words, or nothing measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    Number(f64),
    Text(String),
    Missing,
}

impl From<Option<f64>> for Cell {
    /// A value that is not finite is missing: tables hold no NaN.
    fn from(value: Option<f64>) -> Self {
        match value {
            Some(x) if x.is_finite() => Cell::Number(x),
            _ => Cell::Missing,
        }
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Some(value).into()
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Cell::Number(value as f64)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Cell::Text(value.to_owned())
    }
}

/// Header and rows; every row has one cell per column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The rows as people read them: two significant digits, four in the first column, which tells the
    /// rows apart; "–" for what is missing.
    pub fn shown(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        let digits = |column: usize| if column == 0 { 4 } else { 2 };
        self.rows.iter().map(move |row| row.iter().enumerate().map(|(k, cell)| cell.shown(digits(k))).collect())
    }

    /// CSV by RFC 4180 with `\n` line ends. Numbers are written in full: reading them back
    /// gives the same bits. A missing value is an empty field.
    pub fn to_csv(&self) -> String {
        let header: Vec<String> = self.columns.iter().map(|c| quoted(&c.key)).collect();
        let mut csv = header.join(",");
        csv.push('\n');
        for row in &self.rows {
            let fields: Vec<String> = row.iter().map(Cell::field).collect();
            csv.push_str(&fields.join(","));
            csv.push('\n');
        }
        csv
    }
}

impl Cell {
    /// The cell as people read it, a number with so many significant digits.
    fn shown(&self, digits: usize) -> String {
        match self {
            Cell::Number(x) => number::significant(*x, digits),
            Cell::Text(words) => words.clone(),
            Cell::Missing => "–".to_owned(),
        }
    }

    fn field(&self) -> String {
        match self {
            Cell::Number(x) if *x != 0.0 && !(1e-5..1e15).contains(&x.abs()) => format!("{x:e}"),
            Cell::Number(x) => x.to_string(),
            Cell::Text(words) => quoted(words),
            Cell::Missing => String::new(),
        }
    }
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
