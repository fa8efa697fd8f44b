//! How much may be asked for, and what asks cannot be combined.

use super::definition::Experiment;
use super::fields::field;
use super::job;
use super::spec::Spec;
use crate::error::Problem;
use crate::model::Block;
use crate::train::OptimiserKind;
use crate::train::mitigation::Setting;

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
    /// Whether mitigations are compared.
    pub mitigations: bool,
}

impl Limits {
    /// In the page: about half an hour on two cores.
    pub const PAGE: Self = Self {
        work: 4e12,
        networks: 20_000,
        deep: false,
        mitigations: false,
        why: "a page gives a run about half an hour of two cores; `lethe run` takes more",
    };
    /// On the command line: about a day on two cores.
    pub const NATIVE: Self = Self {
        work: 4e14,
        networks: 1_000_000,
        why: "a run may take about a day of two cores",
        deep: cfg!(feature = "autodiff"),
        mitigations: true,
    };
    /// What a link may start by itself when the page is opened: about half a minute on two cores.
    pub const UNASKED: Self = Self {
        work: 6e10,
        networks: 5_000,
        why: "a link starts at most half a minute of work by itself",
        deep: false,
        mitigations: false,
    };
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
    mend_world(spec, problems);
    mend_depth(spec, limits, problems);
    mend_mitigations(spec, limits, problems);
    if spec.means[0] >= spec.means[1] {
        let written = format!("{},{}", spec.means[0], spec.means[1]);
        let accepted = "the centre of X1 to the left of that of X2";
        problems.push(Problem::new("means", &written, accepted).using("-1,1"));
        spec.means = default.means;
    }
    if spec.experiment.takes_kernel() {
        mend_kernel(spec, problems);
    }
    mend_prediction(spec, problems);
    mend_prescription(spec, problems);
    for (name, runs) in [("new_weights", &mut spec.new_weights), ("old_weights", &mut spec.old_weights)] {
        let count: u64 = runs.iter().map(|&(_, count)| u64::from(count)).sum();
        if !runs.is_empty() && count != u64::from(spec.samples) {
            let accepted = format!("as many weights as samples per class, {}", spec.samples);
            problems.push(Problem::new(name, &format!("{count} weights"), accepted).using("equal weights"));
            runs.clear();
        }
    }
}

/// Mends mitigations that have no place.
fn mend_mitigations(spec: &mut Spec, limits: &Limits, problems: &mut Vec<Problem>) {
    if !limits.mitigations && spec.experiment.mitigates() {
        let accepted = "any other here: this build compares mitigations on the command line only, with `lethe run`";
        problems.push(Problem::new("experiment", spec.experiment.name(), accepted).using("dynamics"));
        spec.experiment = Experiment::default();
        spec.mitigations.clear();
    }
    let shown = |spec: &Spec, name: &str| field(name).map(|field| (field.show)(spec)).unwrap_or_default();
    if !spec.experiment.mitigates() {
        if !spec.mitigations.is_empty() {
            let accepted = format!("nothing in the experiment {}", spec.experiment.name());
            problems.push(Problem::new("mitigations", &shown(spec, "mitigations"), accepted).using("none"));
            spec.mitigations.clear();
        }
        return;
    }
    if !cfg!(feature = "fused") {
        return; // what follows is for programs that train them
    }
    let setting = Setting {
        mlp: spec.network(spec.widths[0]),
        new_examples: spec.samples as usize * spec.stages(),
        old_examples: spec.samples as usize,
        batch: None,
    };
    spec.mitigations.retain(|of| {
        let refused = of.mitigation.strength.check(of.mitigation.name, &setting, of.strength).err();
        let fine = refused.is_none();
        problems.extend(refused.map(|problem| problem.using("nothing")));
        fine
    });
    let default = Spec::defaults(spec.experiment);
    if spec.replay != default.replay {
        let accepted = "0: mitigations bring their own, as in mit=replay@0.01";
        problems.push(Problem::new("replay", &shown(spec, "replay"), accepted).using("0"));
        spec.replay = default.replay;
    }
    if !spec.schedule.is_empty() {
        let accepted = "none: mitigations are compared with plain fine-tuning";
        problems.push(Problem::new("schedule", &shown(spec, "schedule"), accepted).using("none"));
        spec.schedule.clear();
    }
    if spec.stop_loss != 0.0 {
        let accepted = "0: mitigations are compared over all steps";
        problems.push(Problem::new("stop_loss", &shown(spec, "stop_loss"), accepted).using("0"));
        spec.stop_loss = 0.0;
    }
}

