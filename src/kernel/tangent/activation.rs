//! What hidden units apply to their inputs.

use super::number::Number;
use super::tile::Row;

/// A function of one number, with its derivative.
pub trait Activation<F> {
    /// act(z) and act'(z).
    fn value_and_slope(z: F) -> (F, F);
}

/// max(z, 0); the slope at 0 is 0, as in PyTorch and JAX.
pub struct Relu;
/// tanh z.
pub struct Tanh;
/// erf z, without any scaling of z.
pub struct Erf;
/// z.
pub struct Identity;

/// An [`Activation`] chosen when the program runs.
///
/// Any other function serves as well as the four given here:
/// ```
/// use lethe::kernel::{Activation, Unit};
///
/// struct Square;
/// impl Activation<f64> for Square {
///     fn value_and_slope(z: f64) -> (f64, f64) {
///         (z * z, 2.0 * z)
///     }
/// }
/// let unit = Unit::<f64>::of::<Square>();
/// # let _ = unit;
/// ```
#[derive(Clone, Copy)]
pub struct Unit<F> {
    /// From pre-activations to activations in the same place, and to slopes.
    pub(super) apply: fn(&mut [Row<F>], &mut [Row<F>]),
}

impl<F: Number> Unit<F> {
    /// The activation `A`.
    pub fn of<A: Activation<F>>() -> Self {
        // One call for many numbers: a call for each would take as long as the kernel of a small network.
        Self {
            apply: |values, slopes| {
                for (values, slopes) in values.iter_mut().zip(slopes) {
                    for (value, slope) in values.0.iter_mut().zip(&mut slopes.0) {
                        (*value, *slope) = A::value_and_slope(*value);
                    }
                }
            },
        }
    }
}

impl<F: Number> Activation<F> for Relu {
    #[inline(always)]
    fn value_and_slope(z: F) -> (F, F) {
        if z > F::ZERO { (z, F::ONE) } else { (F::ZERO, F::ZERO) }
    }
}

impl<F: Number> Activation<F> for Identity {
    #[inline(always)]
    fn value_and_slope(z: F) -> (F, F) {
        (z, F::ONE)
    }
}

impl Activation<f64> for Tanh {
    fn value_and_slope(z: f64) -> (f64, f64) {
        let value = libm::tanh(z);
        (value, (1.0 - value) * (1.0 + value))
    }
}

impl Activation<f32> for Tanh {
    fn value_and_slope(z: f32) -> (f32, f32) {
        let value = libm::tanhf(z);
        (value, (1.0 - value) * (1.0 + value))
    }
}

impl Activation<f64> for Erf {
    fn value_and_slope(z: f64) -> (f64, f64) {
        (libm::erf(z), core::f64::consts::FRAC_2_SQRT_PI * libm::exp(-z * z))
    }
}

impl Activation<f32> for Erf {
    fn value_and_slope(z: f32) -> (f32, f32) {
        (libm::erff(z), core::f32::consts::FRAC_2_SQRT_PI * libm::expf(-z * z))
    }
}
