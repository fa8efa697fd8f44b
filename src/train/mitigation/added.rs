//! `added`: old examples on top of the new ones.

use super::{Cost, Mitigation, Strength, Treatment, in_training, told};
use crate::train::Replay;

/// Loss L_new + r L_old. Batches are drawn from the normalised mixture and the learning rate carries the factor 1 + r.
pub const ADDED: Mitigation = Mitigation {
    name: "added",
    title: "added replay",
    sentence: told("Examples of the old task are added, and the new task keeps all of its weight."),
    source: told("Jin & Ren 2024, 2406.14026 (r = 1/32)"),
    // Far beyond any use, and far below what f32 can hold.
    strength: Strength::with_old_examples(1e6, "r, the old task's weight beside 1 for the new"),
    replay: Replay::Added,
    prepare: in_training(|_, _| Ok(Treatment::plain())),
    cost: |setting, _| Cost::of_replay(setting),
};
