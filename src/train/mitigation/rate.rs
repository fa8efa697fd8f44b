//! `rate`: smaller steps.

use super::{Cost, Mitigation, Strength, Treatment, in_training, no_replay, told};

/// Learning rate lr / (1 + s).
pub const RATE: Mitigation = Mitigation {
    name: "rate",
    title: "smaller rate",
    sentence: told("The learning rate of fine-tuning is divided, so that as many steps go less far."),
    source: told("Howard & Ruder 2018, 1801.06146"),
    strength: Strength::up_to(f64::INFINITY, "s, with the learning rate divided by 1 + s"),
    replay: no_replay,
    prepare: in_training(|_, s| Ok(Treatment { rate_factor: (1.0 / (1.0 + s)) as f32, ..Treatment::plain() })),
    cost: |_, _| Cost::NOTHING,
};
