//! What a residual costs.

use serde::{Deserialize, Serialize};

/// The cost of a residual r, in units of the standard deviation of what is fitted: half of rho(r), as in SciPy's
/// `least_squares`, with `scale` for its `f_scale`.
///
/// A cost is handed to the solver as the residual t(r) = sign(r) sqrt(rho(r)), so that half its square is the cost
/// itself and the solver needs to know nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Robust {
    /// r^2: least squares.
    #[default]
    Squares,
    /// 2 scale^2 (sqrt(1 + (r / scale)^2) - 1).
    SoftL1 { scale: f64 },
    /// r^2 up to `scale`, then 2 scale |r| - scale^2.
    Huber { scale: f64 },
}

impl Robust {
    /// The residual for the solver, and its derivative by r.
    ///
    /// ```
    /// use lethe::laws::Robust;
    /// assert_eq!(Robust::Squares.transformed(-3.0), (-3.0, 1.0));
    /// assert_eq!(Robust::Huber { scale: 1.0 }.transformed(-5.0).0, -3.0);
    /// ```
    pub fn transformed(self, r: f64) -> (f64, f64) {
        match self {
            Self::Squares => (r, 1.0),
            Self::SoftL1 { scale } => {
                let z = r / scale;
                // sqrt(1 + z^2) - 1 without the cancellation for small z.
                let root = (1.0 + z * z).sqrt();
                let t = scale * z * (2.0 / (root + 1.0)).sqrt();
                let slope = if t == 0.0 { 1.0 } else { r / (t * root) };
                (t, slope)
            }
            Self::Huber { scale } => {
                let size = r.abs();
                if size <= scale {
                    return (r, 1.0);
                }
                let t = (2.0 * scale * size - scale * scale).sqrt();
                (t.copysign(r), scale / t)
            }
        }
    }
}