/// Mends what deep networks have no room for.
fn mend_depth(spec: &mut Spec, limits: &Limits, problems: &mut Vec<Problem>) {
    if !limits.deep && spec.depth > 1 {
        let accepted = "1: this build trains deep networks on the command line only, with `lethe run`";
        problems.push(Problem::new("depth", &spec.depth.to_string(), accepted).using("1"));
        spec.depth = 1;
    }
    if !limits.deep && spec.block.has_norm() {
        let accepted = "plain: this build normalises layers on the command line only, with `lethe run`";
        problems.push(Problem::new("block", "norm", accepted).using("plain"));
        spec.block = Block::Plain;
    }
    let wide = |&width: &u32| width > DEEP_WIDTH_MAX;
    if spec.depth > 1 && spec.widths.iter().any(wide) {
        let accepted = format!("at most {DEEP_WIDTH_MAX} with more than one hidden layer");
        let shown = |spec: &Spec| field("widths").map(|field| (field.show)(spec)).unwrap_or_default();
        let written = shown(spec);
        spec.widths.retain(|width| !wide(width));
        if spec.widths.is_empty() {
            spec.widths.push(DEEP_WIDTH_MAX);
        }
        problems.push(Problem::new("widths", &written, accepted).using(shown(spec)));
    }
    if spec.block.has_residual() && spec.depth == 1 {
        let block = if spec.block.has_norm() { Block::Norm } else { Block::Plain };
        let shown = |spec: &Spec| field("block").map(|field| (field.show)(spec)).unwrap_or_default();
        let written = shown(spec);
        spec.block = block;
        let accepted = "plain or norm with one hidden layer, which has nothing to be added to";
        problems.push(Problem::new("block", &written, accepted).using(shown(spec)));
    }
    if spec.experiment.takes_kernel() && spec.block != Block::Plain && !cfg!(feature = "autodiff") {
        let accepted = "plain where the kernel is taken: this part of Lethe has no gradients of other networks";
        let shown = |spec: &Spec| field("block").map(|field| (field.show)(spec)).unwrap_or_default();
        let written = shown(spec);
        spec.block = Block::Plain;
        problems.push(Problem::new("block", &written, accepted).using("plain"));
    }
}

/// Settings that some worlds read and others do not.
pub const OF_WORLDS: [&str; 10] =
    ["means", "spread", "spread_meaning", "new_label", "inputs", "clusters", "tasks", "angle", "similarity", "share"];

