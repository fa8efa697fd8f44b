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
}
