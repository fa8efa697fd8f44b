//! The same dynamics in as few coordinates as the kernel has, so that schedules cost next to nothing.

use nalgebra::{DMatrix, DVector};
use ndarray::Array1;

use super::linearised::Linearised;
use super::matrix::{NEGATIVE, eigen, outer_vector, rounding};
use super::mixture::Mixture;
use super::theory_error::TheoryError;

/// Features B `[n, r]` and B_* `[m, r]` with K = B B^T and K_* = B_* B^T, of which only r x r matrices remain:
/// z' = -kap [(1 - p)(g_1 + M_1 z) + p (g_2 + M_2 z)] - lam z, f_* = f_{*,0} + B_* z, with
/// M_i = B^T U_i B and g_i = B^T U_i r_0 for the weights u_i of a task.
///
/// Built by a Cholesky factorisation pivoted over the examples, then turned into the principal axes of B.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// How much of the kernel is left out.
    pub truncation: Truncation,
    pub(super) start: DVector<f64>,
    /// B_*, `[m, r]`.
    pub(super) features: DMatrix<f64>,
    /// M_1 and g_1, M_2 and g_2.
    pub(super) new_task: Pull,
    pub(super) old_task: Pull,
    pub(super) loss_factor: f64,
    pub(super) ridge: f64,
}

/// B^T U B and B^T U r_0 of one set of weights.
#[derive(Clone, Debug)]
pub(super) struct Pull {
    pub matrix: DMatrix<f64>,
    pub vector: DVector<f64>,
}

/// What a reduction leaves out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// r, the coordinates kept.
    pub rank: usize,
    /// trace(K - B B^T) / trace(K).
    pub trace_left: f64,
    /// The largest entry of |K_* - B_* B^T| over that of |K_*|.
    pub largest_missed: f64,
}

/// Coordinates kept at most.
pub const MOST_RANK: usize = 512;

impl Reduced {
    /// Keeps as many coordinates as leave at most `tolerance` of the kernel's trace out.
    ///
    /// # Errors
    /// A tolerance outside 0 to 1; a mixture over other examples; a kernel that is not positive semi-definite, or
    /// of more than 512 coordinates at this tolerance.
    pub fn new(linearised: &Linearised, mixture: &Mixture, tolerance: f64) -> Result<Self, TheoryError> {
        if !(0.0..=1.0).contains(&tolerance) {
            return Err(TheoryError::wrong("tolerance", tolerance, "a number from 0 to 1"));
        }
        mixture.checked_for(linearised.examples())?;
        let trace = linearised.kernel.trace();
        let (rows, features) = cholesky(linearised, 0.5 * tolerance * trace)?;
        let (rows, features) = principal(rows, features, 0.5 * tolerance * trace)?;
        let share = |left: f64, whole: f64| if whole > 0.0 { left / whole } else { 0.0 };
        let missed = (&linearised.evaluation_kernel - &features * rows.transpose()).amax();
        let pull = |weights: &DVector<f64>| {
            let loaded = DMatrix::from_fn(rows.nrows(), rows.ncols(), |i, j| weights[i] * rows[(i, j)]);
            Pull { matrix: rows.tr_mul(&loaded), vector: loaded.tr_mul(&linearised.residuals) }
        };
        Ok(Self {
            truncation: Truncation {
                rank: rows.ncols(),
                trace_left: share((trace - rows.norm_squared()).max(0.0), trace),
                largest_missed: share(missed, linearised.evaluation_kernel.amax()),
            },
            start: linearised.outputs.clone(),
            new_task: pull(&mixture.new_task),
            old_task: pull(&mixture.old_task),
            features,
            loss_factor: linearised.loss_factor,
            ridge: linearised.ridge,
        })
    }

    /// f_{*,0}, `[m]`.
    pub fn start(&self) -> Array1<f64> {
        outer_vector(&self.start)
    }

    /// kap M_p + lam and kap g_p.
    pub(super) fn pull(&self, replay: f64) -> Pull {
        let mix = |a: f64| (self.loss_factor * (1.0 - a), self.loss_factor * a);
        let (new, old) = mix(replay);
        let mut matrix = &self.new_task.matrix * new + &self.old_task.matrix * old;
        (0..matrix.nrows()).for_each(|i| matrix[(i, i)] += self.ridge);
        Pull { matrix, vector: &self.new_task.vector * new + &self.old_task.vector * old }
    }

    /// The largest curvature kap lambda_max + lam over every replay fraction: it is convex in p.
    ///
    /// # Errors
    /// An eigenvalue problem without end.
    pub(super) fn largest_curvature(&self) -> Result<f64, TheoryError> {
        let at = |p: f64| Ok::<_, TheoryError>(eigen(self.pull(p).matrix)?.0.iter().copied().fold(0.0, f64::max));
        Ok(at(0.0)?.max(at(1.0)?))
    }
}

/// L with K = L L^T but for `left` of the trace, and the rows of the evaluation points that go with it.
fn cholesky(linearised: &Linearised, left: f64) -> Result<(DMatrix<f64>, DMatrix<f64>), TheoryError> {
    let (kernel, evaluation) = (&linearised.kernel, &linearised.evaluation_kernel);
    let n = kernel.nrows();
    let mut diagonal = kernel.diagonal();
    let largest = diagonal.amax();
    let (mut columns, mut below): (Vec<DVector<f64>>, Vec<DVector<f64>>) = (Vec::new(), Vec::new());
    loop {
        let (pivot, height) = diagonal.argmax();
        if diagonal.min() < -NEGATIVE * largest {
            return Err(TheoryError::NotPositive { lowest: diagonal.min(), highest: largest });
        }
        let trace: f64 = diagonal.iter().map(|value| value.max(0.0)).sum();
        // Below this the pivot itself is rounding.
        if trace <= left || height <= rounding(n) * largest || columns.len() == n {
            break;
        }
        if columns.len() == MOST_RANK {
            let accepted = format!("one that leaves at most {MOST_RANK} coordinates");
            return Err(TheoryError::wrong("tolerance", left / kernel.trace(), accepted));
        }
        let (mut column, mut under) = (kernel.column(pivot).into_owned(), evaluation.column(pivot).into_owned());
        for (before, beside) in columns.iter().zip(&below) {
            column.axpy(-before[pivot], before, 1.0);
            under.axpy(-before[pivot], beside, 1.0);
        }
        let scale = 1.0 / height.sqrt();
        column *= scale;
        under *= scale;
        diagonal.zip_apply(&column, |value, entry| *value -= entry * entry);
        diagonal[pivot] = 0.0;
        columns.push(column);
        below.push(under);
    }
    Ok((gathered(n, &columns), gathered(evaluation.nrows(), &below)))
}

fn gathered(rows: usize, columns: &[DVector<f64>]) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns.len(), |i, j| columns[j][i])
}

/// The same features along the eigenvectors of L^T L, without the last of them that hold `left` of the trace.
fn principal(
    rows: DMatrix<f64>,
    features: DMatrix<f64>,
    left: f64,
) -> Result<(DMatrix<f64>, DMatrix<f64>), TheoryError> {
    let (values, vectors) = eigen(rows.tr_mul(&rows))?;
    let mut dropped = 0.0;
    let spare = values.iter().rev().take_while(|&&value| {
        dropped += value;
        dropped <= left
    });
    let kept = values.len() - spare.count();
    let axes = vectors.columns(0, kept);
    Ok((&rows * axes, &features * axes))
}
