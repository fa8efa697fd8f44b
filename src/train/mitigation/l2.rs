//! `l2`: a penalty on the way from the starting point.

use super::{Cost, Mitigation, Strength, Treatment, in_training, no_replay, penalty, told};
use crate::train::Restraint;

/// Loss L_new + lambda |theta - theta_0|^2, the penalty taken implicitly: see `penalty`.
pub const L2: Mitigation = Mitigation {
    name: "l2",
    title: "L2 to the start",
    sentence: told("A spring on every parameter, equally strong on all, pulls it back to where fine-tuning began."),
    source: told("Li et al. 2018, 1802.01483 (L2-SP)"),
    strength: Strength::up_to(f64::INFINITY, "lambda, the weight of the squared distance from the start"),
    replay: no_replay,
    prepare: in_training(|base, lambda| {
        let equal = std::iter::repeat_n(1.0, base.mlp.parameter_count());
        let tether = Some(penalty::tether("l2", base, lambda, equal)?);
        Ok(Treatment { restraint: Restraint { tether, forbidden: Vec::new() }, ..Treatment::plain() })
    }),
    cost: |setting, _| Cost::kept(setting, setting.mlp.parameter_count(), 1.0),
};
