//! One network in training on the CPU, by the engine that its shape asks for.

#[cfg(feature = "autodiff")]
use super::autodiff;
use super::fused_cpu::{self, Snapshot};
use super::{Batches, Examples, Outcome, Stop};
use crate::model::{Mlp, Parameters};
use crate::train::{Optimiser, Restraint};

/// A network on the reference engine or, where it is deeper than that knows, on burn's autodiff.
#[derive(Clone, Debug)]
pub enum Trainee {
    Fused(fused_cpu::State),
    #[cfg(feature = "autodiff")]
    Deep(autodiff::State),
}

/// Whether this build can train networks of a shape.
pub fn can_train(mlp: &Mlp) -> bool {
    mlp.is_shallow() || cfg!(feature = "autodiff")
}

/// Asks whichever it is.
macro_rules! either {
    ($of:expr, $state:ident => $answer:expr) => {
        match $of {
            Trainee::Fused($state) => $answer,
            #[cfg(feature = "autodiff")]
            Trainee::Deep($state) => $answer,
        }
    };
}

impl Trainee {
    /// A network at the start of a phase.
    ///
    /// # Panics
    /// If `parameters` have another shape, or no engine of this build trains it ([`can_train`]).
    pub fn new(mlp: Mlp, parameters: Parameters, optimiser: Optimiser) -> Self {
        assert!(can_train(&mlp), "a build with the feature autodiff trains deep networks");
        #[cfg(feature = "autodiff")]
        if !mlp.is_shallow() {
            return Self::Deep(autodiff::State::new(mlp, &parameters, optimiser));
        }
        Self::Fused(fused_cpu::State::new(mlp, parameters, optimiser))
    }

    /// Continues from a snapshot; `None` where it does not fit the network or the optimiser, or no engine of this build
    /// trains it.
    pub fn restore(mlp: Mlp, optimiser: Optimiser, snapshot: Snapshot) -> Option<Self> {
        #[cfg(feature = "autodiff")]
        if !mlp.is_shallow() {
            return autodiff::State::restore(mlp, optimiser, &snapshot).map(Self::Deep);
        }
        if mlp.is_shallow() { fused_cpu::State::restore(mlp, optimiser, snapshot).map(Self::Fused) } else { None }
    }

    /// The same network at the start of a new phase: moments and step count begin anew.
    pub fn begin_phase(&mut self, optimiser: Optimiser) {
        *self = Self::new(*self.mlp(), self.parameters(), optimiser);
    }

    /// The network's shape.
    pub fn mlp(&self) -> &Mlp {
        either!(self, state => state.mlp())
    }

    /// Steps made in this phase.
    pub fn step(&self) -> u32 {
        either!(self, state => state.step())
    }

    /// What is needed to continue elsewhere.
    pub fn snapshot(&self) -> Snapshot {
        either!(self, state => state.snapshot())
    }

    /// The parameters now.
    pub fn parameters(&self) -> Parameters {
        either!(self, state => state.parameters())
    }

    /// Makes `steps` steps, fewer if it stops or diverges.
    ///
    /// # Panics
    /// If the lengths in `examples` do not fit together, a drawn index is out of range, or a batch is empty.
    pub fn train(&mut self, examples: &Examples, steps: u32, batches: Batches<'_>, stop: Option<Stop>) -> Outcome {
        either!(self, state => state.train(examples, steps, batches, stop))
    }

    /// Restrains every step from here on, or none; a snapshot does not hold it, and a new phase begins without.
    pub fn restrain(&mut self, restraint: Option<&Restraint>) {
        either!(self, state => state.restrain(restraint));
    }

    /// df(x)/dtheta for each of `x`, without factors of the parameterisation on the steps.
    pub fn gradients(&self, x: &[f32]) -> Vec<Parameters> {
        either!(self, state => state.gradients(x))
    }

    /// f(x) for each of `x`.
    ///
    /// # Shapes
    /// `x`: `[n, inputs]` row by row; result: `[n]`
    pub fn outputs(&self, x: &[f32]) -> Vec<f32> {
        let mut f = vec![0.0; x.len() / self.mlp().inputs];
        either!(self, state => state.predict(x, &mut f));
        f
    }

    /// sum_i weight_i k(x_i, x_i), with the parameterisation's factors on steps: what gradient descent sees.
    pub fn kernel_trace(&self, x: &[f32], weight: &[f32]) -> f32 {
        either!(self, state => state.kernel_trace(x, weight))
    }

    /// The Euclidean distance of all parameters from others.
    pub fn distance(&self, from: &Parameters) -> f32 {
        let here = self.parameters();
        // Row by row as they lie, with the last bias after them.
        let square = |(a, b): (f32, f32)| (f64::from(a) - f64::from(b)) * (f64::from(a) - f64::from(b));
        libm::sqrt(here.iter().zip(from.iter()).map(square).sum::<f64>()) as f32
    }
}
