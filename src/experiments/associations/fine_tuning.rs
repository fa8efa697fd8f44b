//! A tiny Llama tuned on one task, and what it has lost then.

use burn::module::Module;

use super::job::Row;
use super::language::{Language, losses, rate, root};
use super::spec::CheckedSpec;
use crate::error::Problems;
use crate::model::llama::Mode;
use crate::train::language::{AdamW, FineTuning, FineTuningRecipe, Optimiser, Pass};

/// A loss above it has diverged, as in the experiment `laws`.
const DIVERGED: f64 = 1000.0;
/// The length to which a step's gradient is cut, as there.
const CLIP: f64 = 1.0;

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
