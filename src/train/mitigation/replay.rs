//! `replay`: old examples take a share of the loss from the new ones.

use super::{Cost, Mitigation, Strength, Treatment, in_training, told};
use crate::train::Replay;

/// Loss (1 - p) L_new + p L_old, each L a weighted mean over its task's examples.
pub const REPLAY: Mitigation = Mitigation {
    name: "replay",
    title: "replay",
    sentence: told("Examples of the old task are mixed in, and the new task gives up the weight that they get."),
    source: told("Robins 1995, Connection Science 7"),
    strength: Strength::with_old_examples(1.0, "p, the old task's share of the loss"),
    replay: Replay::Replacing,
    prepare: in_training(|_, _| Ok(Treatment::plain())),
    cost: |setting, _| Cost::of_replay(setting),
};
