//! What a stage reports of what was measured.

use super::{Member, Stage};
use crate::engine::Outcome;
use crate::engine::fleet::Measured;
use crate::experiments::event::{Ending, Event, Measures, Point, TaskLosses};
use crate::experiments::fleet::FleetRun;
use crate::experiments::job::{Job, stage_at};
use crate::experiments::phase::effective_time;

/// Where something was measured, and what for.
#[derive(Clone, Copy)]
pub struct Mark {
    pub step: u32,
    pub is_checkpoint: bool,
    /// Whether the losses on all tasks are told.
    pub is_look: bool,
}

impl Mark {
    /// After every step, for networks that have stopped.
    pub const AFTER_ALL: Self = Self { step: u32::MAX, is_checkpoint: true, is_look: false };
}

impl Stage {
    /// Turns measurements at `marks` into events, and ends what has ended.
    pub(super) fn tell(
        &mut self,
        run: &mut FleetRun,
        events: &mut Vec<(Job, Event)>,
        marks: &[Mark],
        outcomes: &[Option<Outcome>],
        measured: Vec<Vec<Measured>>,
    ) {
        let last_mark = self.checkpoints.last().copied();
        let mut measured: Vec<_> = measured.into_iter().map(Vec::into_iter).collect();
        for (member, &outcome) in self.members.iter_mut().zip(outcomes) {
            let (job, branch) = (run.crew[member.crew].job, member.branch.map(|branch| branch as u32));
            let at_marks: Vec<Measured> = measured.iter_mut().filter_map(Iterator::next).collect();
            for (&mark, values) in marks.iter().zip(at_marks) {
                if member.ended {
                    break;
                }
                let (step, ending) = match outcome {
                    Some(Outcome::Diverged { step }) if mark.step > step => break,
                    None if mark.step == u32::MAX => break, // measured for those that have stopped

                    Some(Outcome::Stopped { step }) if mark.step > step => (step, Some(Ending::Stopped(step))),
                    _ => (mark.step, (Some(mark.step) == last_mark).then_some(Ending::Complete)),
                };
                if let (Some(branch), true) = (branch, mark.is_look) {
                    let tasks = losses(step, &values);
                    events.extend(tasks.map(|tasks| (job, Event::Tasks { branch, tasks })));
                }
                if !mark.is_checkpoint {
                    continue;
                }
                let known = member.last == Some(step);
                let point = member.point(step, stage_at(&run.spec, self.fine_tuning, step), values);
                let ending = match (&point, ending) {
                    (None, _) if !known => Some(Ending::Diverged(step)),
                    (_, ending) => ending,
                };
                if let Some(point) = point.filter(|_| !known) {
                    member.last = Some(step);
                    events.push((job, Event::Checkpoint { branch, point }));
                }
                if let Some(ending) = ending {
                    member.ended = true;
                    events.push(run.end(member.crew, member.branch, ending));
                }
            }
            if let (Some(Outcome::Diverged { step }), false) = (outcome, member.ended) {
                member.ended = true;
                events.push(run.end(member.crew, member.branch, Ending::Diverged(step)));
            }
        }
    }
}

impl Member {
    /// A measurement as the experiment reports it on a new task; `None` where it has diverged on what is measured.
    fn point(&self, step: u32, stage: usize, measured: Measured) -> Option<Point> {
        let (new, old) = (measured.tasks.get(stage)?, measured.tasks.last()?);
        let measures = Measures {
            id_loss: new.error,
            old_loss: old.error,
            overwritten_loss: new.error_before,
            mean_new: new.mean,
            mean_old: old.mean,
            distance: measured.distance,
            effective_time: effective_time(&self.pieces, step),
        };
        let whole = new.bounded && old.bounded && measures.values().iter().all(|value| value.is_finite());
        whole.then_some(Point { step, measures, function: measured.function })
    }
}

/// The losses on all tasks, the old one first; `None` where one is no number.
fn losses(step: u32, measured: &Measured) -> Option<TaskLosses> {
    let (old, new) = measured.tasks.split_last()?;
    let losses: Vec<f32> = [old].into_iter().chain(new).map(|task| task.error).collect();
    losses.iter().all(|loss| loss.is_finite()).then_some(TaskLosses { step, losses })
}
