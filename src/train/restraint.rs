//! What holds an optimiser's steps back.

use crate::model::Parameters;

/// What is done to every step of an optimiser, after it was made.
///
/// First the step Delta = theta' - theta loses what it has along the `forbidden` directions b_1, b_2, ..., one
/// after the other: Delta <- Delta - b_j <b_j, Delta>. They must be orthonormal, over all parameters alike. Then
/// the `tether` pulls. Neither touches the optimiser's moments: a velocity is a sum of gradients, and projecting
/// each of its steps is projecting each gradient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restraint {
    pub tether: Option<Tether>,
    pub forbidden: Vec<Parameters>,
}

/// theta <- anchor + keep (theta - anchor), parameter by parameter.
///
/// A `keep` of 1 leaves a parameter as it is and one of 0 puts it on its anchor, both to the last bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Tether {
    pub anchor: Parameters,
    /// Each in [0, 1].
    pub keep: Parameters,
}

impl Restraint {
    /// Whether it restrains nothing.
    pub fn is_none(&self) -> bool {
        self.tether.is_none() && self.forbidden.is_empty()
    }

    /// One step as it is after the restraint, for engines that keep parameters in a row: `after` was made from `before`.
    ///
    /// # Panics
    /// If a part of the restraint has fewer parameters than a row.
    pub fn apply(&self, before: &[f32], after: &mut [f32]) {
        if !self.forbidden.is_empty() {
            let pairs = || after.iter().zip(before);
            let mut delta: Vec<f64> = pairs().map(|(&now, &before)| f64::from(now) - f64::from(before)).collect();
            for direction in &self.forbidden {
                let product: f64 = delta.iter().zip(direction.iter()).map(|(d, b)| d * f64::from(b)).sum();
                delta.iter_mut().zip(direction.iter()).for_each(|(d, b)| *d -= product * f64::from(b));
            }
            for ((now, &before), delta) in after.iter_mut().zip(before).zip(delta) {
                *now = (f64::from(before) + delta) as f32;
            }
        }
        if let Some(Tether { anchor, keep }) = &self.tether {
            for ((now, anchor), keep) in after.iter_mut().zip(anchor.iter()).zip(keep.iter()) {
                *now = pulled(*now, anchor, keep);
            }
        }
    }
}

/// anchor + keep (theta - anchor). Rounding would move a parameter whose keep is 1, and lose the sign of an
/// anchor of -0 whose keep is 0.
pub fn pulled(theta: f32, anchor: f32, keep: f32) -> f32 {
    if keep == 1.0 {
        theta
    } else if keep == 0.0 {
        anchor
    } else {
        anchor + keep * (theta - anchor)
    }
}
