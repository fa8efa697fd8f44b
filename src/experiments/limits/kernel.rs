//! What the kernel can answer, predict and prescribe.

use crate::error::Problem;
use crate::experiments::fields::field;
use crate::experiments::spec::Spec;
use crate::model::Block;
use crate::train::OptimiserKind;

/// Most training examples per class whose kernel is taken: twice as many are its rows and columns, or fewer per task
/// where there are more tasks.
const PREDICTED_SAMPLES_MAX: u32 = 512;
/// Most gradients that a kernel is taken of, one for each training example and parameter, where the network is not
/// plain: 512 MiB.
const GRADIENTS_MAX: usize = 1 << 27;
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

/// Mends what the kernel has no answer to, cannot predict or cannot prescribe.
pub(super) fn mend(spec: &mut Spec, problems: &mut Vec<Problem>) {
    if spec.experiment.takes_kernel() {
        mend_kernel(spec, problems);
    }
    mend_prediction(spec, problems);
    mend_prescription(spec, problems);
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
