//! What a run has reported so far: the one place where events are gathered.

mod marks;

use serde::{Deserialize, Serialize};

pub use self::marks::Mark;
use super::curriculum::{Goal, Spending};
use super::engine::Engine;
use super::event::{Ending, Event, Measures, Point, TaskLosses};
use super::job::{Cell, Job, checkpoints, jobs};
use super::spec::CheckedSpec;
use super::theory::Prediction;
use crate::sorted_map::SortedMap;

/// One phase of one network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub points: Vec<Point>,
    /// `None` while the phase goes on.
    pub ending: Option<Ending>,
}

impl Trace {
    /// The measures at a step: those of the last checkpoint at or before it, provided that the
    /// trace got there. A network stopped by the stop rule keeps its last values; a diverged one
    /// has none from its divergence on.
    pub fn at(&self, step: u32) -> Option<&Point> {
        let last = self.points.last()?;
        match self.ending {
            Some(Ending::Diverged(when)) if step >= when => return None,
            Some(Ending::Stopped(_)) if step > last.step => return Some(last),
            _ if step > last.step => return None,
            _ => {}
        }
        let after = self.points.partition_point(|point| point.step <= step);
        after.checked_sub(1).map(|index| &self.points[index])
    }

    /// The measures at the end; `None` while the phase goes on and after a divergence.
    pub fn last(&self) -> Option<&Point> {
        match self.ending? {
            Ending::Diverged(_) | Ending::Unplanned => None,
            Ending::Complete | Ending::Stopped(_) => self.points.last(),
        }
    }

    /// The step of divergence, if it diverged.
    pub fn diverged(&self) -> Option<u32> {
        match self.ending {
            Some(Ending::Diverged(step)) => Some(step),
            _ => None,
        }
    }
}

/// Everything one job has reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobTraces {
    pub engine: Engine,
    pub pretraining: Trace,
    /// One trace per branch of fine-tuning.
    pub fine_tuning: Vec<Trace>,
    /// What the kernel says of each branch; empty where the experiment does not ask it.
    pub predicted: Vec<Prediction>,
    /// How each branch spends its budget; empty where that is not the question.
    pub spending: Vec<Spending>,
    /// The losses on all tasks along each branch; empty where there is one new task.
    pub tasks: Vec<Vec<TaskLosses>>,
}

impl JobTraces {
    fn trace_mut(&mut self, branch: Option<u32>) -> Option<&mut Trace> {
        match branch {
            None => Some(&mut self.pretraining),
            Some(branch) => self.fine_tuning.get_mut(branch as usize),
        }
    }

    /// Whether nothing more will come.
    pub fn is_complete(&self) -> bool {
        self.pretraining.diverged().is_some() || self.fine_tuning.iter().all(|trace| trace.ending.is_some())
    }

    /// Old-task loss at the end of fine-tuning minus before it; negative is gain.
    pub fn forgetting(&self, branch: usize) -> Option<f64> {
        let trace = &self.fine_tuning[branch];
        Some(f64::from(trace.last()?.measures.old_loss) - f64::from(trace.points[0].measures.old_loss))
    }

    /// Predicted forgetting at the last checkpoint that the network reached; `None` where there is none.
    pub fn predicted_forgetting(&self, branch: usize) -> Option<f64> {
        let step = self.fine_tuning[branch].last()?.step;
        let mut predicted = self.predicted.get(branch)?.forgetting();
        predicted.find(|&(at, _)| at == step).map(|(_, forgetting)| forgetting)
    }

    /// The distance of predicted from measured forgetting at the end, relative to the measured one; `None`
    /// where there is no prediction or nothing was forgotten.
    pub fn forgetting_error(&self, branch: usize) -> Option<f64> {
        let actual = self.forgetting(branch)?;
        let predicted = self.predicted_forgetting(branch)?;
        (actual != 0.0).then(|| (predicted - actual).abs() / actual.abs())
    }

