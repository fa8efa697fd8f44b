//! The old task's loss over all of a fine-tuning, looked at as often as the prediction looks.

use serde::{Deserialize, Serialize};

use crate::experiments::curriculum::OverTime;
use crate::kernel::optimum::CHECKPOINTS;
use crate::train::ReplaySchedule;

/// A planned branch under way: its schedule, and what has been seen so far. Looks are at the start, every so many
/// steps, and at the end; so how many there were follows from the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Underway {
    pub schedule: ReplaySchedule,
    /// Of the losses seen.
    sum: f64,
    worst: f64,
}

impl Underway {
    /// A branch at its beginning, with the loss there.
    pub fn new(schedule: ReplaySchedule, loss: f32) -> Self {
        let loss = f64::from(loss);
        Self { schedule, sum: loss, worst: loss }
    }

    /// The next step after `step` that is looked at.
    pub fn next_look(step: u32, steps: u32) -> u32 {
        let stride = stride(steps);
        (step / stride + 1).saturating_mul(stride).min(steps)
    }

    /// Takes in the loss after a step, if that is looked at.
    pub fn look(&mut self, step: u32, steps: u32, loss: impl FnOnce() -> f32) {
        if step > 0 && (step.is_multiple_of(stride(steps)) || step == steps) {
            let loss = f64::from(loss());
            self.sum += loss;
            self.worst = self.worst.max(loss);
        }
    }

    /// What was seen in all `steps` steps; `None` where that is no number.
    pub fn over_time(&self, steps: u32) -> Option<OverTime> {
        let looks = 1 + steps.div_ceil(stride(steps));
        self.sum.is_finite().then(|| OverTime { average: self.sum / f64::from(looks), worst: self.worst })
    }

    /// Whether a branch can be under way like this.
    pub fn is_sound(&self, segments: u32) -> bool {
        let is_loss = |value: f64| value.is_finite() && value >= 0.0;
        is_loss(self.sum)
            && is_loss(self.worst)
            && self.schedule.segments().len() == segments as usize
            && ReplaySchedule::new(self.schedule.segments().to_vec()).is_some()
    }
}

/// Steps from one look to the next.
fn stride(steps: u32) -> u32 {
    steps.div_ceil(CHECKPOINTS as u32)
}
