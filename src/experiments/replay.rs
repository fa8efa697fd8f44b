//! `replay`: how much replay is enough?

use super::definition::{Definition, Swept};

/// The experiment. The fractions are where the curve lives: below a per cent.
pub const REPLAY: Definition = Definition {
    name: "replay",
    swept: Swept::Fractions,
    predicts: false,
    prescribes: false,
    mitigates: false,
    adjust: |spec| spec.replay = vec![0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
};
