//! Matrices from files: bytes in, a matrix or named problems out.
//!
//! Nothing here trusts a file: what a header promises is held against what may be and what is there before memory is
//! asked for.

mod npy;
mod npz;
mod properties;
mod table;

pub use properties::{Property, Values, read_properties};

use super::matrix::{MOST_ENTRIES, Matrix};
use crate::error::{Problem, Problems};

/// Largest file, in bytes.
pub const MOST_BYTES: usize = 1 << 30;

/// What a file holds, whatever it is of.
struct Numbers {
    rows: usize,
    columns: usize,
    entries: Vec<f32>,
    row_names: Vec<String>,
    column_names: Vec<String>,
}

impl Numbers {
    fn matrix(self) -> Result<Matrix, Problems> {
        Matrix::new(self.rows, self.columns, self.entries)?.named(self.row_names, self.column_names)
    }
}

/// Reads a matrix: text in rows of cells, one array of NumPy (`.npy`), or an archive of arrays (`.npz`), which its
/// first bytes tell apart. `array` names the array of an archive that has several.
///
/// # Errors
/// Whatever keeps the file from being a matrix, with its place.
///
/// ```
/// use lethe::associations::import::read;
/// let matrix = read(b"task,fact,poem\nsums,0.2,NA\nnews,0.1,0.4\n", None).expect("two rows of two");
/// assert_eq!((matrix.rows(), matrix.columns(), matrix.entry(0, 1)), (2, 2, None));
/// assert_eq!(matrix.column_names(), ["fact", "poem"]);
/// let wrong = read(b"0.1,0.2\n0.3\n", None).expect_err("a cell is lacking");
/// assert_eq!(wrong.to_string(), "line 2 = \"1 cells\"; accepted: 2 cells, as on the first line");
/// ```
pub fn read(bytes: &[u8], array: Option<&str>) -> Result<Matrix, Problems> {
    numbers(bytes, array)?.matrix()
}

/// Reads the features of so many rows or columns, a line or row for each, from the same kinds of files; row by row.
///
/// # Errors
/// Whatever keeps the file from holding numbers, or lines for others than these.
pub fn read_features(bytes: &[u8], items: usize) -> Result<Vec<f32>, Problems> {
    let numbers = numbers(bytes, None)?;
    if numbers.rows != items {
        let accepted = format!("{items} rows, one for each that is described");
        return Err(problem("features", &format!("{} x {}", numbers.rows, numbers.columns), accepted));
    }
    Ok(numbers.entries)
}

fn numbers(bytes: &[u8], array: Option<&str>) -> Result<Numbers, Problems> {
    if bytes.len() > MOST_BYTES {
        return Err(problem("file", &format!("{} bytes", bytes.len()), format!("at most {MOST_BYTES} bytes")));
    }
    if bytes.starts_with(npy::MAGIC) {
        return npy::read(bytes, bytes.len());
    }
    if bytes.starts_with(b"PK") {
        return npz::read(bytes, array);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii().is_empty() {
        return Err(problem("file", "empty", "a file with at least one row"));
    }
    table::read(text)
}

/// The number of entries of a shape, if a matrix may have so many.
///
/// # Errors
/// More than [`MOST_ENTRIES`].
fn entries_of(rows: usize, columns: usize) -> Result<usize, Problems> {
    let count = rows.checked_mul(columns).filter(|&count| count <= MOST_ENTRIES);
    count.ok_or_else(|| problem("matrix", &format!("{rows} x {columns}"), format!("at most {MOST_ENTRIES} entries")))
}

fn problem(field: &str, value: &str, accepted: impl Into<String>) -> Problems {
    Problems(vec![Problem::new(field, value, accepted)])
}
