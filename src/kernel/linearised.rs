//! A network linearised where fine-tuning starts: f(theta) = f_0 + J (theta - theta_0).

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};

use super::matrix::{inner, inner_vector, outer_vector};
use super::theory_error::TheoryError;

/// What the kernel needs to know of a network: everything that training on n examples does to m other points.
///
/// The loss is (kap / 2) sum_i w_i r_i^2 + (lam / 2) |theta - theta_0|^2; kap = 2 is the mean squared
/// error of this project, whose weights sum to 1. Several outputs of one example are stacked: they
/// are examples of their own, and their weights repeat.
///
/// # Shapes
/// K = J J^T: `[n, n]`; K_* = J_* J^T: `[m, n]`; r_0 = f_0(S) - y: `[n]`; f_{*,0}: `[m]`.
///
/// ```
/// use lethe::kernel::{Linearised, Rule};
/// use ndarray::array;
/// // f = theta x at theta_0 = 0, fitted at x = 1 to y = 1 and asked at x = 3.
/// let line = Linearised::new(array![[1.0]], array![[3.0]], array![-1.0], array![0.0])?;
/// let modes = line.modes(&array![1.0])?;
/// assert!((modes.outputs(Rule::Descent { rate: 0.25 }, 1.0)?[0] - 1.5).abs() < 1e-15);
/// assert!((modes.limit(Rule::Flow)?.outputs[0] - 3.0).abs() < 1e-15);
/// # Ok::<(), lethe::kernel::TheoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Linearised {
    pub(super) kernel: DMatrix<f64>,
    pub(super) evaluation_kernel: DMatrix<f64>,
    pub(super) residuals: DVector<f64>,
    pub(super) outputs: DVector<f64>,
    pub(super) loss_factor: f64,
    pub(super) ridge: f64,
}

/// Training outputs accepted: their eigenvalues take about 6 s natively.
pub const MOST_EXAMPLES: usize = 2_048;
/// Evaluation outputs accepted.
pub const MOST_POINTS: usize = 16_384;
/// A kernel may differ from its transpose by this share of its largest entry; the mean of both is used.
pub const ASYMMETRY: f64 = 1e-5;

impl Linearised {
    /// Checks shapes, sizes, finiteness and symmetry. kap = 2 and lam = 0 until told otherwise.
    ///
    /// # Errors
    /// Every breach by field, value and what is accepted.
    pub fn new(
        kernel: Array2<f64>,
        evaluation_kernel: Array2<f64>,
        residuals: Array1<f64>,
        evaluation_outputs: Array1<f64>,
    ) -> Result<Self, TheoryError> {
        let (n, m) = (residuals.len(), evaluation_outputs.len());
        if !(1..=MOST_EXAMPLES).contains(&n) {
            return Err(TheoryError::wrong("residuals", n, format!("1 to {MOST_EXAMPLES} training outputs")));
        }
        if m > MOST_POINTS {
            return Err(TheoryError::wrong("evaluation outputs", m, format!("at most {MOST_POINTS}")));
        }
        let shapes = [("kernel", kernel.dim(), (n, n)), ("evaluation kernel", evaluation_kernel.dim(), (m, n))];
        for (field, (rows, columns), (r, c)) in shapes {
            if (rows, columns) != (r, c) {
                return Err(TheoryError::wrong(field, format!("{rows} x {columns}"), format!("{r} x {c}")));
            }
        }
        finite("kernel", kernel.iter())?;
        finite("evaluation kernel", evaluation_kernel.iter())?;
        finite("residuals", residuals.iter())?;
        finite("evaluation outputs", evaluation_outputs.iter())?;
        let kernel = inner(&kernel);
        let asymmetry = (&kernel - kernel.transpose()).amax();
        if asymmetry > ASYMMETRY * kernel.amax() {
            return Err(TheoryError::wrong("kernel", asymmetry, "a matrix equal to its transpose within rounding"));
        }
        Ok(Self {
            kernel: (&kernel + kernel.transpose()) * 0.5,
            evaluation_kernel: inner(&evaluation_kernel),
            residuals: inner_vector(&residuals),
            outputs: inner_vector(&evaluation_outputs),
            loss_factor: 2.0,
            ridge: 0.0,
        })
    }

    /// With another kap: 1 for half the squared error.
    ///
    /// # Errors
    /// A factor that is not positive and finite.
    pub fn with_loss_factor(self, loss_factor: f64) -> Result<Self, TheoryError> {
        if !(loss_factor > 0.0 && loss_factor.is_finite()) {
            return Err(TheoryError::wrong("loss factor", loss_factor, "a positive finite number"));
        }
        Ok(Self { loss_factor, ..self })
    }

    /// With lam >= 0, which pulls the parameters back to where fine-tuning starts.
    ///
    /// # Errors
    /// A ridge that is negative or not finite.
    pub fn with_ridge(self, ridge: f64) -> Result<Self, TheoryError> {
        if !(ridge >= 0.0 && ridge.is_finite()) {
            return Err(TheoryError::wrong("ridge", ridge, "a finite number from 0 up"));
        }
        Ok(Self { ridge, ..self })
    }

    /// n, the training outputs.
    pub fn examples(&self) -> usize {
        self.residuals.len()
    }

    /// m, the evaluation outputs.
    pub fn points(&self) -> usize {
        self.outputs.len()
    }

    /// f_{*,0}, `[m]`: the evaluation outputs before any step.
    pub fn start(&self) -> Array1<f64> {
        outer_vector(&self.outputs)
    }

    /// # Errors
    /// Weights that are too few or many, negative or not finite.
    pub(super) fn checked_weights(&self, weights: &Array1<f64>) -> Result<DVector<f64>, TheoryError> {
        checked_weights("weights", weights, self.examples())
    }
}

/// # Errors
/// Weights that are too few or many, negative or not finite.
pub(super) fn checked_weights(field: &str, weights: &Array1<f64>, n: usize) -> Result<DVector<f64>, TheoryError> {
    if weights.len() != n {
        return Err(TheoryError::wrong(field, format!("{} weights", weights.len()), format!("{n} weights")));
    }
    match weights.iter().find(|&&weight| !(weight >= 0.0 && weight.is_finite())) {
        Some(weight) => Err(TheoryError::wrong(field, weight, "finite weights from 0 up")),
        None => Ok(inner_vector(weights)),
    }
}

/// # Errors
/// The first value that is not finite.
pub(super) fn finite<'a>(field: &str, mut values: impl Iterator<Item = &'a f64>) -> Result<(), TheoryError> {
    match values.find(|value| !value.is_finite()) {
        Some(value) => Err(TheoryError::wrong(field, value, "finite numbers only")),
        None => Ok(()),
    }
}
