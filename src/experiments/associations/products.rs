//! Products of the gradients of tasks and examples: what is said of rows before any step.

use super::fine_tuning::rate;
use super::job::Predicted;
use super::language::{Language, WINDOWS, window};
use super::spec::CheckedSpec;
use crate::error::Problems;
use crate::model::llama::{Llama, Mode};
use crate::train::language::{Gradients, MicroBatch};

/// The products in hand: -(sum of the rates of all steps) <step for the task, gradient of the example>, over the
/// parameters that are tuned, where they stand before the first of them. With g the gradients of the batches of the
/// first steps, a step is their mean, as plain gradient descent makes it to first order while gradients stay as they
/// are; or mean g / (sqrt(mean g^2) + 1e-8), as AdamW comes to make it (Kingma & Ba 2015, arXiv 1412.6980).
pub(super) struct Products<'a> {
    language: &'a Language,
    model: Llama,
    tasks: Vec<Steps>,
    scale: f64,
    /// Example by example, then task by task: by either step.
    found: Vec<Vec<[f32; 2]>>,
    spec: &'a CheckedSpec,
    seed: u32,
}

/// What a task's steps go by, plainly and with AdamW.
struct Steps([Vec<f32>; 2]);

/// What AdamW adds to the root of its second moments.
const EPSILON: f32 = 1e-8;

impl<'a> Products<'a> {
    pub fn begin(language: &'a Language, spec: &'a CheckedSpec, seed: u32) -> Result<Self, Problems> {
        let model = language.tuned(spec, seed)?;
        let rate = rate(spec, spec.steps);
        let scale = (0..spec.steps).map(|step| rate.at(step)).sum();
        Ok(Self { language, model, tasks: Vec::new(), scale, found: Vec::new(), spec, seed })
    }

    /// Takes the gradients of one task or of one example.
    pub fn advance(&mut self) -> Option<Predicted> {
        if self.tasks.len() < self.language.tasks.len() {
            self.tasks.push(self.steps(self.tasks.len()));
            return None;
        }
        let one = &self.language.upstream[self.found.len()];
        let length = one.prompt.len() + one.answer.len() - 1;
        let own = gradient(&self.model, self.language.micro_batch(window(one, length), length));
        let product = |step: &Vec<f32>| {
            let sum: f64 = step.iter().zip(&own).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            (-self.scale * sum) as f32
        };
        self.found.push(self.tasks.iter().map(|Steps(both)| both.each_ref().map(product)).collect());
        (self.found.len() == self.language.upstream.len()).then(|| {
            let of = |step: usize| {
                let row = |task: usize| self.found.iter().map(move |of_example| of_example[task][step]);
                (0..self.tasks.len()).flat_map(row).collect()
            };
            Predicted { rise: of(0), preconditioned: Some(of(1)) }
        })
    }

    /// As many windows as the first steps read, batch by batch; a batch weighs as much as it has tokens that count.
    fn steps(&self, task: usize) -> Steps {
        let steps = (WINDOWS as u32).div_ceil(self.spec.batch);
        let (mut sums, mut squares, mut all) = (Vec::new(), Vec::new(), 0.0f32);
        for step in 0..steps {
            let windows = u64::from(step * self.spec.batch)..u64::from((step + 1) * self.spec.batch);
            let batch = self.language.batch(task, self.seed, windows, &[]);
            let weight: f32 = batch.weights.iter().sum();
            let own = gradient(&self.model, batch);
            sums.resize(own.len(), 0.0f32);
            squares.resize(own.len(), 0.0f32);
            sums.iter_mut().zip(&own).for_each(|(sum, own)| *sum += weight * own);
            squares.iter_mut().zip(&own).for_each(|(square, own)| *square += weight * own * own);
            all += weight;
        }
        let plain: Vec<f32> = sums.into_iter().map(|sum| sum / all).collect();
        let root = squares.into_iter().map(|square| (square / all).sqrt());
        let preconditioned = plain.iter().zip(root).map(|(plain, root)| plain / (root + EPSILON)).collect();
        Steps([plain, preconditioned])
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
