//! A matrix as text.

use super::matrix::Matrix;

/// CSV with the names of a matrix, where it has any, and these entries row by row; what is missing is `NaN`.
///
/// # Shapes
/// `entries`: `[rows, columns]`
///
/// # Errors
/// A sentence, should it not be writable.
///
/// ```
/// use lethe::associations::{Matrix, as_csv};
/// let matrix = Matrix::new(1, 2, vec![0.5, f32::NAN]).expect("one entry of two");
/// assert_eq!(as_csv(&matrix, matrix.entries()).as_deref(), Ok("0.5,NaN\n"));
/// ```
pub fn as_csv(matrix: &Matrix, entries: &[f32]) -> Result<String, String> {
    let failed = |error: &dyn core::fmt::Display| format!("cannot write the matrix: {error}");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let is_named = !matrix.row_names().is_empty();
    if !matrix.column_names().is_empty() {
        let corner = is_named.then(String::new);
        writer.write_record(corner.iter().chain(matrix.column_names())).map_err(|error| failed(&error))?;
    }
    for (row, entries) in entries.chunks_exact(matrix.columns()).enumerate() {
        let name = is_named.then(|| matrix.row_names()[row].clone());
        let cells = name.into_iter().chain(entries.iter().map(f32::to_string));
        writer.write_record(cells).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}
