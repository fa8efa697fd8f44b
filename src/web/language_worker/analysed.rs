//! Runs with the laws fitted to them, and what is made of these piece by piece.

use super::answer::{Advised, Resampled};
use crate::figure::Figure;
use crate::laws::{Bootstrap, Intervals, Pilot, PilotResample, Refusal, Resample, Robust};
use crate::report::advised;
use crate::report::scaling::{Fitted, figures_of};

/// Resamples of a fit.
const RESAMPLES: usize = 1000;

/// Runs, and what is known of them.
pub struct Analysed {
    pub fitted: Fitted,
    pub figures: Vec<Figure>,
    pub intervals: Option<Intervals>,
    resamples: Vec<Resample>,
    pilot: Option<Result<Piloted, Refusal>>,
}

/// A pilot with its resamples.
struct Piloted {
    pilot: Pilot,
    resamples: Vec<Option<PilotResample>>,
}

impl Analysed {
    /// Runs with these figures.
    pub fn new(fitted: Fitted, figures: Vec<Figure>) -> Self {
        Self { fitted, figures, intervals: None, resamples: Vec::new(), pilot: None }
    }

    /// The visitor's own runs.
    pub fn of_runs(fitted: Fitted) -> Self {
        let figures = figures_of(&fitted);
        Self::new(fitted, figures)
    }

    /// Makes more resamples of the fits; after the last one there are intervals.
    pub fn bootstrap(&mut self, count: usize) -> Resampled {
        let done = Resampled { done: RESAMPLES, of: RESAMPLES };
        let Ok(found) = &self.fitted.found else { return done };
        let Some(bootstrap) = Bootstrap::new(&found.observations, found.joint.as_ref()) else { return done };
        let next = self.resamples.len()..RESAMPLES.min(self.resamples.len() + count);
        self.resamples.extend(next.map(|index| bootstrap.resample(index)));
        if self.resamples.len() == RESAMPLES && self.intervals.is_none() {
            self.intervals = Some(bootstrap.intervals(&self.resamples));
        }
        Resampled { done: self.resamples.len(), of: RESAMPLES }
    }

    /// What to do where so much may be forgotten.
    ///
    /// # Errors
    /// A budget that is no number.
    pub fn advise(&mut self, budget: f64) -> Result<Advised, String> {
        if !budget.is_finite() {
            return Err(format!("budget = {budget}; accepted: a finite number of nats"));
        }
        let observations = &self.fitted.observations;
        let piloted = self.pilot.get_or_insert_with(|| {
            let pilot = Pilot::new(observations, Robust::Squares)?;
            let resamples = (0..RESAMPLES).map(|index| pilot.resample(index)).collect();
            Ok(Piloted { pilot, resamples })
        });
        let advice = match piloted {
            Ok(Piloted { pilot, resamples }) => pilot.advise(budget, resamples),
            Err(refusal) => Err(refusal.clone()),
        };
        Ok(match advice {
            Ok(advice) => Advised { sentence: advised(&advice), advice: Some(advice), refusal: None },
            Err(refusal) => {
                Advised { sentence: format!("No advice. {}", refusal.reason), advice: None, refusal: Some(refusal) }
            }
        })
    }
}
