//! A squared error over evaluation points.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, ArrayView1};

use super::linearised::{checked_weights, finite};
use super::matrix::inner_vector;
use super::reduced::Reduced;
use super::theory_error::TheoryError;

/// L(f) = sum_j v_j (f_j - y_j)^2 over the evaluation outputs; v_j = 0 leaves an output out.
///
/// # Shapes
/// `weights`, `targets`: `[m]`.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationLoss {
    weights: DVector<f64>,
    targets: DVector<f64>,
}

impl EvaluationLoss {
    /// From weights and targets.
    ///
    /// # Errors
    /// Lengths that differ, weights that are negative, values that are not finite.
    pub fn new(weights: Array1<f64>, targets: Array1<f64>) -> Result<Self, TheoryError> {
        finite("targets", targets.iter())?;
        let weights = checked_weights("loss weights", &weights, targets.len())?;
        Ok(Self { weights, targets: inner_vector(&targets) })
    }

    /// The mean over some of the m evaluation outputs, each with its target.
    ///
    /// ```
    /// use lethe::kernel::EvaluationLoss;
    /// use ndarray::array;
    /// let loss = EvaluationLoss::mean(3, &[(1, 0.0), (2, 1.0)])?;
    /// assert_eq!(loss.of(array![9.0, 2.0, 1.0].view())?, 2.0);
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// No output, or one that is not among the m.
    pub fn mean(m: usize, outputs: &[(usize, f64)]) -> Result<Self, TheoryError> {
        if outputs.is_empty() {
            return Err(TheoryError::wrong("loss", "no outputs", "at least one output"));
        }
        let (mut weights, mut targets) = (Array1::zeros(m), Array1::zeros(m));
        for &(index, target) in outputs {
            if index >= m {
                return Err(TheoryError::wrong("loss", index, format!("outputs 0 to {}", m.saturating_sub(1))));
            }
            weights[index] = 1.0 / outputs.len() as f64;
            targets[index] = target;
        }
        Self::new(weights, targets)
    }

    /// L of outputs `[m]`.
    ///
    /// # Errors
    /// Another number of outputs.
    pub fn of(&self, outputs: ArrayView1<f64>) -> Result<f64, TheoryError> {
        self.checked_for(outputs.len())?;
        let errors = outputs.iter().zip(self.targets.iter()).map(|(output, target)| output - target);
        Ok(errors.zip(self.weights.iter()).map(|(error, weight)| weight * error * error).sum())
    }

    /// # Errors
    /// Another number of outputs.
    fn checked_for(&self, points: usize) -> Result<(), TheoryError> {
        if points == self.weights.len() {
            Ok(())
        } else {
            let accepted = format!("{points} outputs");
            Err(TheoryError::wrong("loss", format!("{} outputs", self.weights.len()), accepted))
        }
    }

    /// v (2 (f - y) + D) of each output: its product with D is the change of L when f becomes f + D.
    ///
    /// # Errors
    /// Another number of outputs.
    pub(super) fn slope(&self, outputs: &DVector<f64>, change: &DVector<f64>) -> Result<DVector<f64>, TheoryError> {
        self.checked_for(outputs.len())?;
        Ok(((outputs - &self.targets) * 2.0 + change).component_mul(&self.weights))
    }

    /// L as a function of the reduced coordinates.
    ///
    /// # Errors
    /// Another number of outputs.
    pub(super) fn over(&self, reduced: &Reduced) -> Result<Quadratic, TheoryError> {
        self.checked_for(reduced.start.len())?;
        let features = &reduced.features;
        let loaded = DMatrix::from_fn(features.nrows(), features.ncols(), |i, j| self.weights[i] * features[(i, j)]);
        let errors = &reduced.start - &self.targets;
        Ok(Quadratic {
            matrix: features.tr_mul(&loaded),
            vector: loaded.tr_mul(&errors),
            constant: errors.component_mul(&errors).dot(&self.weights),
        })
    }
}

/// z^T N z + 2 q^T z + c.
pub(super) struct Quadratic {
    matrix: DMatrix<f64>,
    vector: DVector<f64>,
    constant: f64,
}

impl Quadratic {
    /// The value, no lower than 0, and the gradient.
    pub fn at(&self, z: &DVector<f64>) -> (f64, DVector<f64>) {
        let turned = &self.matrix * z;
        let value = z.dot(&turned) + 2.0 * self.vector.dot(z) + self.constant;
        (value.max(0.0), (turned + &self.vector) * 2.0)
    }
}
