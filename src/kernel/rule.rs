//! The update rules whose linearised course has a closed form.

use super::theory_error::TheoryError;

/// How parameters follow the gradient g = kap J^T W r + lam (theta - theta_0).
///
/// Times are t for [`Rule::Flow`] and whole steps for the other two; descent at step l follows flow at
/// t = rate l where the rate is small, momentum at t = rate l / (1 - beta).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// dtheta/dt = -g.
    Flow,
    /// theta <- theta - rate g.
    Descent { rate: f64 },
    /// v <- beta v + g; theta <- theta - rate v (heavy ball, as torch.optim.SGD), v = 0 at the start.
    Momentum { rate: f64, beta: f64 },
}

/// The largest time or step count accepted: whole numbers are exact up to here.
pub const LONGEST: f64 = 4_503_599_627_370_496.0;

impl Rule {
    /// Checks rate and beta.
    ///
    /// # Errors
    /// A rate that is not positive and finite, a beta outside `[0, 1)`.
    pub fn checked(self) -> Result<Self, TheoryError> {
        let (rate, beta) = self.constants();
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(TheoryError::wrong("rate", rate, "a positive finite number"));
        }
        if !(0.0..1.0).contains(&beta) {
            return Err(TheoryError::wrong("beta", beta, "a number from 0 to below 1"));
        }
        Ok(self)
    }

    /// Checks a time under this rule.
    ///
    /// # Errors
    /// A time that is negative, not finite or above [`LONGEST`]; a number of steps that is not whole.
    pub fn checked_time(self, time: f64) -> Result<f64, TheoryError> {
        let accepted = match self {
            Self::Flow => "a time from 0 to 2^52",
            _ => "a whole number of steps from 0 to 2^52",
        };
        let whole = self == Self::Flow || time == libm::floor(time);
        if (0.0..=LONGEST).contains(&time) && whole {
            Ok(time)
        } else {
            Err(TheoryError::wrong("time", time, accepted))
        }
    }

    /// The largest rate below which training on a loss of largest curvature `curvature` = kap lambda_max + lam
    /// is stable: 2 / curvature for descent, 2 (1 + beta) / curvature for momentum; `None` where every rate is.
    ///
    /// ```
    /// use lethe::kernel::Rule;
    /// assert_eq!(Rule::Descent { rate: 0.1 }.rate_bound(4.0), Some(0.5));
    /// assert_eq!(Rule::Momentum { rate: 0.1, beta: 0.5 }.rate_bound(4.0), Some(0.75));
    /// assert_eq!(Rule::Flow.rate_bound(4.0), None);
    /// ```
    pub fn rate_bound(self, curvature: f64) -> Option<f64> {
        match self {
            Self::Descent { .. } | Self::Momentum { .. } if curvature > 0.0 => {
                Some(2.0 * (1.0 + self.constants().1) / curvature)
            }
            _ => None,
        }
    }

    /// How long it takes to halve what is left of a mode of this curvature, once momentum has its pace; `None`
    /// where it does not shrink.
    ///
    /// ln 2 / -ln |z|, z the larger root of z^2 - (1 + beta - kappa) z + beta at kappa = rate x curvature; for
    /// descent z = 1 - kappa. Continuous: 0 where one step fits the mode.
    ///
    /// ```
    /// use lethe::kernel::Rule;
    /// assert_eq!(Rule::Descent { rate: 0.25 }.time_to_half(2.0), Some(1.0));
    /// assert_eq!(Rule::Descent { rate: 1.0 }.time_to_half(2.0), None);
    /// assert_eq!(Rule::Flow.time_to_half(0.0), None);
    /// ```
    pub fn time_to_half(self, curvature: f64) -> Option<f64> {
        let (rate, beta) = self.constants();
        let kappa = rate * curvature;
        let root = beta.sqrt();
        let discriminant = ((1.0 - root) * (1.0 - root) - kappa) * ((1.0 + root) * (1.0 + root) - kappa);
        let trace = 1.0 + beta - kappa;
        let decay = if self == Self::Flow {
            kappa
        } else if discriminant < 0.0 {
            -0.5 * libm::log(beta)
        } else if trace >= 0.0 {
            // By its distance from 1, so that a slow mode keeps its digits.
            -libm::log1p(-kappa / (0.5 * (1.0 - beta + kappa + discriminant.sqrt())))
        } else {
            -libm::log(0.5 * (discriminant.sqrt() - trace))
        };
        (decay > 0.0).then(|| core::f64::consts::LN_2 / decay)
    }

    /// # Errors
    /// A rate at or beyond [`Rule::rate_bound`].
    pub(super) fn checked_stable(self, curvature: f64) -> Result<(), TheoryError> {
        let (rate, _) = self.constants();
        match self.rate_bound(curvature) {
            Some(bound) if rate >= bound => Err(TheoryError::BeyondStability { rate, bound }),
            _ => Ok(()),
        }
    }

    /// Rate and beta; 1 and 0 for flow, which has neither.
    pub(super) fn constants(self) -> (f64, f64) {
        match self {
            Self::Flow => (1.0, 0.0),
            Self::Descent { rate } => (rate, 0.0),
            Self::Momentum { rate, beta } => (rate, beta),
        }
    }
}
