//! A little replay after the new task is fitted: recovery on the clock p t.

use nalgebra::{DMatrix, DVector};
use ndarray::Array1;

use super::linearised::Linearised;
use super::matrix::{eigen, outer_vector, rounding};
use super::mixture::Mixture;
use super::response::Response;
use super::rule::Rule;
use super::theory_error::TheoryError;

/// The slow motion at leading order in p: the new task stays fitted (r_1 = 0) and the old task's residuals
/// follow dr_2 / d(p t) = -kap (K_22 - K_21 K_11^{-1} K_12) U_2 r_2.
///
/// Valid for p much smaller than the ratio of the slowest rate of the new task to the fastest of these.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// kap times the eigenvalues of U_2^{1/2} (K_22 - K_21 K_11^{-1} K_12) U_2^{1/2}: per unit of p t, fastest first.
    pub rates: Array1<f64>,
    vectors: DMatrix<f64>,
    /// Q^T U_2^{1/2} r_2 where the new task is just fitted.
    excitations: DVector<f64>,
    /// f_* there.
    outputs: DVector<f64>,
    /// What a coordinate along Q does to f_*.
    effects: DMatrix<f64>,
    loss_factor: f64,
}

impl Linearised {
    /// The recovery under a mixture of two tasks without common examples.
    ///
    /// # Errors
    /// Tasks that share an example, a ridge, a new task whose kernel is singular.
    pub fn recovery(&self, mixture: &Mixture) -> Result<Recovery, TheoryError> {
        mixture.checked_for(self.examples())?;
        if self.ridge > 0.0 {
            return Err(TheoryError::wrong("ridge", self.ridge, "0: a ridge keeps the new task from being fitted"));
        }
        let of = |weights: &DVector<f64>| -> Vec<usize> { (0..weights.len()).filter(|&i| weights[i] > 0.0).collect() };
        let (new, old) = (of(&mixture.new_task), of(&mixture.old_task));
        if let Some(both) = new.iter().find(|i| old.contains(i)) {
            return Err(TheoryError::wrong("mixture", format!("example {both} in both tasks"), "tasks of their own"));
        }
        let block = |rows: &[usize], columns: &[usize]| {
            DMatrix::from_fn(rows.len(), columns.len(), |i, j| self.kernel[(rows[i], columns[j])])
        };
        let inverse = inverse(block(&new, &new))?;
        let (across, seen) = (block(&new, &old), |to: &[usize]| self.evaluation_kernel.select_columns(to));
        let fitted = &inverse * self.residuals.select_rows(&new);
        let bent = &inverse * &across;
        let roots = DVector::from_fn(old.len(), |i, _| mixture.old_task[old[i]].sqrt());
        let schur = block(&old, &old) - across.tr_mul(&bent);
        let between =
            DMatrix::from_fn(old.len(), old.len(), |i, j| 0.5 * roots[i] * (schur[(i, j)] + schur[(j, i)]) * roots[j]);
        let (values, vectors) = eigen(between)?;
        let left = self.residuals.select_rows(&old) - across.tr_mul(&fitted);
        let loaded = DMatrix::from_fn(old.len(), old.len(), |i, j| roots[i] * vectors[(i, j)]);
        Ok(Recovery {
            rates: outer_vector(&(values * self.loss_factor)),
            excitations: loaded.tr_mul(&left),
            outputs: &self.outputs - seen(&new) * fitted,
            effects: (seen(&old) - seen(&new) * bent) * loaded,
            vectors,
            loss_factor: self.loss_factor,
        })
    }
}

/// # Errors
/// An eigenvalue within rounding of zero.
fn inverse(matrix: DMatrix<f64>) -> Result<DMatrix<f64>, TheoryError> {
    let size = matrix.nrows();
    let (values, vectors) = eigen(matrix)?;
    let rank = values.iter().filter(|&&value| value > rounding(size) * values[0]).count();
    if rank < size {
        return Err(TheoryError::SingularNewTask { rank, size });
    }
    let scaled = DMatrix::from_fn(size, size, |i, j| vectors[(i, j)] / values[j]);
    Ok(scaled * vectors.transpose())
}

impl Recovery {
    /// f_*, `[m]`, at clock p t.
    ///
    /// # Errors
    /// A clock that is negative or not finite.
    pub fn outputs(&self, clock: f64) -> Result<Array1<f64>, TheoryError> {
        let moved = self.moved(clock)?;
        Ok(outer_vector(&(&self.outputs + &self.effects * moved)))
    }

    /// sum_i u_i r_i^2 over the old task's examples at clock p t.
    ///
    /// # Errors
    /// A clock that is negative or not finite.
    pub fn old_task_loss(&self, clock: f64) -> Result<f64, TheoryError> {
        Rule::Flow.checked_time(clock)?;
        let left = |i: usize| self.excitations[i] * Response::of(Rule::Flow, self.rates[i], clock).kept;
        Ok((0..self.vectors.ncols()).map(|i| left(i) * left(i)).sum())
    }

    fn moved(&self, clock: f64) -> Result<DVector<f64>, TheoryError> {
        Rule::Flow.checked_time(clock)?;
        Ok(DVector::from_fn(self.excitations.len(), |i, _| {
            self.loss_factor * self.excitations[i] * Response::of(Rule::Flow, self.rates[i], clock).pushed
        }))
    }
}