/// Mends what the world has no use for or no room for.
fn mend_world(spec: &mut Spec, problems: &mut Vec<Problem>) {
    let world = spec.world;
    let default = Spec::defaults(spec.experiment);
    for field in OF_WORLDS.iter().filter_map(|name| field(name)) {
        let (written, usual) = ((field.show)(spec), (field.show)(&default));
        if written != usual && !world.takes.contains(&field.name) {
            let accepted = format!("{usual} in the world {}, which has no use for it", world.name);
            problems.push(Problem::new(field.name, &written, accepted).using(usual.clone()));
            (field.read)(spec, &usual);
        }
    }
    let (least, most) = world.inputs_range;
    if spec.inputs != 0 && !(least..=most).contains(&spec.inputs) {
        let accepted = format!("0 or {least} to {most} in the world {}", world.name);
        let used = spec.inputs.clamp(least, most);
        problems.push(Problem::new("inputs", &spec.inputs.to_string(), accepted).using(used.to_string()));
        spec.inputs = used;
    }
    if !world.is_sequence {
        return;
    }
    if spec.fine_tuning_steps < spec.stages() as u32 {
        let accepted = format!("at least {}, one for each new task", spec.stages());
        let problem = Problem::new("fine_tuning_steps", &spec.fine_tuning_steps.to_string(), accepted);
        problems.push(problem.using(spec.stages().to_string()));
        spec.fine_tuning_steps = spec.stages() as u32;
    }
    if spec.stop_loss != 0.0 {
        let accepted = "0 where tasks follow each other: each has its part of the steps";
        problems.push(Problem::new("stop_loss", &spec.stop_loss.to_string(), accepted).using("0"));
        spec.stop_loss = 0.0;
    }
    if spec.experiment.prescribes() && spec.stages() > 1 {
        let accepted = "2 where schedules are prescribed: they are for one new task";
        problems.push(Problem::new("tasks", &spec.tasks.to_string(), accepted).using("2"));
        spec.tasks = 2;
    }
}

/// Most training examples per class whose kernel is taken: twice as many are its rows and columns, or fewer per task
/// where there are more tasks.
const PREDICTED_SAMPLES_MAX: u32 = 512;
/// Most gradients that a kernel is taken of, one for each training example and parameter, where the network is not
/// plain: 1 GiB.
const GRADIENTS_MAX: usize = 1 << 28;
/// Most steps of fine-tuning that a schedule is searched for: a search goes through all of them hundreds of times.
pub const PLANNED_STEPS_MAX: u32 = 2_000;
/// Most kernels that one branch is predicted with.
pub const KERNELS_MAX: u32 = 256;

/// Most training examples per task whose kernel is taken, and why no more, as a phrase.
pub fn kernel_samples_max(spec: &Spec) -> (u32, String) {
    let tasks = spec.stages() as u32 + 1;
    let most = 2 * PREDICTED_SAMPLES_MAX / tasks;
    let widest = spec.widths.iter().copied().max().unwrap_or_default();
    let parameters = spec.network(widest).parameter_count();
    let held = GRADIENTS_MAX / (parameters * tasks as usize);
    if spec.block != Block::Plain && held < most as usize {
        let why = format!(
            "at most {held} where the kernel is taken by the gradients of all examples, and a network of width {widest} \
             has {parameters} parameters"
        );
        return (held as u32, why);
    }
    (most, format!("at most {most} where the kernel of all examples is taken"))
}

/// Mends what the kernel has no answer to.
fn mend_kernel(spec: &mut Spec, problems: &mut Vec<Problem>) {
    if spec.optimiser == OptimiserKind::Adam {
        let accepted = "gd, sgd or momentum: Adam's steps do not follow from the kernel";
        problems.push(Problem::new("optimiser", "adam", accepted).using("gd"));
        spec.optimiser = OptimiserKind::Gd;
        spec.batch = 0;
    }
    let (most, accepted) = kernel_samples_max(spec);
    if spec.samples > most {
        problems.push(Problem::new("samples", &spec.samples.to_string(), accepted).using(most.to_string()));
        spec.samples = most;
    }
}

/// What cannot be asked beside prescribed schedules, or beside none: the field, whether it is wrong, what is
/// accepted, and how it is mended.
type Rule = (&'static str, fn(&Spec) -> bool, &'static str, fn(&mut Spec));

const WITHOUT_PRESCRIPTION: &[Rule] = &[
    ("segments", |spec| spec.segments != 0, NOTHING, |spec| spec.segments = 0),
    ("id_slack", |spec| spec.id_slack != 0.0, NOTHING, |spec| spec.id_slack = 0.0),
];
const NOTHING: &str = "nothing in an experiment that prescribes no schedules";

