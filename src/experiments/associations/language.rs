//! A tiny Llama, tasks of its language, and what it knows.

use burn::module::Module;

use super::job::Row;
use super::similarity::{cosine, counts};
use super::spec::{CheckedSpec, Tuned};
use super::subject::{Example, Task};
use crate::data::language::{self, CONTEXT, LanguageWorld, Upstream, UpstreamKind, Vocabulary};
use crate::error::Problems;
use crate::experiments::scaling;
use crate::metrics::likelihood::{Continuation, Likelihood, likelihoods};
use crate::model::llama::{Fault, Llama, Mode, Sequences, Tuning};
use crate::seed::Seed;
use crate::train::language::{
    AdamW, FineTuning, FineTuningRecipe, Gradients, MicroBatch, Optimiser, Pass, Rate, Shape,
};

/// Windows that seeds are apart in a stream, so that each reads its own.
const APART: u64 = 1 << 24;
/// A loss above it has diverged, as in the experiment `laws`.
const DIVERGED: f64 = 1000.0;
/// The length to which a step's gradient is cut, as there.
const CLIP: f64 = 1.0;
/// Windows of a task whose words, and whose gradient, are its own.
const WINDOWS: usize = 64;

/// A base of the language world with everything that rows need.
pub struct Language {
    world: LanguageWorld,
    model: Llama,
    read: Vec<language::Task>,
    upstream: Vec<Upstream>,
    before: Vec<f64>,
    pub(super) tasks: Vec<Task>,
    pub(super) examples: Vec<Example>,
}

impl Language {
    /// Reads the weights of a base and takes its losses.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn load(spec: &CheckedSpec, safetensors: &[u8]) -> Result<Self, Fault> {
        let (world, model) = scaling::Base::read(spec.base, spec.base_seed, safetensors)?;
        let of_kind = |kind: UpstreamKind| world.upstream(kind, spec.examples as usize);
        let upstream: Vec<Upstream> = UpstreamKind::ALL.into_iter().flat_map(of_kind).collect();
        let said = losses(&model, &Mode::BASE, &upstream);
        let example = |(one, &(loss, base_is_right)): (&Upstream, &(f64, bool))| Example {
            name: one.name.clone(),
            kind: one.kind.name().to_owned(),
            relation: one.relation.map(str::to_owned),
            base_loss: loss as f32,
            base_is_right,
        };
        let read = spec.language_tasks();
        let task = |task: &language::Task| Task {
            name: task.name(),
            kind: task.kind().name().to_owned(),
            relation: task.relation().map(str::to_owned),
        };
        Ok(Self {
            tasks: read.iter().map(task).collect(),
            examples: upstream.iter().zip(&said).map(example).collect(),
            before: said.iter().map(|&(loss, _)| loss).collect(),
            world,
            model,
            read,
            upstream,
        })
    }

    /// The base as it is before its first step.
    ///
    /// # Errors
    /// A rank that no layer has.
    fn tuned(&self, spec: &CheckedSpec, seed: u32) -> Result<Llama, Problems> {
        let tuning = match spec.tuned {
            Tuned::Lora => Tuning::Lora(scaling::Spec::default().lora(spec.rank)),
            Tuned::Full => Tuning::Full,
        };
        self.model.clone().tune(&tuning, &root(seed).fork("adapters"))
    }

    /// The windows of a step of a task.
    fn batch(&self, task: usize, seed: u32, step: u32, size: usize) -> MicroBatch {
        let corpus = self.world.task(self.read[task]).starting_at((u64::from(seed) + 1) * APART);
        let batch = corpus.batch(u64::from(step), size);
        let sight = self.model.config().whole(size, CONTEXT);
        MicroBatch {
            sequences: Sequences { tokens: batch.inputs, sight },
            targets: batch.targets,
            weights: batch.weights,
        }
    }

    /// See [`Subject::similarity`](super::Subject::similarity).
    pub(super) fn similarity(&self) -> Vec<f32> {
        let size = self.model.config().vocab_size;
        // Beyond the special tokens, which every text has.
        let words =
            |tokens: &[u32]| counts(tokens.iter().copied().filter(|&token| token > Vocabulary::ASSISTANT), size);
        let examples: Vec<Vec<f64>> =
            self.upstream.iter().map(|one| words(&[&one.prompt[..], &one.answer[..]].concat())).collect();
        let of_task = |&task: &language::Task| {
            let own = words(&self.world.task(task).batch(0, WINDOWS).inputs);
            examples.iter().map(|example| cosine(&own, example) as f32).collect::<Vec<f32>>()
        };
        self.read.iter().flat_map(of_task).collect()
    }
}

