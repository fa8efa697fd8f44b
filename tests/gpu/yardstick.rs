//! How far two engines may be apart: as far as rounding carries the reference away from itself.
//!
//! A network in training amplifies rounding errors, some settings hardly, some a thousandfold (a rate
//! near the edge of stability, Adam where gradients vanish). So no fixed number is both safe and sharp.
//! The yardstick of a run is measured: the reference engine runs again from initial parameters that
//! differ by about one rounding, several times, and the largest change of each measure so far is what
//! rounding does to this run. Another engine rounds in every step and not only in the first: it may
//! differ by [`ROUNDINGS`] times as much, and by [`FLOOR`] where the reference happens to be unmoved.

use std::collections::BTreeMap;

use lethe::engine::fused_cpu::Snapshot;
use lethe::experiments::event::TaskLosses;
use lethe::experiments::job::jobs;
use lethe::experiments::{CheckedSpec, Ending, Event, Job, JobCheckpoint, JobRun, OpenPhase, Results, Trace};
use lethe::model::{Mlp, Parameters};
use lethe::seed::{Seed, Stream};

/// Times the measured effect of one rounding at the start.
pub const ROUNDINGS: f64 = 64.0;
/// Relative difference that is always allowed: some hundred roundings of a 32-bit number.
pub const FLOOR: f64 = 2e-5;
/// Perturbed runs of the reference.
const RERUNS: u64 = 3;

/// The reference's results, and by how much each measure may differ.
pub struct Yardstick {
    pub reference: Results,
    reruns: Vec<Results>,
}

/// Where results differ by more than allowed.
#[derive(Debug)]
pub struct Breach {
    pub place: String,
    /// The difference over what is allowed.
    pub excess: f64,
}

impl Yardstick {
    /// Runs the reference and its perturbed reruns.
    pub fn new(spec: &CheckedSpec) -> Self {
        let exact = |job: Job| JobRun::new(spec, job);
        let nudged = |job: Job, rerun: u64| {
            let mut stream = Seed::new(rerun).fork("nudge").stream();
            let mut place = JobCheckpoint::beginning(job);
            let mlp = spec.network(job.width);
            let init = mlp.init(&mut Seed::new(u64::from(job.seed)).fork("init").stream());
            let network = Snapshot::at_start(&mlp, nudge(&mlp, &init, &mut stream), spec.optimiser);
            place.open.push(OpenPhase { branch: None, network, reported: 0, underway: None });
            JobRun::resume(spec, place).expect("the beginning of a job")
        };
        Self {
            reference: gather(spec, exact),
            reruns: (0..RERUNS).map(|rerun| gather(spec, |job| nudged(job, rerun))).collect(),
        }
    }

    /// How far the medians over seeds at the end of fine-tuning (ID loss, old-task loss, forgetting) may be
    /// from the reference's, relative to the larger one or to 1e-3: a median moves no more than its farthest
    /// seed. `None` where an end is decided by rounding, or by divergence.
    pub fn of_medians(&self) -> Option<f64> {
        let spec = &self.reference.spec;
        let mut tolerance: f64 = FLOOR;
        for job in jobs(spec) {
            for branch in 0..spec.branches().len() {
                let last = |results: &Results| {
                    let traces = results.job(job)?;
                    let trace = &traces.fine_tuning[branch];
                    let (before, after) = (trace.points.first()?.measures, trace.last()?.measures);
                    Some((
                        trace.ending,
                        [after.id_loss, after.old_loss, after.old_loss - before.old_loss].map(f64::from),
                    ))
                };
                let (ending, own) = last(&self.reference)?;
                for rerun in &self.reruns {
                    let (again, moved) = last(rerun)?;
                    if again != ending {
                        return None;
                    }
                    for (a, b) in own.iter().zip(moved) {
                        tolerance = tolerance.max(FLOOR + ROUNDINGS * (a - b).abs() / a.abs().max(1e-3));
                    }
                }
            }
        }
        Some(tolerance)
    }

    /// The worst place of other results, and whether they are within bounds there (excess at most 1).
    pub fn compare(&self, other: &Results) -> Breach {
        let mut worst = Breach { place: "nowhere".to_owned(), excess: 0.0 };
        let spec = &self.reference.spec;
        for job in jobs(spec) {
            let phases = std::iter::once(None).chain((0..spec.branches().len()).map(Some));
            for branch in phases {
                let of = |results: &Results| -> Trace {
                    let Some(traces) = results.job(job) else { return Trace::default() };
                    branch.map_or(&traces.pretraining, |branch| &traces.fine_tuning[branch]).clone()
                };
                let reruns: Vec<Trace> = self.reruns.iter().map(of).collect();
                let looks = |results: &Results| -> Vec<TaskLosses> {
                    let traces = results.job(job).zip(branch);
                    traces.and_then(|(traces, branch)| traces.tasks.get(branch).cloned()).unwrap_or_default()
                };
                let again: Vec<_> = self.reruns.iter().map(looks).collect();
                let of_points = self::excesses(&of(&self.reference), &reruns, &of(other));
                let of_looks = self::excesses_of_looks(&looks(&self.reference), &again, &looks(other));
                for (place, excess) in of_points.into_iter().chain(of_looks) {
                    if excess > worst.excess || excess.is_nan() {
                        worst = Breach { place: format!("{job:?} branch {branch:?} {place}"), excess };
                    }
                }
            }
        }
        worst
    }
}

