//! `none`: plain fine-tuning, which the others are compared with.

use super::{Cost, Mitigation, Strength, Treatment, in_training, no_replay, told};

/// Nothing is done.
pub const NONE: Mitigation = Mitigation {
    name: "none",
    title: "nothing",
    sentence: told(
        "The network is fine-tuned on the new task alone; stopping at an earlier step is part of this curve.",
    ),
    source: told("McCloskey & Cohen 1989"),
    strength: Strength::up_to(0.0, "there is nothing to strengthen"),
    replay: no_replay,
    prepare: in_training(|_, _| Ok(Treatment::plain())),
    cost: |_, _| Cost::NOTHING,
};
