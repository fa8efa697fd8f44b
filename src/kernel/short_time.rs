//! The first two orders of the linearised dynamics in time.

use ndarray::Array1;

use super::linearised::Linearised;
use super::matrix::outer_vector;
use super::theory_error::TheoryError;

/// f_*(t) = f_{*,0} + t v + t^2/2 u + O(t^3) under flow.
///
/// v = -kap K_* W r_0: at this order replay of what is still known (r_0 = 0 there) only slows the new
/// task, by 1 - p. u = kap K_* W (kap K W + lam) r_0 holds the first pull back.
#[derive(Clone, Debug, PartialEq)]
pub struct ShortTime {
    /// v, `[m]`.
    pub first: Array1<f64>,
    /// u, `[m]`.
    pub second: Array1<f64>,
}

impl Linearised {
    /// The expansion at t = 0 under the weights `[n]`.
    ///
    /// ```
    /// use lethe::kernel::Linearised;
    /// use ndarray::array;
    /// let line = Linearised::new(array![[1.0]], array![[3.0]], array![-1.0], array![0.0])?;
    /// let short = line.short_time(&array![1.0])?;
    /// assert_eq!((short.first[0], short.second[0]), (6.0, -12.0));
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// Weights that are no weights; values too large for a double.
    pub fn short_time(&self, weights: &Array1<f64>) -> Result<ShortTime, TheoryError> {
        let weights = self.checked_weights(weights)?;
        let pull = weights.component_mul(&self.residuals) * self.loss_factor;
        let response = (&self.kernel * &pull).component_mul(&weights) * self.loss_factor + &pull * self.ridge;
        let first = outer_vector(&(&self.evaluation_kernel * -pull));
        let second = outer_vector(&(&self.evaluation_kernel * response));
        if first.iter().chain(&second).all(|value| value.is_finite()) {
            Ok(ShortTime { first, second })
        } else {
            Err(TheoryError::Overflow { time: 0.0 })
        }
    }
}
