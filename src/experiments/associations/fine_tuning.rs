//! A tiny Llama in tuning on one task, and what it has lost.

use core::ops::Range;

use burn::module::Module;

use super::job::Row;
use super::language::{Language, losses, root};
use super::learner::Learner;
use super::spec::{CheckedSpec, Tuned};
use crate::data::language::Upstream;
use crate::error::Problems;
use crate::model::llama::Mode;
use crate::train::language::{AdamW, FineTuning, FineTuningRecipe, Optimiser, Pass, Rate, Shape};

/// A loss above it has diverged, as in the experiment `laws`.
const DIVERGED: f64 = 1000.0;
/// The length to which a step's gradient is cut, as there.
const CLIP: f64 = 1.0;
/// Windows by which is told how well the task was learned. They come where no fine-tuning reads.
const TOLD_BY: Range<u64> = 1 << 23..(1 << 23) + 64;

/// The rate of every step of so many.
pub(super) fn rate(spec: &CheckedSpec, steps: u32) -> Rate {
    let peak = match spec.tuned {
        Tuned::Lora => spec.learning_rate,
        Tuned::Full => spec.full_learning_rate,
    };
    Rate { peak, warm_up: spec.warm_up, steps, shape: Shape::Linear, floor: 0.0 }
}

/// A fine-tuning in hand.
pub(super) struct Fine<'a> {
    language: &'a Language,
    task: usize,
    seed: u32,
    tuning: FineTuning,
    recipe: FineTuningRecipe,
}

impl<'a> Fine<'a> {
    /// Before the first step of `steps`.
    pub fn begin(
        language: &'a Language,
        spec: &CheckedSpec,
        task: usize,
        seed: u32,
        steps: u32,
    ) -> Result<Self, Problems> {
        let mut optimiser = AdamW::default();
        optimiser.weight_decay = 0.0;
        let recipe = FineTuningRecipe {
            rate: rate(spec, steps),
            clip: Some(CLIP),
            pass: Pass::default(),
            dropout: root(seed).fork("dropout"),
            threads: 1,
            diverged_above: DIVERGED,
        };
        let tuning = FineTuning::new(language.tuned(spec, seed)?, Optimiser::AdamW(optimiser), 0);
        Ok(Self { language, task, seed, tuning, recipe })
    }

    fn losses(&self, tuning: &FineTuning, columns: &[usize]) -> Vec<f64> {
        let asked: Vec<Upstream> = columns.iter().map(|&column| self.language.upstream[column].clone()).collect();
        losses(&tuning.model().valid(), &Mode::ADAPTED, &asked).iter().map(|&(loss, _)| loss).collect()
    }
}

impl Learner for Fine<'_> {
    fn step(&mut self, new: Range<u64>, replayed: &[usize]) -> Option<u32> {
        let step = self.tuning.steps();
        let batch = self.language.batch(self.task, self.seed, new, replayed);
        self.tuning.step(&self.recipe, vec![batch]).has_diverged.then_some(step)
    }

    fn ahead(&self, new: Range<u64>, columns: &[usize]) -> Vec<f64> {
        let mut ahead = self.tuning.clone();
        ahead.step(&self.recipe, vec![self.language.batch(self.task, self.seed, new, &[])]);
        let (now, then) = (self.losses(&self.tuning, columns), self.losses(&ahead, columns));
        then.iter().zip(&now).map(|(then, now)| then - now).collect()
    }

    fn rises(&self, columns: &[usize]) -> Vec<f64> {
        let before = columns.iter().map(|&column| self.language.before[column]);
        self.losses(&self.tuning, columns).iter().zip(before).map(|(now, before)| now - before).collect()
    }

    fn row(&self) -> Option<Row> {
        let after = losses(&self.tuning.model().valid(), &Mode::ADAPTED, &self.language.upstream);
        let rise = after.iter().zip(&self.language.before).map(|((after, _), before)| (after - before) as f32);
        after.iter().all(|(loss, _)| loss.is_finite()).then(|| Row {
            rise: rise.collect(),
            is_right: after.iter().map(|&(_, right)| right).collect(),
            diverged: None,
        })
    }

    fn task_loss(&self) -> f64 {
        self.tuning.loss(Pass::default(), [self.language.batch(self.task, self.seed, TOLD_BY, &[])]).0
    }
}
