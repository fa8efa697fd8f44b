//! How much may be asked for, and what asks cannot be combined.

mod depth;
mod kernel;
mod mitigations;
mod worlds;

pub use kernel::{KERNELS_MAX, PLANNED_STEPS_MAX, kernel_samples_max};
pub use worlds::OF_WORLDS;

use super::job;
use super::spec::Spec;
use crate::error::Problem;
use crate::train::OptimiserKind;

/// Widest network.
pub const WIDTH_MAX: u32 = 4096;
/// Most steps of one phase.
pub const STEPS_MAX: u32 = 100_000;
/// Most training examples per class.
pub const SAMPLES_MAX: u32 = 4096;
/// Most mitigations in one run.
pub const MITIGATIONS_MAX: usize = 24;
/// Most hidden layers.
pub const DEPTH_MAX: u32 = 8;
/// Widest network with several hidden layers: its parameters grow with the square.
pub const DEEP_WIDTH_MAX: u32 = 1024;
/// How much longer the engine of deep networks takes for the same work than the fused one, about, where networks are as
/// small as a page's: 1.5e8 sample x unit x steps a second in a browser's worker, not 1e9.
pub const DEEP_COST: f64 = 6.0;
/// Most coordinates of a point.
pub const INPUTS_MAX: u32 = 64;
/// Most seeds of one run.
pub const SEEDS_MAX: usize = 1024;
/// Most segments of a prescribed schedule; as many pieces as a schedule may have.
pub const SEGMENTS_MAX: u32 = 32;

/// How much work one run may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Sample x unit x steps.
    pub work: f64,
    /// Networks trained, counting each branch of fine-tuning.
    pub networks: usize,
    /// Why it is capped, as a phrase.
    pub why: &'static str,
    /// Whether deep networks are trained.
    pub deep: bool,
}

impl Limits {
    /// In the page: about half an hour on two cores.
    pub const PAGE: Self = Self {
        work: 4e12,
        networks: 20_000,
        deep: true,
        why: "a page gives a run about half an hour of two cores; `lethe run` takes more",
    };
    /// On the command line: about a day on two cores.
    pub const NATIVE: Self = Self {
        work: 4e14,
        networks: 1_000_000,
        why: "a run may take about a day of two cores",
        deep: cfg!(feature = "autodiff"),
    };
    /// What a link may start by itself when the page is opened: about half a minute on two cores.
    pub const UNASKED: Self =
        Self { work: 6e10, networks: 5_000, why: "a link starts at most half a minute of work by itself", deep: true };
}

/// Mends what no single field can see; names each change.
pub fn mend_conflicts(spec: &mut Spec, limits: &Limits, problems: &mut Vec<Problem>) {
    let full = spec.samples * 2;
    match spec.optimiser {
        OptimiserKind::Gd if spec.batch != 0 => {
            let accepted = "0 with the optimiser gd, which always takes the full batch; sgd samples batches";
            problems.push(Problem::new("batch", &spec.batch.to_string(), accepted).using("0"));
            spec.batch = 0;
        }
        OptimiserKind::Sgd if spec.batch == 0 => {
            let accepted = "1 or more with the optimiser sgd; gd takes the full batch";
            let used = 32.min(full);
            problems.push(Problem::new("batch", "0", accepted).using(used.to_string()));
            spec.batch = used;
        }
        _ => {}
    }
    if spec.batch > full {
        let accepted = format!("at most {full}, the examples of both classes");
        problems.push(Problem::new("batch", &spec.batch.to_string(), accepted).using(full.to_string()));
        spec.batch = full;
    }
    let default = Spec::defaults(spec.experiment);
    if !spec.schedule.is_empty() && spec.replay != default.replay {
        let accepted = "no list of fractions where a schedule is given; the schedule replaces it";
        let written = spec.replay.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
        problems.push(Problem::new("replay", &written, accepted).using("the schedule"));
        spec.replay = default.replay;
    }
    worlds::mend(spec, problems);
    depth::mend(spec, limits, problems);
    mitigations::mend(spec, problems);
    if spec.means[0] >= spec.means[1] {
        let written = format!("{},{}", spec.means[0], spec.means[1]);
        let accepted = "the centre of X1 to the left of that of X2";
        problems.push(Problem::new("means", &written, accepted).using("-1,1"));
        spec.means = default.means;
    }
    kernel::mend(spec, problems);
    for (name, runs) in [("new_weights", &mut spec.new_weights), ("old_weights", &mut spec.old_weights)] {
        let count: u64 = runs.iter().map(|&(_, count)| u64::from(count)).sum();
        if !runs.is_empty() && count != u64::from(spec.samples) {
            let accepted = format!("as many weights as samples per class, {}", spec.samples);
            problems.push(Problem::new(name, &format!("{count} weights"), accepted).using("equal weights"));
            runs.clear();
        }
    }
}

/// Cuts a run that is too much work down to what the limits allow: seeds first, then steps, then
/// widths and fractions.
pub fn cap_work(spec: &mut Spec, limits: &Limits, problems: &mut Vec<Problem>) {
    let cost = if spec.is_deep() { DEEP_COST } else { 1.0 };
    let most = limits.work / cost;
    let fits = |spec: &Spec| job::work(spec) <= most && job::networks(spec) <= limits.networks;
    if fits(spec) {
        return;
    }
    let written = format!("{} networks, {:.1e} sample x unit x steps", job::networks(spec), job::work(spec));
    let accepted =
        format!("at most {} networks and {:.0e} sample x unit x steps: {}", limits.networks, most, limits.why);
    while !fits(spec) {
        if spec.seeds.len() > 1 {
            spec.seeds.truncate(spec.seeds.len() / 2);
        } else if spec.pretraining_steps.max(spec.fine_tuning_steps) > 100 {
            spec.pretraining_steps = spec.pretraining_steps.min(100.max(spec.pretraining_steps / 2));
            spec.fine_tuning_steps = spec.fine_tuning_steps.min(100.max(spec.fine_tuning_steps / 2));
        } else if spec.replay.len() > 1 {
            spec.replay.truncate(spec.replay.len() / 2);
        } else {
            let half = spec.widths.len().div_ceil(2);
            if half == spec.widths.len() {
                break;
            }
            spec.widths.truncate(half);
        }
    }
    let used = format!(
        "{} seeds, {} + {} steps, {} widths, {} fractions",
        spec.seeds.len(),
        spec.pretraining_steps,
        spec.fine_tuning_steps,
        spec.widths.len(),
        spec.replay.len()
    );
    problems.push(Problem::new("work", &written, accepted).using(used));
}
