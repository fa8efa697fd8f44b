//! Schedules of replay: what they come to, and which the kernel prescribes.

use super::{Analysis, NoPlan, wrong};
use crate::experiments::run::planner::{bounds, written};
use crate::kernel::optimum::{Bounds, Course, Objective, Optimum, Outcome, Reference};
use crate::kernel::{Reduced, TheoryError};

/// What schedules are held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Mean replay fraction over the steps of fine-tuning, at most.
    pub budget: f64,
    /// Segments of equal length, each with a fraction of its own.
    pub segments: usize,
    /// The ID loss at the end may be at most this times that of uniform replay.
    pub id_slack: f64,
}

/// The best outcome under each budget for one objective; `None` where no schedule was found to keep the ID bound.
pub type Front = (Objective, Vec<Option<Outcome>>);

impl Analysis {
    /// The course of fine-tuning in segments of equal length, on which schedules are tried.
    ///
    /// # Errors
    /// 0 or more than 64 segments, or more segments than steps; a learning rate beyond the stability bound at some
    /// replay fraction.
    pub fn course(&self, segments: usize) -> Result<Course<'_>, NoPlan> {
        self.course_in(&self.reduced, segments)
    }

    fn course_in<'a>(&self, reduced: &'a Reduced, segments: usize) -> Result<Course<'a>, NoPlan> {
        let steps = self.steps() as usize;
        Ok(Course::new(reduced, &self.id, &self.old_task, self.rule, steps, segments)?)
    }

    /// What the fractions of equal segments come to, in a few milliseconds.
    ///
    /// # Errors
    /// As [`Analysis::course`]; a fraction outside 0 to 1.
    pub fn foreseen(&self, fractions: &[f64]) -> Result<Outcome, NoPlan> {
        Ok(self.course(fractions.len())?.outcome(fractions)?)
    }

    /// The schedule that the kernel prescribes for an objective, as the experiment `curriculum` does.
    ///
    /// # Errors
    /// As [`Analysis::course`]; terms that are none, or that no schedule was found to keep.
    pub fn prescribed(&self, objective: Objective, terms: Terms) -> Result<Vec<f64>, NoPlan> {
        let course = self.course(terms.segments)?;
        let found = course.best(objective, bounds(&course, terms.budget, terms.id_slack)?, &[])?;
        Ok(written(&found.outcome.fractions))
    }

    /// The constant replay fraction that is best for an objective, whatever it spends, where the ID loss at the end
    /// may be at most `id_slack` times that without replay.
    ///
    /// # Errors
    /// As [`Analysis::course`]; a slack that is not positive, or that no fraction was found to keep.
    pub fn best_constant(&self, objective: Objective, id_slack: f64) -> Result<f64, NoPlan> {
        if id_slack.is_nan() || id_slack <= 0.0 {
            return Err(wrong("ID slack", id_slack, "a positive number, or infinity"));
        }
        let course = self.course_in(&self.coarse, 1)?;
        // An ID loss of 0 makes a bound that is none; the smallest positive one admits it.
        let id_loss = (id_slack * course.outcome(&[0.0])?.id_end).max(f64::MIN_POSITIVE);
        let best = course.best(objective, Bounds { budget: 1.0, id_loss }, &[])?;
        Ok(best.outcome.fractions[0])
    }

    /// The best outcome for each objective under each budget. Schedules are searched for in coordinates that leave out
    /// a ten-thousandth of the kernel's trace, so that the ID bound holds to about a per cent; what they come to is
    /// said by all.
    ///
    /// # Errors
    /// As [`Analysis::course`]; budgets that are none.
    pub fn front(&self, terms: Terms, budgets: &[f64]) -> Result<Vec<Front>, NoPlan> {
        let (course, coarse) = (self.course(terms.segments)?, self.course_in(&self.coarse, terms.segments)?);
        let bounds = budgets.iter().map(|&budget| bounds(&coarse, budget, terms.id_slack));
        let bounds = bounds.collect::<Result<Vec<_>, TheoryError>>()?;
        let whole = |found: Optimum| course.outcome(&found.outcome.fractions);
        let front = |objective| {
            let found = coarse.front(objective, &bounds).into_iter().map(|found| found.ok().map(whole).transpose());
            Ok((objective, found.collect::<Result<_, TheoryError>>()?))
        };
        Objective::ALL.into_iter().map(front).collect()
    }

    /// What the reference schedules come to at the budget of the terms.
    ///
    /// # Errors
    /// As [`Analysis::course`]; a budget outside 0 to 1.
    pub fn references(&self, terms: Terms) -> Result<Vec<(Reference, Outcome)>, NoPlan> {
        let course = self.course(terms.segments)?;
        let outcome = |reference: Reference| {
            Ok((reference, course.outcome(&reference.fractions(terms.budget, course.durations()))?))
        };
        Reference::ALL.into_iter().map(outcome).collect()
    }

    /// What uniform replay comes to under each budget.
    ///
    /// # Errors
    /// As [`Analysis::course`]; a budget outside 0 to 1.
    pub fn uniform(&self, budgets: &[f64]) -> Result<Vec<Outcome>, NoPlan> {
        let course = self.course(1)?;
        budgets.iter().map(|&budget| Ok(course.outcome(&[budget])?)).collect()
    }
}
