//! Where an unfinished job stands: enough to go on elsewhere, on either engine.

use serde::{Deserialize, Serialize};

use super::branch::Branch;
use super::event::Ending;
use super::job::{Job, checkpoints, work_of_step};
use super::phase::{Stretch, pretraining_schedule, stretches};
use super::run::looks::Underway;
use super::spec::CheckedSpec;
use crate::engine::fused_cpu::{Snapshot, moments_of};
use crate::model::{Mlp, Parameters};

/// A job in mid-run. Continued on the engine that made it, it gives the same bits as without the break.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobCheckpoint {
    pub job: Job,
    /// The network after pre-training; `None` while that goes on.
    pub pretrained: Option<Parameters>,
    /// Phases that are under way: pre-training, or branches of fine-tuning. The CPU engine takes
    /// branches one after the other, the GPU engine all at once. Branches neither here nor in
    /// `ended` begin after `pretrained`.
    pub open: Vec<OpenPhase>,
    /// Branches that have ended.
    pub ended: Vec<u32>,
    /// Sample x unit x steps done.
    pub work_done: f64,
}

/// A phase under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenPhase {
    /// `None` for pre-training.
    pub branch: Option<u32>,
    /// Parameters, step and moments.
    pub network: Snapshot,
    /// Measured checkpoints that have been reported.
    pub reported: u32,
    /// The schedule of a planned branch, and what has been seen on the way.
    pub underway: Option<Underway>,
}

impl JobCheckpoint {
    /// A job at its very beginning.
    pub fn beginning(job: Job) -> Self {
        Self { job, pretrained: None, open: Vec::new(), ended: Vec::new(), work_done: 0.0 }
    }

    /// The same job at the beginning of its present phase: of pre-training, or of every branch under way.
    /// What those have reported is to be forgotten.
    pub fn rewound(self, spec: &CheckedSpec) -> Self {
        let undone: f64 = self.open.iter().map(|open| open.work(spec, self.job.width)).sum();
        // Sums of fractions do not come back to exactly 0.
        let left = if self.pretrained.is_some() { (self.work_done - undone).max(0.0) } else { 0.0 };
        Self { open: Vec::new(), work_done: left, ..self }
    }

    /// Takes in that a phase has ended, and is open no longer.
    pub fn close(&mut self, spec: &CheckedSpec, branch: Option<u32>, ending: Ending) {
        let steps = match ending {
            Ending::Complete => steps_of(spec, branch),
            Ending::Stopped(step) | Ending::Diverged(step) => step,
            Ending::Unplanned => 0,
        };
        self.open.retain(|open| open.branch != branch);
        self.work_done += work_of_phase(spec, self.job.width, branch, steps);
        match (branch, ending) {
            (Some(branch), _) => self.ended.push(branch),
            (None, Ending::Diverged(_)) => self.ended = (0..spec.branch_count() as u32).collect(),
            (None, _) => {}
        }
    }

    /// Whether this is a place that an unfinished job of the spec can come to, on any engine.
    pub fn fits(&self, spec: &CheckedSpec) -> bool {
        let mlp = spec.network(self.job.width);
        let branches = spec.branch_count() as u32;
        let of_spec = spec.seeds.contains(&self.job.seed) && spec.widths.contains(&self.job.width);
        let pretrained = self.pretrained.as_ref();
        let mut taken: Vec<u32> = self.ended.clone();
        taken.extend(self.open.iter().filter_map(|open| open.branch));
        let each_once = taken.iter().enumerate().all(|(k, branch)| *branch < branches && !taken[..k].contains(branch));
        let in_order = match pretrained {
            None => self.ended.is_empty() && self.open.len() <= 1 && self.open.iter().all(|open| open.branch.is_none()),
            Some(_) => self.open.iter().all(|open| open.branch.is_some()) && self.ended.len() < branches as usize,
        };
        of_spec
            && each_once
            && in_order
            && self.work_done.is_finite()
            && self.work_done >= 0.0
            && pretrained.is_none_or(|parameters| are_sound(parameters, &mlp))
            && self.open.iter().all(|open| open.fits(spec, &mlp))
    }
}

impl OpenPhase {
    /// Whether a network can stand here: between its last reported checkpoint and the next.
    fn fits(&self, spec: &CheckedSpec, mlp: &Mlp) -> bool {
        let checkpoints = checkpoints(steps_of(spec, self.branch));
        let reported = self.reported as usize;
        let last = reported.checked_sub(1).map_or(Some(0), |last| checkpoints.get(last).copied());
        let (Some(last), Some(&next)) = (last, checkpoints.get(reported)) else { return false };
        let network = &self.network;
        let planned = self.branch.is_some() && spec.experiment.prescribes();
        (last..=next).contains(&network.step)
            && planned == self.underway.is_some()
            && (!planned || reported > 0)
            && self.underway.as_ref().is_none_or(|underway| underway.is_sound(spec.segments))
            && (reported > 0 || network.step == 0)
            && are_sound(&network.parameters, mlp)
            && network.moments.len() == moments_of(spec.optimiser)
            && network.moments.iter().all(|moment| are_sound(moment, mlp))
    }

    /// Sample x unit x steps of this phase so far.
    fn work(&self, spec: &CheckedSpec, width: u32) -> f64 {
        work_of_phase(spec, width, self.branch, self.network.step)
    }
}

fn steps_of(spec: &CheckedSpec, branch: Option<u32>) -> u32 {
    if branch.is_some() { spec.fine_tuning_steps } else { spec.pretraining_steps }
}

/// Sample x unit x steps of the first `steps` steps of a phase.
fn work_of_phase(spec: &CheckedSpec, width: u32, branch: Option<u32>, steps: u32) -> f64 {
    let schedule = match branch {
        None => pretraining_schedule(spec),
        Some(branch) => match spec.branches().into_iter().nth(branch as usize) {
            Some(Branch::Scheduled(schedule) | Branch::Mitigated { schedule, .. }) => schedule,
            Some(Branch::Planned { budget, .. }) => return f64::from(steps) * work_of_step(spec, width, 0, budget),
            None => return 0.0,
        },
    };
    let stages = if branch.is_some() { spec.stages() } else { 1 };
    let work = |stretch: Stretch| {
        let made = steps.clamp(stretch.from, stretch.to) - stretch.from;
        f64::from(made) * work_of_step(spec, width, stretch.stage, stretch.replay)
    };
    stretches(steps_of(spec, branch), stages, &schedule).into_iter().map(work).sum()
}

/// Whether parameters are those of a network, and numbers.
fn are_sound(parameters: &Parameters, mlp: &Mlp) -> bool {
    parameters.fit(mlp) && parameters.iter().all(f32::is_finite)
}
