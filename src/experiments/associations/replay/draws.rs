//! Which examples are replayed next.

use core::ops::Range;

use super::super::language::root;
use super::super::learner::Learner;
use super::super::spec::CheckedSpec;
use super::aim::{Aim, completed};
use super::arm::Arm;
use super::split::ReplaySplit;
use crate::associations::replay_order;
use crate::seed::{Seed, Stream};
use crate::stats::sorted_by_key;

/// Candidates for each example that maximally interfered retrieval replays.
const CANDIDATES: usize = 16;
/// Part of the steps in which the online arm replays at random.
const RANDOM_PART: u32 = 10;

/// Draws without replacement; where all of the pool is replayed it begins anew. What is random depends on the task and
/// the seed, and is shared by all arms.
pub(in super::super) struct Draws {
    arm: Arm,
    split: ReplaySplit,
    temperature: f64,
    rises: Vec<f64>,
    /// What the online arm completes from, until it has.
    rows: Option<Vec<f32>>,
    /// The step before which it does, and the places that it looks at.
    looks_at: (u32, Vec<usize>),
    seed: Seed,
    /// The number of the seed.
    number: u32,
    /// How often all of the pool was replayed.
    epoch: u32,
    /// Places of the pool that wait, the next one last.
    waiting: Vec<usize>,
    candidates: Stream,
}

impl Draws {
    /// Before the first of `steps` steps; `aim` is none that is lost.
    pub fn new(
        spec: &CheckedSpec,
        split: ReplaySplit,
        (task, seed, arm): (usize, u32, Arm),
        aim: Aim,
        steps: u32,
    ) -> Self {
        let (rises, rows) = match aim {
            Aim::Rises(rises) => (rises, None),
            Aim::Rows(rows) => (vec![0.0; split.pool.len()], Some(rows)),
            Aim::Nothing | Aim::Lost(_) => (vec![0.0; split.pool.len()], None),
        };
        let own = root(seed).fork("replay").fork(&task.to_string());
        let mut draws = Self {
            arm,
            temperature: spec.temperature,
            rises,
            rows,
            looks_at: (steps.div_ceil(RANDOM_PART), split.observed(spec, task, seed)),
            seed: own,
            number: seed,
            epoch: 0,
            waiting: Vec::new(),
            candidates: own.fork("candidates").stream(),
            split,
        };
        draws.refill();
        draws
    }

    /// All of the pool waits, in an order by the rises.
    fn refill(&mut self) {
        let seed = self.seed.fork(&format!("epoch {}", self.epoch));
        self.waiting = replay_order(&self.rises, self.temperature, seed);
        self.waiting.reverse();
        self.epoch += 1;
    }

    /// Whether rises are to be measured before this step.
    pub fn looks_before(&self, step: u32) -> bool {
        self.rows.is_some() && step == self.looks_at.0
    }

    /// Measures some rises on the model in hand, completes the others, and puts what still waits into a new order.
    pub fn look(&mut self, learner: &dyn Learner) {
        let Some(rows) = self.rows.take() else { return };
        let places = &self.looks_at.1;
        let columns: Vec<usize> = places.iter().map(|&place| self.split.pool[place]).collect();
        let rises = learner.rises(&columns);
        let seen: Vec<(usize, f32)> = places
            .iter()
            .zip(rises)
            .filter(|(_, rise)| rise.is_finite())
            .map(|(&place, rise)| (place, rise as f32))
            .collect();
        self.rises = completed(self.arm, &rows, &seen, self.split.pool.len(), self.number);
        let left: Vec<f64> = self.waiting.iter().map(|&place| self.rises[place]).collect();
        let order = replay_order(&left, self.temperature, self.seed.fork("aimed"));
        self.waiting = order.into_iter().rev().map(|place| self.waiting[place]).collect();
    }

    /// The columns of the next examples; `new` are the windows beside which they are replayed.
    pub fn next(&mut self, count: usize, new: Range<u64>, learner: &dyn Learner) -> Vec<usize> {
        let mut chosen = Vec::with_capacity(count);
        while chosen.len() < count {
            if self.waiting.is_empty() {
                self.refill();
            }
            let wanted = (count - chosen.len()).min(self.waiting.len());
            if self.arm == Arm::Mir && !new.is_empty() {
                self.interfered(wanted, new.clone(), learner);
            }
            let places = self.waiting.split_off(self.waiting.len() - wanted);
            chosen.extend(places.into_iter().rev().map(|place| self.split.pool[place]));
        }
        chosen
    }

    /// Puts at the end what a step on the new windows alone would raise most, of candidates drawn at random.
    fn interfered(&mut self, count: usize, new: Range<u64>, learner: &dyn Learner) {
        let waiting = self.waiting.len();
        let first = waiting.saturating_sub(CANDIDATES * count);
        for end in (first..waiting).rev() {
            self.waiting.swap(end, self.candidates.below(end as u32 + 1) as usize);
        }
        let candidates = self.waiting.split_off(first);
        let columns: Vec<usize> = candidates.iter().map(|&place| self.split.pool[place]).collect();
        let rises = learner.ahead(new, &columns);
        let by_rise = sorted_by_key((0..candidates.len()).collect(), |&k: &usize| rises[k]);
        self.waiting.extend(by_rise.into_iter().map(|k| candidates[k]));
    }
}
