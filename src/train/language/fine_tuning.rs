//! Fine-tuning a language model: accumulated gradients, clipped, then a step.

use burn::module::{Module, ModuleMapper, Param};
use burn_tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{Gradients, Optimiser, Pass, Rate};
use crate::engine::threads::for_each;
use crate::model::llama::{Llama, Mode, Sequences};
use crate::seed::Seed;

/// Sequences that are computed side by side, a part of a step.
#[derive(Clone, Debug)]
pub struct MicroBatch {
    pub sequences: Sequences,
    /// The token after each position. `[sequences * time]`
    pub targets: Vec<u32>,
    /// How much each counts; a step divides by the sum over its micro-batches. `[sequences * time]`
    pub weights: Vec<f32>,
}

/// What does not change from step to step.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub rate: Rate,
    /// The greatest length of a step's gradient, if there is one.
    pub clip: Option<f64>,
    pub pass: Pass,
    /// Where the draws of dropout come from.
    pub dropout: Seed,
    /// Micro-batches computed at once, on the CPU. Results do not depend on it.
    pub threads: usize,
    /// A loss above it, or a loss or gradient that is no number, has diverged: then nothing is updated.
    pub diverged_above: f64,
}

/// What a step was like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Before the step, in nats a token that counts.
    pub loss: f64,
    /// Length of the gradient before it was clipped.
    pub gradient_norm: f64,
    pub rate: f64,
    /// Whether the loss or its gradient has diverged, and the model was left as it is.
    pub has_diverged: bool,
}

/// A model under fine-tuning.
#[derive(Clone, Debug)]
pub struct FineTuning {
    model: Llama,
    optimiser: Optimiser,
    steps: u32,
}

impl FineTuning {
    /// A model of which something is to be trained, and an optimiser, after so many steps.
    pub fn new(model: Llama, optimiser: Optimiser, steps: u32) -> Self {
        Self { model, optimiser, steps }
    }

    /// Makes one step, the loss being the mean over all tokens of all micro-batches, each as much as it counts.
    ///
    /// # Panics
    /// If no token counts.
    pub fn step(&mut self, recipe: &Recipe, batches: Vec<MicroBatch>) -> Step {
        let all: f64 = batches.iter().flat_map(|batch| &batch.weights).map(|&weight| f64::from(weight)).sum();
        assert!(all > 0.0, "some token counts");
        let dropout = recipe.dropout.fork(&self.steps.to_string());
        let mut sum = (0.0, Gradients::default());
        let mut batches = batches.into_iter().enumerate().peekable();
        while batches.peek().is_some() {
            let parts = batches.by_ref().take(recipe.threads.max(1));
            let mut parts: Vec<_> = parts.map(|(index, batch)| (index, batch, None)).collect();
            for_each(&mut parts, recipe.threads, |(index, batch, found)| {
                batch.weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) / all) as f32);
                let MicroBatch { sequences, targets, weights } = batch;
                if weights.iter().any(|&weight| weight != 0.0) {
                    let mode = Mode { adapted: true, dropout: Some(dropout.fork(&index.to_string())) };
                    *found = Some(recipe.pass.run(&own(&self.model), sequences, targets, weights, &mode));
                }
            });
            // In the order of the micro-batches, so that sums do not depend on the threads.
            for (loss, gradients) in parts.into_iter().filter_map(|(_, _, found)| found) {
                sum = (sum.0 + loss.into_scalar::<f64>(), sum.1.plus(gradients));
            }
        }
        let (loss, gradients) = sum;
        let (gradients, norm) = gradients.clipped(recipe.clip.unwrap_or(f64::INFINITY));
        let rate = recipe.rate.at(self.steps);
        let gradient_norm = norm.map_or(0.0, |norm| norm.into_scalar::<f64>());
        let has_diverged = !(loss <= recipe.diverged_above && gradient_norm.is_finite());
        if !has_diverged {
            self.model = self.optimiser.step(self.model.clone(), gradients, rate);
            self.steps += 1;
        }
        Step { loss, gradient_norm, rate, has_diverged }
    }

    /// The mean loss of some micro-batches, in nats a token that counts, without dropout; and how much counted.
    pub fn loss(&self, pass: Pass, batches: impl IntoIterator<Item = MicroBatch>) -> (f64, f64) {
        let model = self.model.valid();
        let (mut sum, mut counted) = (0.0, 0.0);
        for MicroBatch { sequences, targets, weights } in batches {
            let all: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
            if all > 0.0 {
                sum += pass.loss(&model, &sequences, &targets, &weights, &Mode::ADAPTED);
                counted += all;
            }
        }
        (sum / counted, counted)
    }

    /// Steps made.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The model as it is.
    pub fn model(&self) -> &Llama {
        &self.model
    }

    /// The optimiser as it is.
    pub fn optimiser(&self) -> &Optimiser {
        &self.optimiser
    }
}

/// The same model with leaves of its own, so that tapes of several threads have nothing in common.
fn own(model: &Llama) -> Llama {
    struct Copying;
    impl ModuleMapper for Copying {
        fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
            parameter.map(|value| match value.is_require_grad() {
                true => Tensor::from_inner(value.inner()).require_grad(),
                false => Tensor::from_inner(value.inner()),
            })
        }
    }
    model.clone().map(&mut Copying)
}
