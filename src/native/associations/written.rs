//! The completed matrix as a file.

use std::path::Path;

use ndarray::ArrayView2;
use ndarray_npy::WriteNpyExt as _;

use super::super::cli::Failure;
use crate::associations::{Matrix, as_csv};
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
            Self::Csv => as_csv(matrix, entries).map(String::into_bytes).map_err(Failure::Other),
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
