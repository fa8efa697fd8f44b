//! How far a job had reported at some moment, and going back there.

use super::{JobTraces, Results, Trace};
use crate::experiments::curriculum::Spending;
use crate::experiments::event::{Ending, GRID, TaskLosses};
use crate::experiments::job::{Job, checkpoints, stage_ends};
use crate::experiments::spec::CheckedSpec;
use crate::experiments::theory::Prediction;

/// How much a job had reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Points and ending of pre-training, then of every branch.
    phases: Vec<(usize, Option<Ending>)>,
    /// Looks at all tasks of a sequence, by branch.
    tasks: Vec<usize>,
}

impl JobTraces {
    fn phases(&self) -> impl Iterator<Item = &Trace> {
        [&self.pretraining].into_iter().chain(&self.fine_tuning)
    }

    fn phases_mut(&mut self) -> impl Iterator<Item = &mut Trace> {
        [&mut self.pretraining].into_iter().chain(&mut self.fine_tuning)
    }

    /// Only what had been reported at a mark.
    pub fn up_to(mut self, mark: &Mark) -> Self {
        for (trace, (points, ending)) in self.phases_mut().zip(&mark.phases) {
            trace.points.truncate(*points);
            trace.ending = *ending;
        }
        self.drop_gaps();
        self.drop_looks();
        self.tasks.iter_mut().zip(&mark.tasks).for_each(|(tasks, count)| tasks.truncate(*count));
        self
    }

    /// Forgets what was seen over the whole of branches that are not over any more. Plans stay, like predictions.
    fn drop_looks(&mut self) {
        for (spending, trace) in self.spending.iter_mut().zip(&self.fine_tuning) {
            spending.over_time = spending.over_time.filter(|_| trace.ending == Some(Ending::Complete));
        }
    }

    /// Forgets the gaps at checkpoints that are not there any more. Predictions stay: they are made before the
    /// first step, and the same each time.
    fn drop_gaps(&mut self) {
        for (prediction, trace) in self.predicted.iter_mut().zip(&self.fine_tuning) {
            let there = trace.points.last().map(|point| point.step);
            prediction.gaps.retain(|gap| there.is_some_and(|last| gap.step <= last));
        }
    }

