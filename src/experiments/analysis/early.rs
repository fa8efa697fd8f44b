//! The first steps: replay slows at first order, and pulls back at second.

use ndarray::Array1;

use super::Analysis;
use super::NoPlan;
use crate::kernel::{Rule, TheoryError};

/// The first two orders in time of the old task's outputs, f_0 + t v + t^2 / 2 u with t = rate x steps (momentum:
/// over 1 - beta).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Early {
    /// Mean of v over the X2 test points, per step.
    pub drift_per_step: f64,
    /// |v| over that without replay; 1 - p where the old task is fitted. `None` where nothing moves without replay.
    pub slowdown: Option<f64>,
    /// What replay adds at second order, u - (1 - p)^2 u(p = 0), against the drift: the share of it that is pulled
    /// back, per step. `None` without replay, with replay alone, or where nothing moves.
    pub pull_per_step: Option<f64>,
    /// The step at which this would have undone the whole drift; `None` where it does not pull back.
    pub balance_step: Option<f64>,
}

/// Recovery after the new task is fitted, at leading order in p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowRecovery {
    /// Old-task loss on the training points where the new task is just fitted.
    pub loss: f64,
    /// The fastest rate, per unit of p t.
    pub fastest: f64,
    /// Steps at this replay fraction that halve the loss; `None` at p = 0 and where they are too many to count.
    pub steps_to_half: Option<f64>,
}

impl Analysis {
    /// The first two orders at a replay fraction.
    ///
    /// # Errors
    /// A fraction outside 0 to 1; values too large for a double.
    pub fn early(&self, replay: f64) -> Result<Early, NoPlan> {
        let old_points = self.old_points();
        let on_old = |values: &Array1<f64>| old_points.iter().map(|&point| values[point]).collect::<Array1<f64>>();
        let at = |replay| self.linearised.short_time(&self.mixture.weights(replay)?);
        let (here, without) = (at(replay)?, at(0.0)?);
        let (v, v_0) = (on_old(&here.first), on_old(&without.first));
        let time = self.time_per_step();
        let pull = on_old(&here.second) - on_old(&without.second) * ((1.0 - replay) * (1.0 - replay));
        let (size, size_0) = (v.dot(&v), v_0.dot(&v_0));
        // t v + t^2 / 2 pull, along v: the share pulled back after t is -pull.v / v.v x t / 2.
        let mixed = replay > 0.0 && replay < 1.0;
        let pull_per_step = Some(-0.5 * time * pull.dot(&v) / size).filter(|share| mixed && share.is_finite());
        Ok(Early {
            drift_per_step: time * v.sum() / v.len() as f64,
            slowdown: Some((size / size_0).sqrt()).filter(|ratio| ratio.is_finite()),
            pull_per_step,
            balance_step: pull_per_step.filter(|&share| share > 0.0).map(|share| 1.0 / share),
        })
    }

    /// The recovery at a replay fraction.
    ///
    /// # Errors
    /// A new task whose kernel is singular: its examples cannot all be fitted.
    pub fn recovery(&self, replay: f64) -> Result<SlowRecovery, NoPlan> {
        let recovery = self.linearised.recovery(&self.mixture)?;
        let loss = recovery.old_task_loss(0.0)?;
        let left = |clock: f64| Ok::<_, TheoryError>(recovery.old_task_loss(clock)? <= 0.5 * loss);
        let fastest = recovery.rates.first().copied().unwrap_or_default();
        let mut steps_to_half = None;
        if replay > 0.0 && fastest > 0.0 && loss > 0.0 {
            // The clock doubles until half is gone; then the moment is bisected.
            let mut clock = 0.5 / fastest;
            while clock < LONGEST_CLOCK / fastest && !left(clock)? {
                clock *= 2.0;
            }
            if left(clock)? {
                let mut low = 0.0;
                for _ in 0..60 {
                    let middle = 0.5 * (low + clock);
                    *(if left(middle)? { &mut clock } else { &mut low }) = middle;
                }
                steps_to_half = Some(clock / (replay * self.time_per_step()));
            }
        }
        Ok(SlowRecovery { loss, fastest, steps_to_half })
    }

    /// Flow's time that passes in one step.
    fn time_per_step(&self) -> f64 {
        match self.rule {
            Rule::Flow => 1.0,
            Rule::Descent { rate } => rate,
            Rule::Momentum { rate, beta } => rate / (1.0 - beta),
        }
    }
}

/// Times the fastest mode's own time: slower recovery is not waited for.
const LONGEST_CLOCK: f64 = 1e12;
