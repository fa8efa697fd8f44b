//! The network where fine-tuning begins.

use crate::error::Problem;
use crate::model::{Mlp, Parameters};
use crate::train::Optimiser;

/// What a mitigation may look at, whichever engine trains.
///
/// # Shapes
/// `new_inputs`, `old_inputs`: `[examples, inputs]`, row by row; `new_labels`, `new_outputs`: `[new examples]`.
pub struct Base<'a> {
    pub mlp: Mlp,
    /// The optimiser of fine-tuning, its learning rate without factors of the parameterisation.
    pub optimiser: Optimiser,
    /// theta_0.
    pub parameters: &'a Parameters,
    pub new_inputs: &'a [f32],
    pub new_labels: &'a [f32],
    /// f_0 at the new inputs.
    pub new_outputs: &'a [f32],
    pub old_inputs: &'a [f32],
    /// df/dtheta at theta_0 for some points `[points, inputs]`, without factors of the parameterisation on the steps.
    pub gradients: &'a dyn Fn(&[f32]) -> Vec<Parameters>,
}

/// How large everything is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    pub mlp: Mlp,
    pub new_examples: usize,
    pub old_examples: usize,
    /// How many examples a step sees where batches are sampled; `None` for all that have weight.
    pub batch: Option<usize>,
}

impl Base<'_> {
    /// With full batches, which matter to costs alone.
    pub fn setting(&self) -> Setting {
        let old_examples = self.old_inputs.len() / self.mlp.inputs.max(1);
        Setting { mlp: self.mlp, new_examples: self.new_labels.len(), old_examples, batch: None }
    }

    /// The number by which `optimiser` multiplies a constant gradient in the end: the learning rate, 1 / (1 - beta)
    /// times that under momentum.
    pub(super) fn long_run_rate(&self) -> f64 {
        f64::from(self.optimiser.learning_rate) * self.optimiser.kind.amplification()
    }

    /// Gradients at some of the old inputs, in rows of all parameters.
    ///
    /// # Errors
    /// They are not finite, or not of the network's shape.
    pub(super) fn rows(&self, name: &str, x: &[f32]) -> Result<Vec<Vec<f64>>, Problem> {
        let gradients = (self.gradients)(x);
        if !gradients.iter().all(|of| of.fit(&self.mlp)) {
            return Err(self.misshapen(name));
        }
        let rows: Vec<Vec<f64>> = gradients.iter().map(|of| of.iter().map(f64::from).collect()).collect();
        let finite = rows.iter().flatten().all(|value| value.is_finite());
        if finite { Ok(rows) } else { Err(self.diverged(name)) }
    }

    /// What is wrong with a network that has diverged.
    pub(super) fn diverged(&self, name: &str) -> Problem {
        Problem::new(name, "a network that is not finite", "one that has not diverged before fine-tuning")
    }

    /// What is wrong with parameters or gradients that are not the network's.
    pub(super) fn misshapen(&self, name: &str) -> Problem {
        Problem::new(name, "parameters of another shape", "those of the network")
    }

    /// Whether the network can be looked at.
    pub(super) fn check(&self, name: &str) -> Result<(), Problem> {
        let numbers = self.new_labels.iter().chain(self.new_outputs).copied();
        let mut values = self.parameters.iter().chain(numbers);
        if !self.parameters.fit(&self.mlp) || self.new_outputs.len() != self.new_labels.len() {
            return Err(self.misshapen(name));
        }
        if values.all(f32::is_finite) { Ok(()) } else { Err(self.diverged(name)) }
    }
}
