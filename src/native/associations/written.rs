//! The completed matrix as a file.

use std::path::Path;

use ndarray::ArrayView2;
use ndarray_npy::WriteNpyExt as _;

use super::super::cli::Failure;
use crate::associations::Matrix;
use crate::error::{Problem, Problems};

/// What a matrix is written as.
#[derive(Clone, Copy)]
pub enum Format {
    /// With the names that were read.
    Csv,
    /// Single precision.
    Npy,
}

impl Format {
    /// By the ending of a file's name.
    ///
    /// # Errors
    /// Another ending.
    pub fn of(path: &Path) -> Result<Self, Problems> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("npy") => Ok(Self::Npy),
            _ => {
                let shown = path.display().to_string();
                Err(Problems(vec![Problem::new("--out", &shown, "a file that ends in .csv or .npy")]))
            }
        }
    }

    /// The bytes of a matrix with these entries, row by row.
    ///
    /// # Errors
    /// A sentence, should it not be writable.
    pub fn bytes(self, matrix: &Matrix, entries: &[f32]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Csv => csv(matrix, entries).map_err(failed),
            Self::Npy => npy([matrix.rows(), matrix.columns()], entries),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("cannot write an array: {error}"))
}

/// An array of that shape as NumPy writes it, row by row.
///
/// # Errors
/// A sentence, should it not be writable.
pub fn npy(shape: [usize; 2], entries: &[f32]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    ArrayView2::from_shape(shape, entries).map_err(failed)?.write_npy(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn csv(matrix: &Matrix, entries: &[f32]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let is_named = !matrix.row_names().is_empty();
    if !matrix.column_names().is_empty() {
        let corner = is_named.then(String::new);
        writer.write_record(corner.iter().chain(matrix.column_names()))?;
    }
    for (row, entries) in entries.chunks_exact(matrix.columns()).enumerate() {
        let name = is_named.then(|| matrix.row_names()[row].clone());
        writer.write_record(name.into_iter().chain(entries.iter().map(f32::to_string)))?;
    }
    Ok(writer.into_inner()?)
}
