//! Which replay is best: fractions p(t) that minimise the old task's loss in the linearised dynamics.

mod course;
mod reference;
mod solve;
mod value;

pub use course::{CHECKPOINTS, Course, Looks, MOST_FREE_SEGMENTS, Outcome};
pub use reference::Reference;
pub use solve::{Optimum, Origin, Search};

use super::theory_error::TheoryError;

/// What is to be small. The three disagree: replay saved for the last steps wins the first and loses the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Objective {
    /// The old task's loss after the last step.
    End,
    /// Its mean over the checkpoints.
    Average,
    /// Its largest value over the checkpoints.
    Worst,
}

impl Objective {
    pub const ALL: [Self; 3] = [Self::End, Self::Average, Self::Worst];

    /// This objective's value.
    pub fn of(self, outcome: &Outcome) -> f64 {
        match self {
            Self::End => outcome.old_task_end,
            Self::Average => outcome.old_task_average,
            Self::Worst => outcome.old_task_worst,
        }
    }
}

/// What a schedule may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The mean of p over time is at most this.
    pub budget: f64,
    /// The ID loss after the last step is at most this; infinity leaves it free.
    pub id_loss: f64,
}

impl Bounds {
    /// # Errors
    /// A budget outside 0 to 1, a bound that is not positive.
    fn checked(self) -> Result<Self, TheoryError> {
        if !(0.0..=1.0).contains(&self.budget) {
            return Err(TheoryError::wrong("replay budget", self.budget, "a number from 0 to 1"));
        }
        if self.id_loss.is_nan() || self.id_loss <= 0.0 {
            return Err(TheoryError::wrong("ID bound", self.id_loss, "a positive number, or infinity"));
        }
        Ok(self)
    }

    fn admits(self, outcome: &Outcome) -> bool {
        outcome.mean_replay <= self.budget * (1.0 + ROUNDING) + f64::MIN_POSITIVE && outcome.id_end <= self.id_loss
    }
}

/// Sums of a budget round.
const ROUNDING: f64 = 1e-12;