/// For each measure of each checkpoint: where, and the difference over what is allowed.
fn excesses(own: &Trace, reruns: &[Trace], other: &Trace) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    // Where rounding decides when a run diverges or stops, it may do so elsewhere, too.
    let when = |trace: &Trace| match trace.ending {
        None => (0, 0),
        Some(Ending::Complete) => (1, 0),
        Some(Ending::Stopped(step)) => (2, step),
        Some(Ending::Diverged(step)) => (3, step),
        Some(Ending::Unplanned) => (4, 0),
    };
    let undecided = reruns.iter().any(|rerun| when(rerun) != when(own));
    if when(own) != when(other) && !undecided {
        found.push((format!("ended {:?} against {:?}", own.ending, other.ending), f64::INFINITY));
    }
    let at: BTreeMap<u32, _> = other.points.iter().map(|point| (point.step, point)).collect();
    let known = |step: u32| own.points.iter().chain(reruns.iter().flat_map(|r| &r.points)).any(|p| p.step == step);
    let news = other.points.iter().map(|point| point.step).filter(|&step| !undecided && !known(step));
    found.extend(news.map(|step| (format!("step {step} is in one only"), f64::INFINITY)));
    let mut moved = [0.0f64; 7];
    for (k, point) in own.points.iter().enumerate() {
        let values = point.measures.values();
        for rerun in reruns {
            if let Some(again) = rerun.points.get(k).filter(|again| again.step == point.step) {
                for (moved, (a, b)) in moved.iter_mut().zip(values.iter().zip(again.measures.values())) {
                    *moved = moved.max(f64::from((a - b).abs()));
                }
            }
        }
        let Some(theirs) = at.get(&point.step) else {
            if !undecided {
                found.push((format!("step {} is missing", point.step), f64::INFINITY));
            }
            continue;
        };
        // Means of outputs are differences of large and small ones: their scale is that of the labels.
        for (m, (a, b)) in values.into_iter().zip(theirs.measures.values()).enumerate() {
            let (a, b) = (f64::from(a), f64::from(b));
            let scale = a.abs().max(b.abs()).max(if m == 3 || m == 4 { 1.0 } else { 1e-3 });
            let allowed = FLOOR * scale + ROUNDINGS * moved[m];
            found.push((format!("step {} measure {m}: {a:e} against {b:e}", point.step), (a - b).abs() / allowed));
        }
        for (g, (&a, &b)) in point.function.iter().zip(&theirs.function).enumerate() {
            let of = |rerun: &Trace| rerun.points.get(k).map_or(0.0, |again| f64::from((again.function[g] - a).abs()));
            let (a, b) = (f64::from(a), f64::from(b));
            // A sum of terms, of which the larger ones may cancel.
            let scale = a.abs().max(b.abs()).max(1.0);
            let allowed = FLOOR * scale + ROUNDINGS * reruns.iter().map(of).fold(0.0, f64::max);
            found.push((format!("step {} function {g}: {a:e} against {b:e}", point.step), (a - b).abs() / allowed));
        }
    }
    found
}

/// The same for the losses on all tasks of a sequence.
fn excesses_of_looks(own: &[TaskLosses], reruns: &[Vec<TaskLosses>], other: &[TaskLosses]) -> Vec<(String, f64)> {
    let steps = |looks: &[TaskLosses]| looks.iter().map(|look| look.step).collect::<Vec<_>>();
    if reruns.iter().any(|rerun| steps(rerun) != steps(own)) {
        return Vec::new();
    }
    if steps(own) != steps(other) {
        return vec![(format!("looks at {:?} against {:?}", steps(own), steps(other)), f64::INFINITY)];
    }
    let mut found = Vec::new();
    for (k, (look, theirs)) in own.iter().zip(other).enumerate() {
        assert_eq!(look.losses.len(), theirs.losses.len(), "a loss for every task");
        for (task, (&a, &b)) in look.losses.iter().zip(&theirs.losses).enumerate() {
            let moved = reruns.iter().map(|rerun| f64::from((rerun[k].losses[task] - a).abs())).fold(0.0, f64::max);
            let (a, b) = (f64::from(a), f64::from(b));
            let allowed = FLOOR * a.abs().max(b.abs()).max(1e-3) + ROUNDINGS * moved;
            found.push((
                format!("look at step {} task {task}: {a:e} against {b:e}", look.step),
                (a - b).abs() / allowed,
            ));
        }
    }
    found
}

fn gather(spec: &CheckedSpec, begin: impl Fn(Job) -> JobRun) -> Results {
    let mut results = Results::new(spec.clone());
    for job in jobs(spec) {
        let mut run = begin(job);
        while !run.is_done() {
            let events: Vec<Event> = run.advance(f64::INFINITY);
            events.into_iter().for_each(|event| results.add(job, spec.engine_on_cpu(), event));
        }
    }
    results
}

/// Each parameter one unit in the last place up or down, or left alone.
fn nudge(mlp: &Mlp, parameters: &Parameters, stream: &mut Stream) -> Parameters {
    let one = |value: f32| match stream.below(3) {
        0 => value.next_up(),
        1 => value.next_down(),
        _ => value,
    };
    let row: Vec<f32> = parameters.iter().map(one).collect();
    Parameters::from_row(mlp, &row).expect("a row of the network's parameters")
}
