//! The linear law: forgetting against fine-tuning loss.

use serde::{Deserialize, Serialize};

use super::observation::Observations;
use crate::error::{Problem, Problems};

/// L_f = slope L_ft + intercept; in the paper's symbols slope = -c_{f,ft} and intercept = s_{f,ft} (equation 4).
///
/// A high R2 says little: any two curves that are monotone in steps lie near a line. [`super::ranks_collapse`] asks
/// what the line claims.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearLaw {
    pub slope: f64,
    /// Nats.
    pub intercept: f64,
    /// Share of the variance of forgetting that the line takes away.
    pub r2: f64,
    /// Root mean square of the residuals, nats.
    pub rmse: f64,
}

impl LinearLaw {
    /// The forgetting at a fine-tuning loss.
    pub fn forgetting(&self, fine_tuning_loss: f64) -> f64 {
        self.slope * fine_tuning_loss + self.intercept
    }

    /// The fine-tuning loss that forgetting comes with.
    pub fn fine_tuning_loss(&self, forgetting: f64) -> f64 {
        (forgetting - self.intercept) / self.slope
    }
}

/// Least squares of equation 4 over all observations given.
///
/// # Errors
/// Fewer than three observations, or a fine-tuning loss or forgetting that never changes.
///
/// ```
/// use lethe::laws::{Observation, Observations, fit_linear_law};
/// let at = |l: f64| Observation { fine_tuning_loss: l, forgetting: 2.0 - 1.5 * l, ..Observation::default() };
/// let law = fit_linear_law(&Observations::gather(vec![at(0.5), at(0.6), at(0.8)])).expect("three points");
/// assert!((law.slope + 1.5).abs() < 1e-12 && (law.r2 - 1.0).abs() < 1e-12);
/// ```
pub fn fit_linear_law(observations: &Observations) -> Result<LinearLaw, Problems> {
    let points = || observations.rows().iter().map(|(_, row)| (row.fine_tuning_loss, row.forgetting, 1.0));
    weighted_line(points).ok_or_else(|| {
        let field = if observations.len() < 3 { "observations" } else { "fine_tuning_loss and forgetting" };
        let value = if observations.len() < 3 { observations.len().to_string() } else { "always the same".to_owned() };
        Problems(vec![Problem::new(field, &value, "at least 3 observations in which both losses change")])
    })
}

/// The line through (x, y, weight); `None` where it is undefined.
pub(super) fn weighted_line<I: Iterator<Item = (f64, f64, f64)>>(points: impl Fn() -> I) -> Option<LinearLaw> {
    let (count, total) = points().fold((0, 0.0), |(n, sum), (_, _, w)| (n + usize::from(w > 0.0), sum + w));
    if count < 3 {
        return None;
    }
    let x_mean = points().map(|(x, _, w)| w * x).sum::<f64>() / total;
    let y_mean = points().map(|(_, y, w)| w * y).sum::<f64>() / total;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y, w) in points() {
        let (dx, dy) = (x - x_mean, y - y_mean);
        xx += w * dx * dx;
        xy += w * dx * dy;
        yy += w * dy * dy;
    }
    // What rounding alone leaves of a constant is no spread.
    let rounding = |mean: f64| total * (1e-12 * mean) * (1e-12 * mean);
    if !(xx > rounding(x_mean) && yy > rounding(y_mean)) {
        return None;
    }
    let slope = xy / xx;
    let intercept = y_mean - slope * x_mean;
    let rest: f64 = points().map(|(x, y, w)| (y - slope * x - intercept, w)).map(|(r, w)| w * r * r).sum();
    let law = LinearLaw { slope, intercept, r2: 1.0 - rest / yy, rmse: (rest / total).sqrt() };
    (law.slope.is_finite() && law.intercept.is_finite() && law.r2.is_finite()).then_some(law)
}
