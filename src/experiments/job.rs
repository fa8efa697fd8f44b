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

/// The work of one step of a network at a replay fraction, in sample x unit: examples of weight 0 cost nothing.
/// They are counted where schedules are prescribed: work is told in advance, and does not wait for those.
pub fn work_of_step(spec: &Spec, width: u32, replay: f64) -> f64 {
    let examples = match (spec.batch, replay) {
        (0, 0.0 | 1.0) if !spec.experiment.prescribes() => spec.samples,
        (0, _) => 2 * spec.samples,
        (batch, _) => batch,
    };
    f64::from(examples) * f64::from(width)
}

/// The work of one job in sample x unit x steps.
pub fn work_of_job(spec: &Spec, width: u32) -> f64 {
    let per_step = |both: bool| match (spec.batch, both) {
        (0, true) => 2.0 * f64::from(spec.samples),
        (0, false) => f64::from(spec.samples),
        (batch, _) => f64::from(batch),
    };
    let fine_tuning: f64 = if spec.schedule.is_empty() && !spec.experiment.prescribes() {
        spec.replay.iter().map(|&p| per_step(p > 0.0)).sum()
    } else {
        spec.branch_count() as f64 * per_step(true)
    };
    f64::from(width)
        * (f64::from(spec.pretraining_steps) * per_step(true) + f64::from(spec.fine_tuning_steps) * fine_tuning)
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