const WITH_PRESCRIPTION: &[Rule] = &[
    (
        "replay",
        |spec| spec.replay.len() > 1 || spec.replay[0] <= 0.0,
        "one fraction above 0, the budget",
        |spec| {
            spec.replay.retain(|&p| p > 0.0);
            spec.replay.truncate(1);
            if spec.replay.is_empty() {
                spec.replay = Spec::defaults(spec.experiment).replay;
            }
        },
    ),
    (
        "widths",
        |spec| spec.widths.len() > 1,
        "one width, on which schedules are compared",
        |spec| spec.widths.truncate(1),
    ),
    (
        "schedule",
        |spec| !spec.schedule.is_empty(),
        "none: the network's own kernel prescribes them",
        |spec| spec.schedule.clear(),
    ),
    (
        "stop_loss",
        |spec| spec.stop_loss != 0.0,
        "0: schedules are compared at equal steps",
        |spec| spec.stop_loss = 0.0,
    ),
    (
        "fine_tuning_steps",
        |spec| spec.fine_tuning_steps > PLANNED_STEPS_MAX,
        "at most 2000 where schedules are searched for",
        |spec| spec.fine_tuning_steps = PLANNED_STEPS_MAX,
    ),
    (
        "segments",
        |spec| spec.segments > spec.fine_tuning_steps,
        "no more than steps of fine-tuning",
        |spec| spec.segments = spec.fine_tuning_steps,
    ),
];

/// Mends what no schedule can be prescribed under, and what is asked of schedules where none are.
fn mend_prescription(spec: &mut Spec, problems: &mut Vec<Problem>) {
    let rules = if spec.experiment.prescribes() { WITH_PRESCRIPTION } else { WITHOUT_PRESCRIPTION };
    for (name, is_wrong, accepted, mend) in rules {
        let shown = |spec: &Spec| field(name).map(|field| (field.show)(spec)).unwrap_or_default();
        if is_wrong(spec) {
            let written = shown(spec);
            mend(spec);
            problems.push(Problem::new(name, &written, *accepted).using(shown(spec)));
        }
    }
}

/// Mends what the kernel cannot predict.
fn mend_prediction(spec: &mut Spec, problems: &mut Vec<Problem>) {
    if !spec.experiment.predicts() {
        if spec.relinearise != 0 {
            let accepted = format!("0 in the experiment {}, which predicts nothing", spec.experiment.name());
            problems.push(Problem::new("relinearise", &spec.relinearise.to_string(), accepted).using("0"));
            spec.relinearise = 0;
        }
        return;
    }
    if spec.relinearise != 0 && spec.optimiser == OptimiserKind::Momentum {
        let accepted = "0 with momentum, whose velocity belongs to one kernel and does not carry over to the next";
        problems.push(Problem::new("relinearise", &spec.relinearise.to_string(), accepted).using("0"));
        spec.relinearise = 0;
    }
    let least = spec.fine_tuning_steps.div_ceil(KERNELS_MAX);
    if spec.relinearise != 0 && spec.relinearise < least {
        let accepted =
            format!("0, or {least} and more: at most {KERNELS_MAX} kernels in {} steps", spec.fine_tuning_steps);
        let problem = Problem::new("relinearise", &spec.relinearise.to_string(), accepted);
        problems.push(problem.using(least.to_string()));
        spec.relinearise = least;
    }
}

/// Cuts a run that is too much work down to what the limits allow: seeds first, then steps, then
/// widths and fractions.
pub fn cap_work(spec: &mut Spec, limits: &Limits, problems: &mut Vec<Problem>) {
    let fits = |spec: &Spec| job::work(spec) <= limits.work && job::networks(spec) <= limits.networks;
    if fits(spec) {
        return;
    }
    let written = format!("{} networks, {:.1e} sample x unit x steps", job::networks(spec), job::work(spec));
    let accepted =
        format!("at most {} networks and {:.0e} sample x unit x steps: {}", limits.networks, limits.work, limits.why);
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
