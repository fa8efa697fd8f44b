//! Sample quantiles.

use serde::{Deserialize, Serialize};

use super::order::sorted;

/// The middle half of a sample and its median.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartiles {
    pub median: f64,
    pub q25: f64,
    pub q75: f64,
}

impl Quartiles {
    /// Quartiles of a sample in any order; `None` for an empty one.
    ///
    /// ```
    /// use lethe::stats::Quartiles;
    /// let middle = Quartiles::of(&[4.0, 1.0, 3.0, 2.0, 5.0]).expect("five values");
    /// assert_eq!((middle.q25, middle.median, middle.q75), (2.0, 3.0, 4.0));
    /// ```
    pub fn of(sample: &[f64]) -> Option<Self> {
        let sorted = sorted(sample.to_vec());
        Some(Self { median: quantile(&sorted, 0.5)?, q25: quantile(&sorted, 0.25)?, q75: quantile(&sorted, 0.75)? })
    }
}

/// The quantile of a sorted sample by linear interpolation (Hyndman & Fan type 7, the default of NumPy and R).
/// `None` for an empty sample.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let below = position as usize;
    let above = (below + 1).min(last);
    let part = position - below as f64;
    Some(sorted[below] + part * (sorted[above] - sorted[below]))
}
