//! A tiny Llama, tasks of its language, and what it knows.

use core::ops::Range;

use burn::module::Module;

use super::rows::rows;
use super::similarity::{cosine, counts};
use super::spec::{CheckedSpec, Tuned};
use super::subject::{Example, Task};
use crate::data::language::{self, Batch, CONTEXT, LanguageWorld, Upstream, UpstreamKind, Vocabulary};
use crate::error::Problems;
use crate::experiments::scaling;
use crate::metrics::likelihood::{Continuation, Likelihood, likelihoods};
use crate::model::llama::{Fault, Llama, Mode, Sequences, Tuning};
use crate::seed::Seed;
use crate::train::language::MicroBatch;

/// Windows that seeds are apart in a stream, so that each reads its own.
const APART: u64 = 1 << 24;
/// Windows of a task whose words, and whose gradient, are its own.
pub(super) const WINDOWS: usize = 64;

/// A base of the language world with everything that rows need.
pub struct Language {
    world: LanguageWorld,
    model: Llama,
    read: Vec<language::Task>,
    pub(super) upstream: Vec<Upstream>,
    /// Loss of each example by the base, nats a token of the answer.
    pub(super) before: Vec<f64>,
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
        Ok(Self {
            tasks: rows(spec),
            read: spec.language_tasks(),
            examples: upstream.iter().zip(&said).map(example).collect(),
            before: said.iter().map(|&(loss, _)| loss).collect(),
            world,
            model,
            upstream,
        })
    }

    /// The base as it is before its first step.
    ///
    /// # Errors
    /// A rank that no layer has.
    pub(super) fn tuned(&self, spec: &CheckedSpec, seed: u32) -> Result<Llama, Problems> {
        let tuning = match spec.tuned {
            Tuned::Lora => Tuning::Lora(scaling::Spec::default().lora(spec.rank)),
            Tuned::Full => Tuning::Full,
        };
        self.model.clone().tune(&tuning, &root(seed).fork("adapters"))
    }

    /// What a step reads: windows of a task by their numbers, then examples, each a window of its own.
    pub(super) fn batch(&self, task: usize, seed: u32, new: Range<u64>, replayed: &[usize]) -> MicroBatch {
        let first = (u64::from(seed) + 1) * APART + new.start;
        let windows = (new.end - new.start) as usize;
        let mut batch = self.world.task(self.read[task]).starting_at(first).batch(0, windows);
        for &column in replayed {
            let Batch { inputs, targets, weights } = window(&self.upstream[column], CONTEXT);
            batch.inputs.extend(inputs);
            batch.targets.extend(targets);
            batch.weights.extend(weights);
        }
        self.micro_batch(batch, CONTEXT)
    }

    /// Windows of so many positions as a model reads them.
    pub(super) fn micro_batch(&self, batch: Batch, positions: usize) -> MicroBatch {
        let sight = self.model.config().whole(batch.inputs.len() / positions, positions);
        MicroBatch {
            sequences: Sequences { tokens: batch.inputs, sight },
            targets: batch.targets,
            weights: batch.weights,
        }
    }

    /// See [`Subject::features`](super::Subject::features).
    pub(super) fn representations(&self) -> [Vec<f32>; 2] {
        let model = self.model.valid();
        let mean = |tokens: Vec<u32>, windows: usize| {
            let sight = model.config().whole(windows, tokens.len() / windows);
            let hidden = model.hidden(&Sequences { tokens, sight }, &Mode::BASE);
            hidden.mean_dim(0).into_data().iter::<f32>().collect::<Vec<f32>>()
        };
        let of_task = |&task: &language::Task| mean(self.world.task(task).batch(0, WINDOWS).inputs, WINDOWS);
        let of_example = |one: &Upstream| mean([&one.prompt[..], &one.answer[..]].concat(), 1);
        [self.read.iter().flat_map(of_task).collect(), self.upstream.iter().flat_map(of_example).collect()]
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

/// Where the draws of a seed come from.
pub(super) fn root(seed: u32) -> Seed {
    Seed::new(u64::from(seed)).fork("associations")
}

/// An example as what is trained on: only its answer counts, and what follows it is padding.
///
/// # Panics
/// If it has more than `positions` tokens and one.
pub(super) fn window(one: &Upstream, positions: usize) -> Batch {
    let all = [&one.prompt[..], &one.answer[..]].concat();
    let length = all.len() - 1;
    assert!(length <= positions, "an example that fits");
    let filled = |tokens: &[u32]| {
        tokens.iter().copied().chain(core::iter::repeat(Vocabulary::PAD)).take(positions).collect::<Vec<u32>>()
    };
    let counts = |place: usize| f32::from(u8::from((one.prompt.len()..=length).contains(&(place + 1))));
    Batch { inputs: filled(&all[..length]), targets: filled(&all[1..]), weights: (0..positions).map(counts).collect() }
}

/// Mean loss of each answer's tokens in nats, and whether the model itself would have written the answer.
pub(super) fn losses(model: &Llama, mode: &Mode, upstream: &[Upstream]) -> Vec<(f64, bool)> {
    let asked = |one: &Upstream| Continuation { context: one.prompt.clone(), tokens: one.answer.clone() };
    let asked: Vec<Continuation> = upstream.iter().map(asked).collect();
    let said = likelihoods(model, mode, &asked, CONTEXT, &mut |_| true).expect("it goes on to the end");
    let mean = |(said, asked): (&Likelihood, &Continuation)| {
        (-said.log_probability / asked.tokens.len() as f64, said.is_greedy)
    };
    said.iter().zip(&asked).map(mean).collect()
}
