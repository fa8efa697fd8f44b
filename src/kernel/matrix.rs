//! Between ndarray at the border and nalgebra inside: products that use no fused multiply-add.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use ndarray::{Array1, Array2};

use super::theory_error::TheoryError;

/// The same matrix for nalgebra.
pub fn inner(matrix: &Array2<f64>) -> DMatrix<f64> {
    DMatrix::from_row_iterator(matrix.nrows(), matrix.ncols(), matrix.iter().copied())
}

/// The same vector for nalgebra.
pub fn inner_vector(vector: &Array1<f64>) -> DVector<f64> {
    DVector::from_iterator(vector.len(), vector.iter().copied())
}

/// The same matrix for ndarray.
pub fn outer(matrix: &DMatrix<f64>) -> Array2<f64> {
    Array2::from_shape_fn(matrix.shape(), |at| matrix[at])
}

/// The same vector for ndarray.
pub fn outer_vector(vector: &DVector<f64>) -> Array1<f64> {
    vector.iter().copied().collect()
}

/// Eigenvalues from the largest down, rounding below zero clamped away, and their vectors as columns.
///
/// # Errors
/// Eigenvalues below -[`NEGATIVE`] of the largest; an iteration that does not end.
pub fn eigen(matrix: DMatrix<f64>) -> Result<(DVector<f64>, DMatrix<f64>), TheoryError> {
    let size = matrix.nrows();
    if size == 0 {
        return Ok((DVector::zeros(0), matrix));
    }
    let found = SymmetricEigen::try_new(matrix, f64::EPSILON, 100 * size + 100)
        .filter(|found| found.eigenvalues.iter().all(|value| value.is_finite()))
        .ok_or(TheoryError::NoConvergence { size })?;
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&i, &j| found.eigenvalues[j].total_cmp(&found.eigenvalues[i]));
    let (highest, lowest) = (found.eigenvalues[order[0]], found.eigenvalues[order[size - 1]]);
    if lowest < -NEGATIVE * highest.max(0.0) {
        return Err(TheoryError::NotPositive { lowest, highest });
    }
    let values = DVector::from_iterator(size, order.iter().map(|&i| found.eigenvalues[i].max(0.0)));
    let vectors = DMatrix::from_fn(size, size, |row, column| found.eigenvectors[(row, order[column])]);
    Ok((values, vectors))
}

/// A negative eigenvalue larger than this share of the largest is no rounding, even of a kernel in f32.
pub const NEGATIVE: f64 = 1e-5;

/// Eigenvalues up to this share of the largest are rounding: size x 2^-52.
pub fn rounding(size: usize) -> f64 {
    size.max(1) as f64 * f64::EPSILON
}
