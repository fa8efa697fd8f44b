//! What is different in fine-tuning.

use crate::model::{Mlp, Parameters};
use crate::train::{Optimiser, OptimiserKind, Replay, Restraint};

/// Fine-tuning, as a mitigation wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    /// How old examples take part.
    pub replay: Replay,
    /// Labels of the new task in place of its own: `[new examples]`.
    pub labels: Option<Vec<f32>>,
    /// What is done to every step.
    pub restraint: Restraint,
    /// The factor on the learning rate.
    pub rate_factor: f32,
    /// a: the network is measured at theta + a (theta_0 - theta) and trained at theta.
    pub interpolation: f32,
}

impl Treatment {
    /// Nothing is different.
    pub fn plain() -> Self {
        Self {
            replay: Replay::Replacing(0.0),
            labels: None,
            restraint: Restraint::default(),
            rate_factor: 1.0,
            interpolation: 0.0,
        }
    }

    /// The optimiser with its learning rate: the factor, and with sampled batches that of the loss's whole weight, which
    /// a batch does not know ([`Replay::total`]). Adam's steps do not depend on the loss's weight.
    pub fn optimiser(&self, of: Optimiser, sampled: bool) -> Optimiser {
        let scales = sampled && of.kind != OptimiserKind::Adam;
        let total = if scales { self.replay.total() as f32 } else { 1.0 };
        Optimiser { learning_rate: of.learning_rate * self.rate_factor * total, ..of }
    }

    /// How old examples take part where a schedule asks for a fraction: added ones stay as they are.
    pub fn replay_or(&self, fraction: f64) -> Replay {
        match self.replay {
            Replay::Added(weight) => Replay::Added(weight),
            Replay::Replacing(_) => Replay::Replacing(fraction),
        }
    }

    /// The network that is measured; `None` if parameters do not have the network's shape.
    pub fn measured(&self, mlp: &Mlp, now: Parameters, start: &Parameters) -> Option<Parameters> {
        let a = self.interpolation;
        if !now.fit(mlp) || !start.fit(mlp) {
            return None;
        }
        // Both ends to the last bit.
        if a == 0.0 {
            return Some(now);
        }
        if a == 1.0 {
            return Some(start.clone());
        }
        let row: Vec<f32> = now.iter().zip(start.iter()).map(|(now, start)| now + a * (start - now)).collect();
        Parameters::from_row(mlp, &row)
    }
}
