//! Endless streams of windows, any step of which can be had at once.

use super::{
    LanguageWorld,
    document::{Document, Rest, window},
    tasks::Task,
};
use crate::seed::{Seed, Stream};

/// Positions of a window.
pub const CONTEXT: usize = 32;

/// Windows of [`CONTEXT`] positions side by side.
///
/// # Shapes
///
/// All three are `[windows, CONTEXT]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    pub inputs: Vec<u32>,
    /// What follows each input.
    pub targets: Vec<u32>,
    /// How much each target counts; the loss is sum(w_i nll_i) / sum(w_i).
    pub weights: Vec<f32>,
}

/// Which documents a corpus is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    General,
    Pretraining,
    Instructions(Part),
    News(Part),
    Task(Task),
}

/// The instances and phrasings that are trained, or those kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Train,
    HeldOut,
}

/// A stream of windows. Window number k depends on the seed and on k alone, so that training goes on from any step.
#[derive(Clone, Debug)]
pub struct Corpus<'a> {
    world: &'a LanguageWorld,
    kind: Kind,
    seed: Seed,
    /// Number of the first window.
    first: u64,
    windows: Option<u64>,
}

impl<'a> Corpus<'a> {
    pub(super) fn new(world: &'a LanguageWorld, kind: Kind, label: &str) -> Self {
        Self { world, kind, seed: world.seed.fork(label), first: 0, windows: None }
    }

    /// The same stream from its window number `first` on.
    pub fn starting_at(self, first: u64) -> Self {
        Self { first, ..self }
    }

    /// The same corpus of its first `windows` windows only, over and over again: epochs.
    pub fn repeating(self, windows: core::num::NonZeroU64) -> Self {
        Self { windows: Some(windows.get()), ..self }
    }

    /// The `size` windows of a step, counted from 0: window number `step * size` from its start and those that follow.
    pub fn batch(&self, step: u64, size: usize) -> Batch {
        let mut batch = Batch { inputs: Vec::new(), targets: Vec::new(), weights: Vec::new() };
        for row in 0..size as u64 {
            let window = self.window(step.wrapping_mul(size as u64).wrapping_add(row));
            batch.inputs.extend_from_slice(&window.tokens[..CONTEXT]);
            batch.targets.extend_from_slice(&window.tokens[1..]);
            batch.weights.extend_from_slice(&window.weights[1..]);
        }
        batch
    }

    /// The documents that windows are filled with, one after the other without an end, each with its end token. Those
    /// of a number are a matter of the seed, not of windows.
    pub fn documents(&self) -> impl Iterator<Item = Vec<u32>> {
        let seed = self.seed.fork("documents");
        (0u64..).map(move |number| self.document(&mut seed.fork(&number.to_string()).stream()).tokens)
    }

    /// A window of one token more than it has positions, since each is followed by a target.
    fn window(&self, number: u64) -> Document {
        let number = self.first.wrapping_add(self.windows.map_or(number, |windows| number % windows));
        let mut stream = self.seed.fork(&number.to_string()).stream();
        let rest = match self.kind {
            Kind::General | Kind::Pretraining => Rest::Text,
            Kind::Instructions(_) | Kind::News(_) | Kind::Task(_) => Rest::Padding,
        };
        let sentence = |stream: &mut Stream| Document::text(self.world.grammar.sample(stream));
        window(CONTEXT + 1, rest, &mut stream, |stream| self.document(stream), sentence)
    }

    fn document(&self, stream: &mut Stream) -> Document {
        match self.kind {
            Kind::General => Document::text(self.world.grammar.sample(stream)),
            Kind::Pretraining => self.world.pretraining_document(stream),
            Kind::Instructions(part) => self.world.instruction(part, stream),
            Kind::News(part) => self.world.news_document(part, stream),
            Kind::Task(task) => self.world.task_document(task, stream),
        }
    }
}
