//! `width`: does width raise or lower forgetting?

use super::definition::{Definition, Swept};

/// The experiment. Thirty-two seeds decide the poster's claim; sixteen leave others open.
pub const WIDTH: Definition = Definition {
    name: "width",
    swept: Swept::Widths,
    predicts: false,
    prescribes: false,
    mitigates: false,
    adjust: |spec| {
        spec.widths = vec![4, 16, 64, 256];
        spec.seeds = (0..32).collect();
    },
};
