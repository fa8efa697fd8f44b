//! `sweep`: how do scale and replay act together?

use super::definition::{Definition, Swept};
use super::replay::REPLAY;

/// The experiment: every width with every fraction of the replay experiment, whose networks are
/// those of width 64 here. 1,024 networks; `s=0..156` makes it 10,048.
pub const SWEEP: Definition = Definition {
    name: "sweep",
    swept: Swept::Both,
    predicts: false,
    prescribes: false,
    mitigates: false,
    adjust: |spec| {
        (REPLAY.adjust)(spec);
        spec.widths = (2..=9).map(|doublings| 1 << doublings).collect();
    },
};
