//! One fine-tuning, step by step, with replay or without.

use super::job::{Outcome, Row};
use super::learner::Learner;
use super::replay::{Draws, Replayed, Slots};

/// A fine-tuning in hand.
pub(super) struct Course<'a> {
    learner: Box<dyn Learner + 'a>,
    slots: Slots,
    step: u32,
    /// What chooses examples; without, nothing is replayed.
    draws: Option<Draws>,
    /// Columns in the order in which they were replayed.
    replayed: Vec<u32>,
    tells_replay: bool,
}

impl<'a> Course<'a> {
    /// A row: nothing is replayed, and nothing is told but the row.
    pub fn row(learner: Box<dyn Learner + 'a>, slots: Slots) -> Self {
        Self { learner, slots, step: 0, draws: None, replayed: Vec::new(), tells_replay: false }
    }

    /// A run of an arm; without draws that of none.
    pub fn of_arm(learner: Box<dyn Learner + 'a>, slots: Slots, draws: Option<Draws>) -> Self {
        Self { draws, tells_replay: true, ..Self::row(learner, slots) }
    }

    /// Takes a step, or after the last one the losses.
    pub fn advance(&mut self) -> Option<Outcome> {
        if self.step == self.slots.steps {
            let row = self.learner.row().unwrap_or_else(|| Row::diverged(self.step));
            return Some(self.told(row));
        }
        let (new, count) = self.slots.of(self.step);
        let mut replayed = Vec::new();
        if let Some(draws) = &mut self.draws {
            if draws.looks_before(self.step) {
                draws.look(&*self.learner);
            }
            replayed = draws.next(count, new.clone(), &*self.learner);
        }
        if let Some(step) = self.learner.step(new, &replayed) {
            return Some(self.told(Row::diverged(step)));
        }
        self.replayed.extend(replayed.into_iter().map(|column| column as u32));
        self.step += 1;
        None
    }

    fn told(&mut self, row: Row) -> Outcome {
        if !self.tells_replay {
            return Outcome::Row(row);
        }
        let task_loss = if row.diverged.is_some() { f32::NAN } else { self.learner.task_loss() as f32 };
        Outcome::Replayed(Replayed { row, task_loss, replayed: core::mem::take(&mut self.replayed) })
    }
}