    /// Whether a job of the spec can have reported this: the steps that are measured, in order, and an
    /// ending only where it belongs.
    pub fn fits(&self, spec: &CheckedSpec) -> bool {
        let of_phase = |(k, trace): (usize, &Trace)| {
            let steps = checkpoints(if k == 0 { spec.pretraining_steps } else { spec.fine_tuning_steps });
            let known = trace.points.iter().zip(&steps).take_while(|(point, step)| point.step == **step).count();
            let (rest, last) = (&trace.points[known..], steps.last().copied().unwrap_or_default());
            let ends = match trace.ending {
                None => rest.is_empty() && known < steps.len(),
                Some(Ending::Complete) => rest.is_empty() && known == steps.len(),
                Some(Ending::Stopped(step)) => {
                    let between = [known.checked_sub(1).map(|k| steps[k]).unwrap_or_default(), step];
                    trace.points.last().is_some_and(|point| point.step == step)
                        && (rest.is_empty() || (rest.len() == 1 && between[0] < step && step <= last))
                }
                Some(Ending::Diverged(step)) => rest.is_empty() && step <= last,
                Some(Ending::Unplanned) => trace.points.is_empty() && k > 0 && spec.experiment.prescribes(),
            };
            let is_sound = |values: &[f32]| values.iter().all(|value| value.is_finite());
            ends && trace.points.iter().all(|p| p.function.len() == GRID && is_sound(&p.measures.values()))
        };
        let before = self.pretraining.ending;
        // Steps are looked for, not counted on; what is drawn must be numbers.
        let is_predicted = |prediction: &Prediction| {
            let said = prediction.points.iter().flat_map(|point| point.measures.values());
            let gaps = prediction.gaps.iter().flat_map(|gap| gap.values().into_iter().flatten());
            said.chain(gaps).all(f32::is_finite)
        };
        let predictions = if spec.experiment.predicts() { spec.branch_count() } else { 0 };
        let spendings = if spec.experiment.prescribes() { spec.branch_count() } else { 0 };
        let is_spent = |(spending, trace): (&Spending, &Trace)| {
            (spending.over_time.is_none() || trace.ending == Some(Ending::Complete))
                && spending.over_time.is_none_or(|seen| seen.average.is_finite() && seen.worst.is_finite())
        };
        let looks: Vec<u32> = [0].into_iter().chain(stage_ends(spec.fine_tuning_steps, spec.stages())).collect();
        let are_tasks = |tasks: &Vec<TaskLosses>| {
            tasks.len() <= looks.len()
                && tasks.iter().zip(&looks).all(|(tasks, &step)| {
                    tasks.step == step
                        && tasks.losses.len() == spec.stages() + 1
                        && tasks.losses.iter().all(|loss| loss.is_finite())
                })
        };
        let sequences = if spec.stages() > 1 { spec.branch_count() } else { 0 };
        let untouched = |trace: &Trace| trace.points.is_empty() && trace.ending.is_none();
        self.fine_tuning.len() == spec.branch_count()
            && self.predicted.len() == predictions
            && self.predicted.iter().all(is_predicted)
            && self.spending.len() == spendings
            && self.spending.iter().zip(&self.fine_tuning).all(is_spent)
            && self.tasks.len() == sequences
            && self.tasks.iter().all(are_tasks)
            && self.phases().enumerate().all(of_phase)
            && (before == Some(Ending::Complete) || self.fine_tuning.iter().all(untouched))
            && !matches!(before, Some(Ending::Stopped(_)))
    }
}

impl Results {
    /// How much a job has reported.
    pub fn mark(&self, job: Job) -> Mark {
        let of = |traces: &JobTraces| Mark {
            phases: traces.phases().map(|trace| (trace.points.len(), trace.ending)).collect(),
            tasks: traces.tasks.iter().map(Vec::len).collect(),
        };
        self.jobs.get(&job).map(of).unwrap_or_default()
    }

    /// Forgets what a job has reported since a mark.
    pub fn put_back(&mut self, job: Job, mark: &Mark) {
        if mark.phases.is_empty() {
            self.discard(job);
        } else if let Some(traces) = self.jobs.remove(&job) {
            self.jobs.insert(job, traces.up_to(mark));
        }
    }

    /// Whether a job has reported anything that can be taken back.
    pub fn can_rewind(&self, job: Job) -> bool {
        self.jobs.get(&job).is_some_and(|traces| !traces.is_complete())
    }

    /// Forgets what an unfinished job has reported of its present phase, or everything if it is at the
    /// beginning of that; whether it was everything.
    pub fn rewind(&mut self, job: Job) -> bool {
        let under_way = |trace: &&mut Trace| trace.ending.is_none() && !trace.points.is_empty();
        if let Some(traces) = self.jobs.get_mut(&job)
            && traces.pretraining.ending.is_some()
        {
            let mut open = traces.fine_tuning.iter_mut().filter(under_way).peekable();
            if open.peek().is_some() {
                open.for_each(|trace| trace.points.clear());
                traces.drop_gaps();
                let begins_anew = |(_, trace): &(_, &Trace)| trace.points.is_empty();
                let anew = traces.tasks.iter_mut().zip(&traces.fine_tuning).filter(begins_anew);
                anew.for_each(|(tasks, _)| tasks.clear());
                return false;
            }
        }
        self.discard(job);
        true
    }

    /// Takes in all that a job is known to have reported.
    pub fn adopt(&mut self, job: Job, traces: JobTraces) {
        self.jobs.insert(job, traces);
    }
}
