//! How alike two kernels are, and how well a kernel fits its targets.

use core::fmt;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// Whether the mean is taken out of rows and columns first.
///
/// A tangent kernel has a large constant part (the output bias adds 1 everywhere), which makes all of them look
/// alike; centring leaves what tells points apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centring {
    /// H K H, H = I - 1 1^T / n. With it, alignment is the CKA of Kornblith et al. 1905.00414.
    Centred,
    /// K as it is.
    Uncentred,
}

/// Why two kernels, or a kernel and targets, cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonFault {
    /// A kernel that is not square, or has no rows.
    NotSquare { rows: usize, columns: usize },
    /// Kernels of different sizes, or targets of another number than the kernel has rows.
    Sizes { one: usize, other: usize },
    /// An entry that is infinite or NaN.
    NotFinite,
    /// Only zeros, or under centring only equal numbers: nothing to compare.
    Constant,
}

impl fmt::Display for ComparisonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSquare { rows, columns } => {
                write!(f, "a kernel of {rows} rows and {columns} columns; square and not empty is accepted")
            }
            Self::Sizes { one, other } => write!(f, "sizes {one} and {other}; equal sizes can be compared"),
            Self::NotFinite => write!(f, "an entry is infinite or not a number"),
            Self::Constant => write!(f, "nothing is left of one side to compare: it is zero, or equal everywhere"),
        }
    }
}

impl core::error::Error for ComparisonFault {}

/// <K, L> / (|K| |L|) in the Frobenius norm, after `centring`: 1 for proportional kernels, 0 or more for positive
/// semidefinite ones. Centred, this is linear CKA.
///
/// # Shapes
/// `kernel`, `other`: `[n, n]`.
///
/// # Errors
/// If shapes differ, anything is not finite, or a kernel is zero (or constant and centred).
///
/// ```
/// use lethe::kernel::{Centring, kernel_alignment};
/// use ndarray::array;
///
/// let (one, other) = (array![[1.0, 0.0], [0.0, 1.0]], array![[2.0, 1.0], [1.0, 2.0]]);
/// assert!((kernel_alignment(one.view(), other.view(), Centring::Centred)? - 1.0).abs() < 1e-15);
/// let uncentred = kernel_alignment(one.view(), other.view(), Centring::Uncentred)?;
/// assert!((uncentred - 4.0 / 20f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), lethe::kernel::ComparisonFault>(())
/// ```
pub fn kernel_alignment(
    kernel: ArrayView2<f64>,
    other: ArrayView2<f64>,
    centring: Centring,
) -> Result<f64, ComparisonFault> {
    let (kernel, other) = unit_pair(kernel, other, centring)?;
    Ok(kernel.iter().zip(&other).map(|(a, b)| a * b).sum::<f64>().clamp(-1.0, 1.0))
}

/// 1 - [`kernel_alignment`]: how far a kernel has turned. 0 where it has only grown or shrunk.
///
/// Computed as |K/|K| - L/|L||^2 / 2, which keeps its digits where the drift is small.
///
/// # Errors
/// As [`kernel_alignment`].
///
/// ```
/// use lethe::kernel::{Centring, kernel_drift};
/// use ndarray::array;
///
/// let (before, after) = (array![[1.0, 0.0], [0.0, 1.0]], array![[1.0, 1e-9], [1e-9, 1.0]]);
/// let drift = kernel_drift(before.view(), after.view(), Centring::Uncentred)?;
/// assert!((drift / 0.5e-18 - 1.0).abs() < 1e-6);
/// # Ok::<(), lethe::kernel::ComparisonFault>(())
/// ```
pub fn kernel_drift(
    before: ArrayView2<f64>,
    after: ArrayView2<f64>,
    centring: Centring,
) -> Result<f64, ComparisonFault> {
    let (before, after) = unit_pair(before, after, centring)?;
    Ok(before.iter().zip(&after).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / 2.0)
}

