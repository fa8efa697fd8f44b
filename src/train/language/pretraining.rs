//! How base models learn the language world.

use burn_tensor::Device;

use super::{AdamW, Gradients, Rate, Shape};
use crate::data::language::{Batch, CONTEXT, LanguageWorld};
use crate::model::Size;
use crate::model::llama::{Llama, Mode, Precision, Sequences, Tuning};
use crate::seed::Seed;

/// What a step of pre-training is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Windows of a step.
    pub windows: usize,
    pub rate: Rate,
    pub beta2: f64,
    /// Of matrices alone.
    pub weight_decay: f64,
    /// The greatest length of a gradient.
    pub clip: f64,
}

impl Recipe {
    /// Steps of the recipe by which the base models were made.
    pub const STEPS: u32 = 3_000;

    /// The recipe of so many steps. Where they are fewer than [`STEPS`](Self::STEPS), the warm-up is a thirtieth of
    /// them.
    pub fn new(steps: u32) -> Self {
        let warm_up = 100.min(steps / 30);
        let rate = Rate { peak: 0.006, warm_up, steps, shape: Shape::Cosine, floor: 0.1 };
        Self { windows: 32, rate, beta2: 0.95, weight_decay: 0.05, clip: 1.0 }
    }

    /// Tokens of a step.
    pub fn tokens(&self) -> usize {
        self.windows * CONTEXT
    }
}

/// Pre-training under way.
#[derive(Clone, Debug)]
pub struct Pretraining<'a> {
    world: &'a LanguageWorld,
    recipe: Recipe,
    model: Llama,
    optimiser: AdamW,
    steps: u32,
}

impl<'a> Pretraining<'a> {
    /// A model of this size with random weights, on a device that keeps gradients.
    pub fn new(world: &'a LanguageWorld, size: Size, seed: &Seed, recipe: Recipe, device: &Device) -> Self {
        let model = Llama::init(size.config(), Precision::F32, seed, device);
        let model = model.tune(&Tuning::Full, seed).expect("every model can be trained as a whole");
        let mut optimiser = AdamW::default();
        optimiser.beta2 = recipe.beta2;
        optimiser.weight_decay = recipe.weight_decay;
        optimiser.decays_vectors = false;
        Self { world, recipe, model, optimiser, steps: 0 }
    }

    /// Makes one step; the loss before it, in nats a token, each as much as it counts.
    pub fn step(&mut self) -> f64 {
        let Batch { inputs, targets, weights } =
            self.world.pretraining().batch(u64::from(self.steps), self.recipe.windows);
        let all: f32 = weights.iter().sum();
        let weights: Vec<f32> = weights.into_iter().map(|weight| weight / all).collect();
        let sequences = Sequences { tokens: inputs, sight: self.model.config().whole(self.recipe.windows, CONTEXT) };
        let loss = self.model.loss(&sequences, &targets, &weights, &Mode::BASE);
        let told = loss.clone().into_scalar::<f64>();
        let (gradients, _) = Gradients::of(loss, &self.model).clipped(self.recipe.clip);
        let rate = self.recipe.rate.at(self.steps);
        self.model = self.optimiser.step(self.model.clone(), gradients, rate);
        self.steps += 1;
        told
    }

    /// Steps made.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The model as it is.
    pub fn model(&self) -> &Llama {
        &self.model
    }
}
