//! The weights of the two tasks and the replay fraction that mixes them.

use nalgebra::DVector;
use ndarray::Array1;

use super::linearised::checked_weights;
use super::matrix::inner_vector;
use super::theory_error::TheoryError;

/// w(p) = (1 - p) u_1 + p u_2: u_1 spreads 1 over the new task's examples, u_2 over the old task's.
///
/// # Shapes
/// Both `[n]`; each sums to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    pub(super) new_task: DVector<f64>,
    pub(super) old_task: DVector<f64>,
}

/// How far the weights of a task may sum from 1.
const SUM: f64 = 1e-6;

impl Mixture {
    /// From the weights of the tasks.
    ///
    /// # Errors
    /// Lengths that differ, weights that are negative, not finite or do not sum to 1 within 1e-6.
    pub fn new(new_task: Array1<f64>, old_task: Array1<f64>) -> Result<Self, TheoryError> {
        let n = new_task.len();
        for (field, weights) in [("new task's weights", &new_task), ("old task's weights", &old_task)] {
            let sum = checked_weights(field, weights, n)?.sum();
            if (sum - 1.0).abs() > SUM {
                return Err(TheoryError::wrong(field, format!("sum {sum}"), "weights that sum to 1"));
            }
        }
        Ok(Self { new_task: inner_vector(&new_task), old_task: inner_vector(&old_task) })
    }

    /// `new` examples of the new task, then `old` of the old one, alike within each task.
    ///
    /// ```
    /// use lethe::kernel::Mixture;
    /// let mixture = Mixture::even(1, 2)?;
    /// assert_eq!(mixture.weights(0.5)?.to_vec(), [0.5, 0.25, 0.25]);
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// A task without examples.
    pub fn even(new: usize, old: usize) -> Result<Self, TheoryError> {
        let at = |i: usize| i < new;
        let weight = |inside: bool, count: usize| if inside { 1.0 / count as f64 } else { 0.0 };
        Self::new(
            (0..new + old).map(|i| weight(at(i), new)).collect(),
            (0..new + old).map(|i| weight(!at(i), old)).collect(),
        )
    }

    /// w(p), `[n]`.
    ///
    /// # Errors
    /// A fraction outside 0 to 1.
    pub fn weights(&self, replay: f64) -> Result<Array1<f64>, TheoryError> {
        checked_replay(replay)?;
        Ok(self.at(replay).iter().copied().collect())
    }

    pub(super) fn at(&self, replay: f64) -> DVector<f64> {
        &self.new_task * (1.0 - replay) + &self.old_task * replay
    }

    /// # Errors
    /// Another number of examples.
    pub(super) fn checked_for(&self, examples: usize) -> Result<(), TheoryError> {
        let found = self.new_task.len();
        if found == examples {
            Ok(())
        } else {
            Err(TheoryError::wrong("mixture", format!("{found} weights"), format!("{examples} weights")))
        }
    }
}

/// # Errors
/// A fraction outside 0 to 1.
pub(super) fn checked_replay(replay: f64) -> Result<(), TheoryError> {
    if (0.0..=1.0).contains(&replay) {
        Ok(())
    } else {
        Err(TheoryError::wrong("replay fraction", replay, "a number from 0 to 1"))
    }
}