/// y^T K y / (|K| |y|^2): the alignment of K with the kernel y y^T that would be best for these targets (Cristianini
/// et al. 2001; centred: Cortes et al. 2012). With several outputs, `targets` are stacked as the kernel's rows are.
///
/// # Shapes
/// `kernel`: `[n, n]`; `targets`: `[n]`.
///
/// # Errors
/// If shapes differ, anything is not finite, or kernel or targets are zero (or constant and centred).
///
/// ```
/// use lethe::kernel::{Centring, target_alignment};
/// use ndarray::array;
///
/// let kernel = array![[1.0, -1.0], [-1.0, 1.0]];
/// let alignment = target_alignment(kernel.view(), array![1.0, -1.0].view(), Centring::Uncentred)?;
/// assert!((alignment - 1.0).abs() < 1e-15);
/// # Ok::<(), lethe::kernel::ComparisonFault>(())
/// ```
pub fn target_alignment(
    kernel: ArrayView2<f64>,
    targets: ArrayView1<f64>,
    centring: Centring,
) -> Result<f64, ComparisonFault> {
    let kernel = unit(kernel, centring)?;
    if targets.len() != kernel.nrows() {
        return Err(ComparisonFault::Sizes { one: kernel.nrows(), other: targets.len() });
    }
    let targets = scaled(targets.to_owned().insert_axis(Axis(1)))?;
    let targets = match centring {
        Centring::Centred => without(targets, |column| column - column.sum() / column.len() as f64)?,
        Centring::Uncentred => targets,
    };
    let targets = normalised(targets);
    let products = kernel
        .outer_iter()
        .zip(&targets)
        .map(|(row, target)| target * row.iter().zip(&targets).map(|(entry, target)| entry * target).sum::<f64>());
    Ok(products.sum::<f64>().clamp(-1.0, 1.0))
}

fn unit_pair(
    kernel: ArrayView2<f64>,
    other: ArrayView2<f64>,
    centring: Centring,
) -> Result<(Array2<f64>, Array2<f64>), ComparisonFault> {
    let (kernel, other) = (unit(kernel, centring)?, unit(other, centring)?);
    if kernel.nrows() == other.nrows() {
        Ok((kernel, other))
    } else {
        Err(ComparisonFault::Sizes { one: kernel.nrows(), other: other.nrows() })
    }
}

/// The kernel, centred if asked for, of Frobenius norm 1.
fn unit(kernel: ArrayView2<f64>, centring: Centring) -> Result<Array2<f64>, ComparisonFault> {
    let (rows, columns) = kernel.dim();
    if rows != columns || rows == 0 {
        return Err(ComparisonFault::NotSquare { rows, columns });
    }
    let kernel = scaled(kernel.to_owned())?;
    Ok(normalised(match centring {
        Centring::Uncentred => kernel,
        Centring::Centred => without(kernel, |kernel| {
            let n = kernel.nrows() as f64;
            let of_columns: Array1<f64> = kernel.sum_axis(Axis(0)) / n;
            let of_rows = (kernel.sum_axis(Axis(1)) / n).insert_axis(Axis(1));
            kernel - &of_columns - &of_rows + of_columns.sum() / n
        })?,
    }))
}

/// With 1 as the largest entry, so that no square overflows or vanishes.
fn scaled(numbers: Array2<f64>) -> Result<Array2<f64>, ComparisonFault> {
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(ComparisonFault::NotFinite);
    }
    let largest = numbers.iter().fold(0.0, |largest: f64, number| largest.max(number.abs()));
    if largest > 0.0 { Ok(numbers / largest) } else { Err(ComparisonFault::Constant) }
}

/// `numbers` after their means are taken out, unless only rounding errors are left.
fn without(
    numbers: Array2<f64>,
    centred: impl Fn(&Array2<f64>) -> Array2<f64>,
) -> Result<Array2<f64>, ComparisonFault> {
    let left = centred(&numbers);
    // Means of n numbers are wrong by a few last bits; what is left of a constant is of that size.
    if norm(&left) > 64.0 * f64::EPSILON * norm(&numbers) { Ok(left) } else { Err(ComparisonFault::Constant) }
}

fn normalised(numbers: Array2<f64>) -> Array2<f64> {
    let norm = norm(&numbers);
    numbers / norm
}

fn norm(numbers: &Array2<f64>) -> f64 {
    numbers.iter().map(|number| number * number).sum::<f64>().sqrt()
}
