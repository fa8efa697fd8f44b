//! How an experiment is cut into independent units of work, and which steps are measured.

use serde::{Deserialize, Serialize};

use super::spec::{CheckedSpec, Spec};
use crate::stats::sorted_by_key;

/// One unit of work: pre-train one network from one seed, then fine-tune it along every branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Job {
    pub seed: u32,
    pub width: u32,
}

/// One combination of swept values: a population of seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    pub width: u32,
    /// Which branch of fine-tuning ([`CheckedSpec::branches`]).
    pub branch: usize,
}

/// The jobs of a run, seed by seed, so that every cell grows evenly; within a seed the widest first.
pub fn jobs(spec: &CheckedSpec) -> Vec<Job> {
    let widths = sorted_by_key(spec.widths.clone(), |&width| -f64::from(width));
    spec.seeds.iter().flat_map(|&seed| widths.iter().map(move |&width| Job { seed, width })).collect()
}

/// The cells of a run, by width as written, then by branch.
pub fn cells(spec: &CheckedSpec) -> Vec<Cell> {
    let branches = spec.branch_count();
    let of = |&width: &u32| (0..branches).map(move |branch| Cell { width, branch });
    spec.widths.iter().flat_map(of).collect()
}

/// Networks trained, counting each branch of fine-tuning.
pub fn networks(spec: &Spec) -> usize {
    spec.widths.len() * spec.seeds.len() * spec.branch_count()
}

/// The examples that one step of a network visits; those of weight 0 are left out. They are counted where schedules
/// are prescribed: work is told in advance, and does not wait for those.
fn examples(spec: &Spec, stage: usize, replay: f64) -> f64 {
    if spec.batch > 0 {
        return f64::from(spec.batch);
    }
    let replayed = if spec.world.replays_new { stage + 1 } else { 1 };
    let tasks = match replay {
        _ if spec.experiment.prescribes() => 2,
        0.0 => 1,
        1.0 => replayed,
        _ => 1 + replayed,
    };
    tasks as f64 * f64::from(spec.samples)
}

/// What one example costs a network, in units of one hidden layer on a line, of which each has three parameters.
fn units(spec: &Spec, width: u32) -> f64 {
    let (width, layers) = (f64::from(width), f64::from(spec.depth - 1));
    width * (f64::from(spec.input_count() + 2) + layers * (width + 1.0)) / 3.0
}

/// The work of one step of a network on a new task at a replay fraction, in sample x unit.
pub fn work_of_step(spec: &Spec, width: u32, stage: usize, replay: f64) -> f64 {
    examples(spec, stage, replay) * units(spec, width)
}

/// The work of one job in sample x unit x steps.
pub fn work_of_job(spec: &Spec, width: u32) -> f64 {
    let pretraining = if spec.world.overwrites { 0.5 } else { 1.0 };
    let before = f64::from(spec.pretraining_steps) * examples(spec, 0, pretraining);
    let along = |replay: f64| {
        let mut begin = 0;
        let stage = |(stage, end): (usize, u32)| {
            let steps = end - begin;
            begin = end;
            f64::from(steps) * examples(spec, stage, replay)
        };
        stage_ends(spec.fine_tuning_steps, spec.stages()).enumerate().map(stage).sum::<f64>()
    };
    let fine_tuning: f64 = if spec.experiment.mitigates() {
        along(0.0) + spec.mitigations.iter().map(|of| along(of.replay_share())).sum::<f64>()
    } else if spec.schedule.is_empty() && !spec.experiment.prescribes() {
        spec.replay.iter().map(|&p| along(p)).sum()
    } else {
        spec.branch_count() as f64 * along(0.5)
    };
    units(spec, width) * (before + fine_tuning)
}

/// The steps after which fine-tuning on each new task ends: they have equal parts of it.
///
/// ```
/// use lethe::experiments::job::stage_ends;
/// assert_eq!(stage_ends(500, 3).collect::<Vec<_>>(), [166, 333, 500]);
/// ```
pub fn stage_ends(steps: u32, stages: usize) -> impl Iterator<Item = u32> {
    (1..=stages as u64).map(move |stage| (u64::from(steps) * stage / stages as u64) as u32)
}

/// The new task that was trained last at a step of fine-tuning; before the first step, and in pre-training, the
/// first.
pub fn stage_at(spec: &Spec, fine_tuning: bool, step: u32) -> usize {
    let stages = if fine_tuning { spec.stages() } else { 1 };
    stage_ends(spec.fine_tuning_steps, stages).take_while(|&end| end < step).count().min(stages - 1)
}

/// The work of a whole run in sample x unit x steps.
pub fn work(spec: &Spec) -> f64 {
    spec.widths.iter().map(|&width| work_of_job(spec, width)).sum::<f64>() * spec.seeds.len() as f64
}

/// The steps of a phase that are measured: 0, 1, 2, ... growing by a fifth, and the last.
///
/// ```
/// use lethe::experiments::job::checkpoints;
/// assert_eq!(checkpoints(10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]);
/// ```
pub fn checkpoints(steps: u32) -> Vec<u32> {
    let mut all = vec![0];
    let mut step = 0u32;
    while step < steps {
        step = (step + 1).max((step * 6 + 2) / 5).min(steps);
        all.push(step);
    }
    all
}