    /// The largest [`Self::forgetting_error`] over the checkpoints at which at least a hundredth of the
    /// largest forgetting of the branch has been reached: before that it is one small number over another.
    pub fn largest_forgetting_error(&self, branch: usize) -> Option<f64> {
        let trace = self.fine_tuning.get(branch)?;
        trace.last()?;
        let start = f64::from(trace.points[0].measures.old_loss);
        let actual: Vec<(u32, f64)> =
            trace.points.iter().map(|p| (p.step, f64::from(p.measures.old_loss) - start)).collect();
        let largest = actual.iter().fold(0.0, |largest, (_, f)| f64::max(largest, f.abs()));
        let predicted: Vec<(u32, f64)> = self.predicted.get(branch)?.forgetting().collect();
        let errors = actual.iter().filter(|(_, f)| f.abs() > 0.01 * largest).filter_map(|(step, f)| {
            let (_, said) = predicted.iter().find(|(at, _)| at == step)?;
            Some((said - f).abs() / f.abs())
        });
        errors.max_by(f64::total_cmp)
    }

    /// The old task's loss of a planned branch by a goal, as trained; `None` until its end.
    pub fn old_task_by(&self, branch: usize, goal: Goal) -> Option<f64> {
        let over_time = self.spending.get(branch)?.over_time?;
        match goal {
            Goal::End => Some(f64::from(self.fine_tuning[branch].last()?.measures.old_loss)),
            Goal::Average => Some(over_time.average),
            Goal::Worst => Some(over_time.worst),
        }
    }

    /// The trace of a phase, pre-training if `branch` is `None`; `None` if it diverged in it or before.
    pub fn phase(&self, branch: Option<usize>) -> Option<&Trace> {
        let trace = branch.map_or(&self.pretraining, |branch| &self.fine_tuning[branch]);
        (self.pretraining.diverged().is_none() && trace.diverged().is_none()).then_some(trace)
    }

    /// When and where this job diverged along one branch: (in pre-training, step).
    pub fn diverged(&self, branch: usize) -> Option<(bool, u32)> {
        let before = self.pretraining.diverged().map(|step| (true, step));
        before.or_else(|| self.fine_tuning[branch].diverged().map(|step| (false, step)))
    }
}

/// Adds what is not known already.
fn push_later<T>(known: &mut Vec<T>, new: T, step: impl Fn(&T) -> u32) {
    if known.last().is_none_or(|last| step(last) < step(&new)) {
        known.push(new);
    }
}

/// Everything a run has reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    pub spec: CheckedSpec,
    /// Of fine-tuning, per job.
    branches: usize,
    jobs: SortedMap<Job, JobTraces>,
}

impl Results {
    /// Nothing reported yet.
    pub fn new(spec: CheckedSpec) -> Self {
        Self { branches: spec.branch_count(), spec, jobs: SortedMap::new() }
    }

    /// Results of the same run under a spec with other seeds: what its jobs have in common is kept.
    pub fn with_seeds_of(mut self, spec: CheckedSpec) -> Self {
        self.jobs.retain(|job, traces| spec.seeds.contains(&job.seed) && traces.is_complete());
        Self { spec, ..self }
    }

    /// Takes in what a job reported, and on which engine. A job that changed engines counts as the GPU's.
    pub fn add(&mut self, job: Job, engine: Engine, event: Event) {
        let traces = self.jobs.get_or_insert_with(job, || JobTraces {
            engine,
            pretraining: Trace::default(),
            fine_tuning: vec![Trace::default(); self.branches],
            predicted: vec![Prediction::default(); if self.spec.experiment.predicts() { self.branches } else { 0 }],
            spending: vec![Spending::default(); if self.spec.experiment.prescribes() { self.branches } else { 0 }],
            tasks: vec![Vec::new(); if self.spec.stages() > 1 { self.branches } else { 0 }],
        });
        traces.engine = traces.engine.max(engine);
        match event {
            Event::Checkpoint { branch, point } => {
                if let Some(trace) = traces.trace_mut(branch) {
                    push_later(&mut trace.points, point, |point| point.step);
                }
            }
            Event::Ended { branch, ending } => {
                if let Some(trace) = traces.trace_mut(branch) {
                    trace.ending = Some(ending);
                }
            }
            Event::Predicted { branch, point } => {
                if let Some(prediction) = traces.predicted.get_mut(branch as usize) {
                    push_later(&mut prediction.points, point, |point| point.step);
                }
            }
            Event::Gap { branch, gap } => {
                if let Some(prediction) = traces.predicted.get_mut(branch as usize) {
                    push_later(&mut prediction.gaps, gap, |gap| gap.step);
                }
            }
            Event::Planned { branch, plan } => {
                if let Some(spending) = traces.spending.get_mut(branch as usize) {
                    spending.plan = Some(plan);
                }
            }
            Event::Tasks { branch, tasks } => {
                if let Some(known) = traces.tasks.get_mut(branch as usize) {
                    push_later(known, tasks, |tasks| tasks.step);
                }
            }
            Event::Looked { branch, over_time } => {
                if let Some(spending) = traces.spending.get_mut(branch as usize) {
                    spending.over_time = Some(over_time);
                }
            }
        }
    }