fn root(seed: u32) -> Seed {
    Seed::new(u64::from(seed)).fork("associations")
}

fn rate(spec: &CheckedSpec) -> Rate {
    let peak = match spec.tuned {
        Tuned::Lora => spec.learning_rate,
        Tuned::Full => spec.full_learning_rate,
    };
    Rate { peak, warm_up: spec.warm_up, steps: spec.steps, shape: Shape::Linear, floor: 0.0 }
}

/// Mean loss of each answer's tokens in nats, and whether the model itself would have written the answer.
fn losses(model: &Llama, mode: &Mode, upstream: &[Upstream]) -> Vec<(f64, bool)> {
    let asked = |one: &Upstream| Continuation { context: one.prompt.clone(), tokens: one.answer.clone() };
    let asked: Vec<Continuation> = upstream.iter().map(asked).collect();
    let said = likelihoods(model, mode, &asked, CONTEXT, &mut |_| {});
    let mean = |(said, asked): (&Likelihood, &Continuation)| {
        (-said.log_probability / asked.tokens.len() as f64, said.is_greedy)
    };
    said.iter().zip(&asked).map(mean).collect()
}

/// A fine-tuning in hand.
pub(super) struct Fine<'a> {
    language: &'a Language,
    spec: &'a CheckedSpec,
    task: usize,
    seed: u32,
    tuning: FineTuning,
    recipe: FineTuningRecipe,
}

impl<'a> Fine<'a> {
    pub fn begin(language: &'a Language, spec: &'a CheckedSpec, task: usize, seed: u32) -> Result<Self, Problems> {
        let mut optimiser = AdamW::default();
        optimiser.weight_decay = 0.0;
        let recipe = FineTuningRecipe {
            rate: rate(spec),
            clip: Some(CLIP),
            pass: Pass::default(),
            dropout: root(seed).fork("dropout"),
            threads: 1,
            diverged_above: DIVERGED,
        };
        let tuning = FineTuning::new(language.tuned(spec, seed)?, Optimiser::AdamW(optimiser), 0);
        Ok(Self { language, spec, task, seed, tuning, recipe })
    }

    /// Takes a step, or after the last one the losses.
    pub fn advance(&mut self) -> Option<Row> {
        let step = self.tuning.steps();
        if step < self.spec.steps {
            let batch = self.language.batch(self.task, self.seed, step, self.spec.batch as usize);
            let told = self.tuning.step(&self.recipe, vec![batch]);
            return told.has_diverged.then(|| Row { rise: Vec::new(), is_right: Vec::new(), diverged: Some(step) });
        }
        let after = losses(&self.tuning.model().valid(), &Mode::ADAPTED, &self.language.upstream);
        let diverged = after.iter().any(|(loss, _)| !loss.is_finite()).then_some(step);
        if diverged.is_some() {
            return Some(Row { rise: Vec::new(), is_right: Vec::new(), diverged });
        }
        let rise = after.iter().zip(&self.language.before).map(|((after, _), before)| (after - before) as f32);
        Some(Row { rise: rise.collect(), is_right: after.iter().map(|&(_, right)| right).collect(), diverged })
    }
}

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
        let rate = rate(spec);
        let scale = (0..spec.steps).map(|step| rate.at(step)).sum();
        Ok(Self { language, model, tasks: Vec::new(), scale, found: Vec::new(), spec, seed })
    }

    /// Takes the gradient of one task or of one example.
    pub fn advance(&mut self) -> Option<Vec<f32>> {
        if self.tasks.len() < self.language.tasks.len() {
            let task = self.tasks.len();
            // As many windows as the first steps read.
            let steps = (WINDOWS as u32).div_ceil(self.spec.batch);
            let batch = self.language.batch(task, self.seed, 0, (steps * self.spec.batch) as usize);
            self.tasks.push(gradient(&self.model, batch));
            return None;
        }
        let one = &self.language.upstream[self.found.len()];
        let own = gradient(&self.model, answer_of(&self.model, one));
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

/// An example as what is trained on: only its answer counts.
fn answer_of(model: &Llama, one: &Upstream) -> MicroBatch {
    let all = [&one.prompt[..], &one.answer[..]].concat();
    let length = all.len() - 1;
    let counts = |place: usize| f32::from(u8::from(place + 1 >= one.prompt.len()));
    MicroBatch {
        sequences: Sequences { tokens: all[..length].to_vec(), sight: model.config().whole(1, length) },
        targets: all[1..].to_vec(),
        weights: (0..length).map(counts).collect(),
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
