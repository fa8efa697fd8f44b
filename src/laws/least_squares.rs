//! Levenberg-Marquardt from many starts.

use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra_lm::storage::Owned;
use nalgebra_lm::{DMatrix, DVector, Dyn};

use super::robust::Robust;

/// Residuals of a law as a function of coordinates that may take any value.
pub(super) trait Residuals {
    /// How many residuals there are.
    fn count(&self) -> usize;

    /// How many of the last residuals are no observations but pulls, which cost their square under every loss.
    fn pulls(&self) -> usize;

    /// The root of the weight that a residual has, whatever it costs.
    fn root_weight(&self, row: usize) -> f64;

    /// Fills the residuals, and the Jacobian where it is asked for (column by column, one column per coordinate).
    fn fill(&self, at: &[f64], residuals: &mut [f64], jacobian: Option<&mut [f64]>);
}

/// Where a search ended.
#[derive(Clone, Debug)]
pub(super) struct Minimum {
    pub at: Vec<f64>,
    /// Half the sum of the costs.
    pub cost: f64,
}

/// When a search ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Relative change of cost or coordinates below which it has arrived.
    tolerance: f64,
    /// Evaluations per coordinate after which it ends wherever it is.
    patience: usize,
}

impl Effort {
    /// For a fit that is told.
    pub const THOROUGH: Self = Self { tolerance: 1e-9, patience: 40 };
    /// For one of a thousand resamples, from the minimum of all data. The valleys of these laws are flat: the curves
    /// have stopped moving long before the coordinates do.
    pub const BRIEF: Self = Self { tolerance: 1e-5, patience: 5 };
}

/// A residual for the solver and its derivative by the residual of the law.
fn posed(residuals: &impl Residuals, robust: Robust, row: usize, r: f64) -> (f64, f64) {
    if row + residuals.pulls() >= residuals.count() {
        return (r, 1.0);
    }
    let ((t, slope), weight) = (robust.transformed(r), residuals.root_weight(row));
    (t * weight, slope * weight)
}

struct Posed<'a, R> {
    residuals: &'a R,
    robust: Robust,
    at: DVector<f64>,
}

impl<R: Residuals> LeastSquaresProblem<f64, Dyn, Dyn> for Posed<'_, R> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, at: &DVector<f64>) {
        self.at.copy_from(at);
    }

    fn params(&self) -> DVector<f64> {
        self.at.clone()
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        let mut found = DVector::zeros(self.residuals.count());
        self.residuals.fill(self.at.as_slice(), found.as_mut_slice(), None);
        for (row, r) in found.iter_mut().enumerate() {
            *r = posed(self.residuals, self.robust, row, *r).0;
        }
        Some(found)
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        let count = self.residuals.count();
        let mut residuals = vec![0.0; count];
        let mut found = DMatrix::zeros(count, self.at.len());
        self.residuals.fill(self.at.as_slice(), &mut residuals, Some(found.as_mut_slice()));
        let slopes: Vec<f64> =
            residuals.iter().enumerate().map(|(row, &r)| posed(self.residuals, self.robust, row, r).1).collect();
        for mut column in found.column_iter_mut() {
            column.iter_mut().zip(&slopes).for_each(|(d, slope)| *d *= slope);
        }
        Some(found)
    }
}

/// The minimum that a search from one start comes to; `None` where the cost is no number.
pub(super) fn descend(residuals: &impl Residuals, robust: Robust, start: &[f64], effort: Effort) -> Option<Minimum> {
    let posed = Posed { residuals, robust, at: DVector::from_column_slice(start) };
    let solver = LevenbergMarquardt::new()
        .with_ftol(effort.tolerance)
        .with_xtol(effort.tolerance)
        .with_gtol(effort.tolerance)
        .with_patience(effort.patience);
    let (ended, report) = solver.minimize(posed);
    let cost = report.objective_function;
    let at: Vec<f64> = ended.at.iter().copied().collect();
    (cost.is_finite() && at.iter().all(|v| v.is_finite())).then_some(Minimum { at, cost })
}

/// The lowest of the minima that searches from several starts come to; of equal ones the first.
pub(super) fn descend_from_all(residuals: &impl Residuals, robust: Robust, starts: &[Vec<f64>]) -> Option<Minimum> {
    let found = starts.iter().filter_map(|start| descend(residuals, robust, start, Effort::THOROUGH));
    found.reduce(|best, next| if next.cost < best.cost { next } else { best })
}

/// The inverse of J^T J, row by row, and the condition number of J with its columns scaled to length 1; `None` where
/// J has less than full rank to rounding.
pub(super) fn covariance(residuals: &impl Residuals, at: &[f64], slopes: &[f64]) -> Option<(Vec<Vec<f64>>, f64)> {
    let (count, width) = (residuals.count(), at.len());
    let mut jacobian = DMatrix::zeros(count, width);
    residuals.fill(at, &mut vec![0.0; count], Some(jacobian.as_mut_slice()));
    let mut lengths = vec![0.0; width];
    for (k, length) in lengths.iter_mut().enumerate() {
        let mut column = jacobian.column_mut(k);
        // By the quantity itself and not by the coordinate that keeps it in range.
        column /= slopes[k];
        *length = column.norm();
        if !(length.is_finite() && *length > 0.0) {
            return None;
        }
        column /= *length;
    }
    let svd = jacobian.svd_unordered(false, true);
    let (largest, least) = (svd.singular_values.max(), svd.singular_values.min());
    if least <= 1e-14 * largest {
        return None;
    }
    let v_t = svd.v_t?;
    let entry = |i: usize, j: usize| {
        let sum: f64 =
            (0..width).map(|k| v_t[(k, i)] * v_t[(k, j)] / (svd.singular_values[k] * svd.singular_values[k])).sum();
        sum / (lengths[i] * lengths[j])
    };
    let inverse = (0..width).map(|i| (0..width).map(|j| entry(i, j)).collect()).collect();
    Some((inverse, largest / least))
}
