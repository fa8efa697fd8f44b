//! Products of matrices that are written once, where they are wanted: burn's begin with a page of zeros and a copy of it.

/// Rows and columns of numbers that lie one row after the other, or one column after the other.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    /// From one row to the next, and from one column to the next.
    strides: [isize; 2],
}

impl<'a> Matrix<'a> {
    /// Row by row.
    ///
    /// # Panics
    /// If there are not as many values.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "rows x columns");
        Self { values, rows, columns, strides: [columns as isize, 1] }
    }

    /// The transposed matrix, where it lies.
    pub fn turned(self) -> Self {
        let [row, column] = self.strides;
        Self { rows: self.columns, columns: self.rows, strides: [column, row], ..self }
    }
}

/// left right, row by row.
///
/// # Panics
/// If `left` has not as many columns as `right` has rows.
pub fn product(left: Matrix<'_>, right: Matrix<'_>) -> Vec<f32> {
    let mut to = vec![0.0; left.rows * right.columns];
    multiply(&mut to, false, 1.0, left, right);
    to
}

/// `to` += factor left right.
///
/// # Panics
/// If shapes do not fit.
pub fn add_product(to: &mut [f32], factor: f32, left: Matrix<'_>, right: Matrix<'_>) {
    multiply(to, true, factor, left, right);
}

#[expect(unsafe_code, reason = "three matrices whose lengths are checked")]
fn multiply(to: &mut [f32], adds: bool, factor: f32, left: Matrix<'_>, right: Matrix<'_>) {
    assert_eq!(left.columns, right.rows, "columns of the first are rows of the second");
    assert_eq!(to.len(), left.rows * right.columns, "rows x columns");
    // SAFETY: every matrix holds rows x columns values, which its strides reach and nothing beyond; `to` is not among
    // the others, since it is borrowed alone.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            to.as_mut_ptr(),
            1,
            right.columns as isize,
            adds,
            left.values.as_ptr(),
            left.strides[1],
            left.strides[0],
            right.values.as_ptr(),
            right.strides[1],
            right.strides[0],
            1.0,
            factor,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
