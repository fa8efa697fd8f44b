//! `ntk`: does the tangent kernel know what fine-tuning will do before it begins?

use super::definition::{Definition, Swept};
use crate::model::Parameterisation;

/// The experiment: the kernel is taken after pre-training, every branch is predicted, then trained.
pub const NTK: Definition = Definition {
    name: "ntk",
    swept: Swept::Both,
    predicts: true,
    prescribes: false,
    mitigates: false,
    adjust: |spec| {
        spec.parameterisation = Parameterisation::Ntk;
        spec.learning_rate = 0.05;
        spec.widths = vec![16, 64, 256, 1024];
        spec.replay = vec![0.0, 0.01, 0.1];
        spec.seeds = (0..8).collect();
    },
};
