//! `dynamics`: one run. What happens to both tasks over time?

use super::definition::{Definition, Swept};

/// The experiment.
pub const DYNAMICS: Definition = Definition {
    name: "dynamics",
    swept: Swept::Nothing,
    predicts: false,
    prescribes: false,
    mitigates: false,
    adjust: |_| {},
};
