//! What a mitigation takes.

use super::base::Setting;

/// Memory beside the network, and work.
///
/// Work is counted in multiply-adds: of a pass over the examples three for each example and parameter (one forward,
/// two back), of the step itself one for each parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Old examples that must still be there during fine-tuning.
    pub stored_examples: usize,
    /// Numbers kept beside the network: weights, importances, directions, outputs, or the coordinates and labels of
    /// stored examples.
    pub stored_numbers: usize,
    /// The work of a step, relative to plain fine-tuning.
    pub step_work: f64,
}

impl Cost {
    /// That of plain fine-tuning.
    pub const NOTHING: Self = Self { stored_examples: 0, stored_numbers: 0, step_work: 1.0 };

    /// Numbers kept, no examples, and further multiply-adds for each parameter in each step.
    pub(super) fn kept(setting: &Setting, stored_numbers: usize, per_parameter: f64) -> Self {
        let plain = 3.0 * setting.batch.unwrap_or(setting.new_examples) as f64 + 1.0;
        Self { stored_examples: 0, stored_numbers, step_work: 1.0 + per_parameter / plain }
    }

    /// All old examples, which a full batch goes through in every step and a sampled one as part of its size.
    pub(super) fn of_replay(setting: &Setting) -> Self {
        let numbers = setting.old_examples * (setting.mlp.inputs + 1);
        let extra = if setting.batch.is_some() { 0.0 } else { 3.0 * setting.old_examples as f64 };
        Self { stored_examples: setting.old_examples, ..Self::kept(setting, numbers, extra) }
    }
}
