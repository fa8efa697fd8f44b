//! One run: a base is tuned and measured, piece by piece.

use core::num::NonZeroU64;
use std::sync::Arc;

use super::base::Base;
use super::cell::{Cell, Job, cells, checkpoints, tests_abilities};
use super::event::{Checkpoint, Ending, Event};
use super::spec::CheckedSpec;
use crate::data::language::{Batch, CONTEXT, Corpus, Part};
use crate::error::{Problem, Problems};
use crate::model::llama::{Llama, Mode, Sequences};
use crate::seed::Seed;
use crate::train::language::{AdamW, Gradients, Rate, Shape};

/// The length to which a step's gradient is cut.
const CLIP: f64 = 1.0;
/// A loss above this has diverged.
const DIVERGED: f32 = 1000.0;
/// Windows that seeds are apart in a stream, so that each reads its own.
const APART: u64 = 1 << 24;

/// A run in hand.
pub struct Run {
    base: Arc<Base>,
    spec: CheckedSpec,
    cell: Cell,
    seed: u32,
    model: Llama,
    optimiser: AdamW,
    rate: Rate,
    checkpoints: Vec<u32>,
    /// Checkpoints told.
    told: usize,
    step: u32,
    ended: bool,
}

impl Run {
    /// Begins on a job.
    ///
    /// # Errors
    /// If the job is none of the spec's, or the base another than its cell's.
    pub fn new(base: Arc<Base>, spec: &CheckedSpec, job: Job) -> Result<Self, Problems> {
        let refused =
            |field: &str, value: String, accepted: &str| Problems(vec![Problem::new(field, &value, accepted)]);
        let cells = cells(spec);
        let cell = *cells
            .get(job.cell as usize)
            .ok_or_else(|| refused("cell", job.cell.to_string(), &format!("0 to {}", cells.len() - 1)))?;
        if (base.size, base.seed, base.set) != (cell.size, spec.base_seed, spec.fine_tuning) {
            let accepted = Base::file(cell.size, spec.base_seed);
            return Err(refused("base", Base::file(base.size, base.seed), &accepted));
        }
        let model = base.model.clone().tune(&cell.tuning(spec), &Self::root(job.seed).fork("adapters"))?;
        let mut optimiser = AdamW::default();
        optimiser.weight_decay = 0.0;
        let rate = Rate {
            peak: cell.learning_rate(spec),
            warm_up: spec.warm_up,
            steps: spec.steps,
            shape: Shape::Constant,
            floor: 0.0,
        };
        Ok(Self {
            checkpoints: checkpoints(spec.steps),
            base,
            spec: spec.clone(),
            cell,
            seed: job.seed,
            model,
            optimiser,
            rate,
            told: 0,
            step: 0,
            ended: false,
        })
    }

    fn root(seed: u32) -> Seed {
        Seed::new(u64::from(seed)).fork("scaling laws")
    }

    /// Steps taken.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        self.ended
    }

    /// Does one thing: a measurement or a step, each some hundredths of a second at most for a base of 0.1 million
    /// parameters, a test of abilities some tenths.
    pub fn advance(&mut self) -> Vec<Event> {
        if self.ended {
            return Vec::new();
        }
        if self.checkpoints[self.told] == self.step {
            return self.measure();
        }
        let loss = self.train();
        if loss.is_finite() && loss < DIVERGED {
            return Vec::new();
        }
        self.ended = true;
        vec![Event::Ended(Ending::Diverged(self.step))]
    }

    fn measure(&mut self) -> Vec<Event> {
        let Base { probe, world, .. } = &*self.base;
        let tests = tests_abilities(self.told, self.checkpoints.len());
        // Without a gradient to follow, nothing is kept of the way forward.
        let model = burn::module::Module::valid(&self.model);
        let mode = &Mode::ADAPTED;
        let point = match self.step {
            0 => Checkpoint {
                step: 0,
                losses: probe.base_losses,
                abilities: Some(probe.base_abilities.clone()),
                texts: Vec::new(),
            },
            step => Checkpoint {
                step,
                losses: probe.losses(&model, mode),
                abilities: tests.then(|| probe.abilities(world, &model, mode)),
                texts: if tests { probe.texts(world, &model, mode) } else { Vec::new() },
            },
        };
        if !point.losses.values().iter().all(|loss| loss.is_finite()) {
            self.ended = true;
            return vec![Event::Ended(Ending::Diverged(self.step))];
        }
        self.told += 1;
        let mut events = vec![Event::Checkpoint(Box::new(point))];
        if self.told == self.checkpoints.len() {
            self.ended = true;
            events.push(Event::Ended(Ending::Complete));
        }
        events
    }

    /// Takes a step; its loss before.
    fn train(&mut self) -> f32 {
        let (sequences, targets, weights) = self.batch();
        let dropout =
            (self.spec.dropout > 0.0).then(|| Self::root(self.seed).fork("dropout").fork(&self.step.to_string()));
        let loss = self.model.loss(&sequences, &targets, &weights, &Mode { adapted: true, dropout });
        let before = loss.clone().into_scalar::<f32>();
        let gradients = Gradients::of(loss, &self.model).clipped(CLIP).0;
        self.step += 1;
        let rate = self.rate.at(self.step);
        let model = self.model.clone();
        self.model = self.optimiser.step(model, gradients, rate);
        before
    }

    /// The windows of the next step: new ones, and replayed ones, whose weights sum to p of the loss.
    fn batch(&self) -> (Sequences, Vec<u32>, Vec<f32>) {
        let (size, p) = (self.spec.batch as usize, self.cell.replay);
        let replayed = size - self.cell.new_windows(&self.spec) as usize;
        let world = &self.base.world;
        let mut new = world.fine_tuning(self.base.set, Part::Train);
        if let Some(windows) = NonZeroU64::new(u64::from(self.spec.windows)) {
            new = new.repeating(windows);
        }
        let mut sum = self.part(&new, size - replayed, 1.0 - p);
        if replayed > 0 {
            let old = self.part(&world.pretraining(), replayed, p);
            sum.inputs.extend(old.inputs);
            sum.targets.extend(old.targets);
            sum.weights.extend(old.weights);
        }
        let sight = self.model.config().whole(size, CONTEXT);
        (Sequences { tokens: sum.inputs, sight }, sum.targets, sum.weights)
    }

    /// Windows of a corpus at this step and seed, their weights summing to a share.
    fn part(&self, corpus: &Corpus<'_>, size: usize, share: f64) -> Batch {
        // Pre-training has read what stands before in its stream.
        let own = corpus.clone().starting_at((u64::from(self.seed) + 1) * APART);
        let mut batch = own.batch(u64::from(self.step), size);
        let total: f64 = batch.weights.iter().map(|&weight| f64::from(weight)).sum();
        if total > 0.0 {
            batch.weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * share / total) as f32);
        }
        batch
    }
}
