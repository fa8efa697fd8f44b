//! Losses over the steps of fine-tuning, predicted and trained.

use super::NoPlan;
use super::{Analysis, alone};
use crate::experiments::checkpoint::JobCheckpoint;
use crate::experiments::event::Event;
use crate::experiments::job::checkpoints;
use crate::experiments::run::JobRun;
use crate::kernel::{Schedule, TheoryError};

/// Losses on the test points after so many steps; shorter than the steps asked for where the numbers leave what can
/// be held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    pub steps: Vec<u32>,
    /// X2 with its label.
    pub old_task: Vec<f64>,
    /// X1 with its new label.
    pub new_task: Vec<f64>,
}

impl Analysis {
    /// The losses predicted at a constant replay fraction, at the checkpoints of a run.
    ///
    /// The curve is that of the reduced coordinates, which leave out a millionth of the kernel's trace.
    ///
    /// # Errors
    /// A fraction outside 0 to 1.
    pub fn predicted(&self, replay: f64) -> Result<Curve, NoPlan> {
        self.along(&[replay], &checkpoints(self.steps()))
    }

    /// The losses predicted under fractions of equal segments, at rising steps.
    ///
    /// # Errors
    /// No fractions, one outside 0 to 1; steps beyond the last.
    pub fn along(&self, fractions: &[f64], steps: &[u32]) -> Result<Curve, NoPlan> {
        // Checked whole, then cut where the last step asked for is.
        let schedule = Schedule::even(fractions, self.steps() as usize)?;
        let mut asked = steps.len();
        loop {
            match self.followed(&schedule, &steps[..asked]) {
                // Where the last are beyond what a double holds, the others are still told.
                Err(NoPlan::Theory(TheoryError::Overflow { .. })) if asked > 0 => asked -= 1,
                found => return found,
            }
        }
    }

    fn followed(&self, schedule: &Schedule, steps: &[u32]) -> Result<Curve, NoPlan> {
        let Some(&last) = steps.last() else { return Ok(Curve::default()) };
        let mut left = f64::from(last);
        let mut segments = schedule.segments().to_vec();
        for segment in &mut segments {
            segment.duration = segment.duration.min(left);
            left -= segment.duration;
        }
        let times: Vec<f64> = steps.iter().map(|&step| f64::from(step)).collect();
        let outputs = self.reduced.trajectory(&Schedule::new(segments)?, self.rule, &times)?;
        let mut curve = Curve::default();
        for (&step, row) in steps.iter().zip(outputs.rows()) {
            let [new_task, old_task] = self.losses(&row.to_owned())?;
            if !(new_task.is_finite() && old_task.is_finite()) {
                break;
            }
            curve.push(step, new_task, old_task);
        }
        Ok(curve)
    }

    /// The losses that training comes to at constant replay fractions, from where the kernel was taken; one curve
    /// for each, which ends where training blows up.
    ///
    /// # Errors
    /// More than 16 fractions, or one outside 0 to 1.
    pub fn measured(&self, fractions: &[f64]) -> Result<Vec<Curve>, NoPlan> {
        let spec = alone(&self.spec, self.job, fractions.to_vec())?;
        let pretrained =
            JobCheckpoint { pretrained: Some(self.parameters.clone()), ..JobCheckpoint::beginning(self.job) };
        let mut run = JobRun::resume(&spec, pretrained).ok_or(NoPlan::NoKernel)?;
        let mut curves = vec![Curve::default(); fractions.len()];
        while !run.is_done() {
            for event in run.advance(f64::INFINITY) {
                if let Event::Checkpoint { branch: Some(branch), point } = event {
                    let measures = point.measures;
                    curves[branch as usize].push(point.step, f64::from(measures.id_loss), f64::from(measures.old_loss));
                }
            }
        }
        Ok(curves)
    }
}

impl Curve {
    fn push(&mut self, step: u32, new_task: f64, old_task: f64) {
        self.steps.push(step);
        self.new_task.push(new_task);
        self.old_task.push(old_task);
    }

    /// The old task's loss after the last step there is.
    pub fn old_task_end(&self) -> Option<f64> {
        self.old_task.last().copied()
    }
}
