//! `interpolate`: between the network before fine-tuning and after.

use super::{Cost, Mitigation, Strength, Treatment, in_training, no_replay, told};

/// Training is plain; measured is f at theta + a (theta_0 - theta).
pub const INTERPOLATE: Mitigation = Mitigation {
    name: "interpolate",
    title: "weight interpolation",
    sentence: told("Fine-tuning is plain, and in the end every parameter is put back by the same part of its way."),
    source: told("Wortsman et al. 2022, 2109.01903 (WiSE-FT)"),
    strength: Strength::up_to(1.0, "a, the part of the way back to the start"),
    replay: no_replay,
    prepare: in_training(|_, a| Ok(Treatment { interpolation: a as f32, ..Treatment::plain() })),
    cost: |setting, _| Cost::kept(setting, setting.mlp.parameter_count(), 0.0),
};
