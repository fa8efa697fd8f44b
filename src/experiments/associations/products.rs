//! Products of the gradients of tasks and examples: what is said of rows before any step.

use super::fine_tuning::rate;
use super::language::{Language, WINDOWS, window};
use super::spec::CheckedSpec;
use crate::error::Problems;
use crate::model::llama::{Llama, Mode};
use crate::train::language::{Gradients, MicroBatch};

/// The products of gradients in hand: -(sum of the rates of all steps) <gradient of the task, gradient of the example>,
/// over the parameters that are tuned, where they stand before the first step. That is what plain gradient descent does
/// to first order while gradients stay as they are; AdamW steps otherwise, so only the pattern is comparable.
pub(super) struct Products<'a> {
    language: &'a Language,
    model: Llama,
    tasks: Vec<Vec<f32>>,
    scale: f64,
    /// Example by example.
    found: Vec<Vec<f32>>,
    spec: &'a CheckedSpec,
    seed: u32,
}

impl<'a> Products<'a> {
    pub fn begin(language: &'a Language, spec: &'a CheckedSpec, seed: u32) -> Result<Self, Problems> {
        let model = language.tuned(spec, seed)?;
        let rate = rate(spec, spec.steps);
        let scale = (0..spec.steps).map(|step| rate.at(step)).sum();
        Ok(Self { language, model, tasks: Vec::new(), scale, found: Vec::new(), spec, seed })
    }

    /// Takes the gradient of one task or of one example.
    pub fn advance(&mut self) -> Option<Vec<f32>> {
        if self.tasks.len() < self.language.tasks.len() {
            let task = self.tasks.len();
            // As many windows as the first steps read.
            let steps = (WINDOWS as u32).div_ceil(self.spec.batch);
            let batch = self.language.batch(task, self.seed, 0..u64::from(steps * self.spec.batch), &[]);
            self.tasks.push(gradient(&self.model, batch));
            return None;
        }
        let one = &self.language.upstream[self.found.len()];
        let length = one.prompt.len() + one.answer.len() - 1;
        let own = gradient(&self.model, self.language.micro_batch(window(one, length), length));
        let product = |task: &Vec<f32>| {
            let sum: f64 = task.iter().zip(&own).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            (-self.scale * sum) as f32
        };
        self.found.push(self.tasks.iter().map(product).collect());
        (self.found.len() == self.language.upstream.len()).then(|| {
            (0..self.tasks.len()).flat_map(|task| self.found.iter().map(move |of_example| of_example[task])).collect()
        })
    }
}

/// The gradient of the mean loss of a batch, by all parameters that are tuned, in the order of their names.
fn gradient(model: &Llama, batch: MicroBatch) -> Vec<f32> {
    let MicroBatch { sequences, targets, weights } = batch;
    let all: f32 = weights.iter().sum();
    let weights: Vec<f32> = weights.iter().map(|weight| weight / all).collect();
    let loss = model.loss(&sequences, &targets, &weights, &Mode::ADAPTED);
    let gradients = Gradients::of(loss, model);
    let numbers =
        |(_, gradient): (&str, &burn_tensor::Tensor<1>)| gradient.to_data().iter::<f32>().collect::<Vec<f32>>();
    gradients.iter().flat_map(numbers).collect()
}
