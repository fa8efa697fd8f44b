//! Which network a link and a choice name.

use super::answer::Choices;
use crate::error::Problem;
use crate::experiments::job::Job;
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Experiment, Spec};
use crate::kernel::{Schedule, Segment};
use crate::record::Link;
use crate::record::link::science;
use crate::report::views::focus;

/// What one analysis may train: about half a minute on one core.
const LIMITS: Limits = Limits {
    work: 3e10,
    why: "the page gives the theory of one network about half a minute; `lethe theory` takes more",
    ..READ
};
/// What a link may be of: this program is without the engine of deep networks.
const READ: Limits = Limits { deep: cfg!(feature = "autodiff"), ..Limits::PAGE };
/// Where a link replays nothing.
const USUAL_REPLAY: f64 = 0.01;

/// A link as it was given, strictly read.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(link: &str) -> Result<CheckedSpec, String> {
    let (link, _) = Link::read_strictly(link, &READ).map_err(|problems| problems.to_string())?;
    Ok(link.spec)
}

/// What can be chosen.
pub fn choices(spec: &CheckedSpec) -> Choices {
    Choices {
        seeds: spec.seeds.clone(),
        widths: spec.widths.clone(),
        fractions: spec.replay.clone(),
        width: focus(spec).width,
        replay: spec.replay.iter().copied().find(|&p| p > 0.0).unwrap_or(USUAL_REPLAY),
        pretraining_steps: spec.pretraining_steps,
        steps: spec.fine_tuning_steps,
        examples: 2 * spec.samples,
        subject: written(&subject(spec, Job { seed: 0, width: 1 })),
    }
}

/// The experiment that predicts: what it accepts is what can be analysed.
fn predicting() -> Experiment {
    Experiment::all().find(|experiment| experiment.predicts()).unwrap_or_default()
}

/// A spec in words, whether or not it is accepted.
fn written(spec: &Spec) -> String {
    spec.science().iter().map(|(key, value)| format!("{key}={value}&")).collect()
}

/// One network of a link and what its analysis depends on.
fn subject(spec: &CheckedSpec, job: Job) -> Spec {
    Spec {
        experiment: predicting(),
        widths: vec![job.width],
        seeds: vec![job.seed],
        schedule: Vec::new(),
        stop_loss: 0.0,
        relinearise: 0,
        ..Spec::clone(spec)
    }
}

/// The one network, as a run of its own.
///
/// # Errors
/// A seed or a width that the link does not have; what the kernel cannot predict; too much work.
pub fn network(spec: &CheckedSpec, seed: Option<u32>, width: Option<u32>) -> Result<(CheckedSpec, Job), String> {
    let job = Job { seed: seed.unwrap_or(spec.seeds[0]), width: width.unwrap_or(focus(spec).width) };
    for (field, value, known) in [("seed", job.seed, &spec.seeds), ("width", job.width, &spec.widths)] {
        if !known.contains(&value) {
            let accepted = format!("one of the link's, {} to {}", least(known), most(known));
            return Err(Problem::new(field, &value.to_string(), accepted).to_string());
        }
    }
    let checked = subject(spec, job).check(&LIMITS).map_err(|problems| problems.to_string())?;
    Ok((checked, job))
}

fn least(values: &[u32]) -> u32 {
    values.iter().copied().min().unwrap_or_default()
}

fn most(values: &[u32]) -> u32 {
    values.iter().copied().max().unwrap_or_default()
}

/// p of statements and figures.
///
/// # Errors
/// A number that is no fraction.
pub fn replay(spec: &CheckedSpec, asked: Option<f64>) -> Result<f64, String> {
    let replay = asked.unwrap_or_else(|| choices(spec).replay);
    if (0.0..=1.0).contains(&replay) {
        return Ok(replay);
    }
    Err(Problem::new("replay", &replay.to_string(), "a fraction from 0 to 1").to_string())
}

/// First step of each of some stretches of equal length.
///
/// # Errors
/// Segments that a link cannot hold, or more than steps.
pub fn starts(steps: u32, segments: usize) -> Result<Vec<u32>, String> {
    if !(1..=MOST_PIECES.min(steps as usize)).contains(&segments) {
        let accepted = format!("1 to {MOST_PIECES}, and no more than steps");
        return Err(Problem::new("segments", &segments.to_string(), accepted).to_string());
    }
    let schedule = Schedule::even(&vec![0.0; segments], steps as usize).map_err(|error| error.to_string())?;
    let start = |at: &mut u32, segment: &Segment| {
        let own = *at;
        *at += segment.duration as u32;
        Some(own)
    };
    Ok(schedule.segments().iter().scan(0, start).collect())
}

/// A link holds so many.
const MOST_PIECES: usize = 32;

/// The link that trains along a schedule: this width, every seed.
///
/// # Errors
/// What no link can say.
pub fn link_to_run(spec: &CheckedSpec, width: u32, starts: &[u32], fractions: &[f64]) -> Result<String, String> {
    let mut schedule: Vec<(u32, f64)> = starts.iter().copied().zip(fractions.iter().copied()).collect();
    schedule.dedup_by(|next, last| next.1 == last.1);
    let usual = Spec::defaults(predicting());
    let run =
        Spec { experiment: usual.experiment, widths: vec![width], replay: usual.replay, schedule, ..Spec::clone(spec) };
    let checked = run.check(&READ).map_err(|problems| problems.to_string())?;
    Ok(format!("#{}", science(&checked)))
}