    /// Forgets what an unfinished job reported, so that it can be started again.
    pub fn discard(&mut self, job: Job) {
        self.jobs.remove(&job);
    }

    /// What one job has reported.
    pub fn job(&self, job: Job) -> Option<&JobTraces> {
        self.jobs.get(&job)
    }

    /// All jobs that have reported something, by seed, then width.
    pub fn jobs(&self) -> impl Iterator<Item = (&Job, &JobTraces)> {
        self.jobs.iter()
    }

    /// The next of [`Self::jobs`] after one, or the first.
    pub fn job_after(&self, job: Option<Job>) -> Option<(&Job, &JobTraces)> {
        self.jobs.after(job.as_ref())
    }

    /// Jobs that are still to be done or finished.
    pub fn open_jobs(&self) -> Vec<Job> {
        let open = |job: &Job| !self.jobs.get(job).is_some_and(JobTraces::is_complete);
        jobs(&self.spec).into_iter().filter(open).collect()
    }

    /// Seeds of which every job is complete.
    pub fn complete_seeds(&self) -> usize {
        let done = |seed: u32, width: u32| self.jobs.get(&Job { seed, width }).is_some_and(JobTraces::is_complete);
        self.spec.seeds.iter().filter(|&&seed| self.spec.widths.iter().all(|&width| done(seed, width))).count()
    }

    /// Jobs of which nothing more will come.
    pub fn complete_jobs(&self) -> usize {
        self.jobs.values().filter(|traces| traces.is_complete()).count()
    }

    /// The engines that have computed something, the reference first.
    pub fn engines(&self) -> Vec<Engine> {
        let ran = |engine: &Engine| self.jobs.values().any(|traces| traces.engine == *engine);
        Engine::ALL.into_iter().filter(ran).collect()
    }

    /// Whether every job is complete.
    pub fn is_complete(&self) -> bool {
        self.complete_seeds() == self.spec.seeds.len()
    }

    /// One entry per seed, in the spec's order: what the job of that seed and width has reported.
    pub fn of_width(&self, width: u32) -> impl Iterator<Item = Option<&JobTraces>> + '_ {
        self.spec.seeds.iter().map(move |&seed| self.jobs.get(&Job { seed, width }))
    }

    /// A measure over seeds at each checkpoint: one row per checkpoint, one value per seed that has one.
    /// `branch` is `None` for pre-training. Seeds known to diverge are left out from the start.
    pub fn population(
        &self,
        width: u32,
        branch: Option<usize>,
        measure: impl Fn(&Measures) -> f32,
    ) -> Vec<(u32, Vec<f64>)> {
        let steps = if branch.is_some() { self.spec.fine_tuning_steps } else { self.spec.pretraining_steps };
        let traces: Vec<&Trace> = self.of_width(width).flatten().filter_map(|traces| traces.phase(branch)).collect();
        let value = |trace: &&Trace, step| trace.at(step).map(|point| f64::from(measure(&point.measures)));
        checkpoints(steps)
            .into_iter()
            .map(|step| (step, traces.iter().filter_map(|trace| value(trace, step)).collect()))
            .collect()
    }

    /// Final forgetting over seeds: one entry per seed, `None` where it diverged or goes on.
    pub fn forgetting(&self, cell: Cell) -> Vec<Option<f64>> {
        self.of_width(cell.width).map(|traces| traces?.forgetting(cell.branch)).collect()
    }
}
