//! Whether this GPU computes what the CPU does: fixed short runs on both.

use super::trainer::lost;
use crate::data::World;
use crate::engine::fused_gpu::Gpu;
use crate::experiments::event::Event;
use crate::experiments::fleet::FleetRun;
use crate::experiments::job::jobs;
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Engine, Experiment, Job, JobRun, Point, Results, Spec};
use crate::model::{Activation, Block};
use crate::train::OptimiserKind;
use crate::web::devices::Test;
use crate::web::protocol::{Code, Fault};

/// Largest relative difference with which a GPU is used. Rounding makes 4e-6 of these runs on a software adapter
/// and may make some ten times as much where multiplications and additions are fused; a wrong kernel makes
/// more than a thousand times as much.
const TOLERANCE: f64 = 3e-4;
/// What a difference is measured against at least: below it, values count as zero.
const FLOOR: f64 = 1e-3;
/// Milliseconds asked of the GPU at a time.
const SLICE: f64 = 100.0;

/// Runs the test on an engine and on the CPU's.
///
/// # Errors
/// A GPU that fails.
pub async fn test(gpu: &Gpu, engine: Engine) -> Result<Test, Fault> {
    let mut difference: f64 = 0.0;
    let deep = engine == Engine::AutodiffGpu;
    for spec in if deep { in_depth() } else { vec![on_a_line(), in_space()] } {
        let spec = spec.check(&Limits::NATIVE).map_err(|problems| Fault::new(Code::BadSpec, problems.to_string()))?;
        difference = worse(difference, difference_on(gpu, &spec).await?);
    }
    Ok(Test { difference, tolerance: TOLERANCE })
}

async fn difference_on(gpu: &Gpu, spec: &CheckedSpec) -> Result<f64, Fault> {
    let jobs = jobs(spec);
    let mut here = Results::new(spec.clone());
    let mut there = Results::new(spec.clone());
    for &job in &jobs {
        let mut run = JobRun::new(spec, job);
        while !run.is_done() {
            run.advance(f64::INFINITY).into_iter().for_each(|event| here.add(job, spec.engine_on_cpu(), event));
        }
    }
    let mut fleet = FleetRun::new(gpu, spec, &jobs);
    while !fleet.is_done() {
        let events: Vec<(Job, Event)> = fleet.advance(SLICE).await.map_err(lost)?;
        events.into_iter().for_each(|(job, event)| there.add(job, spec.engine_on_gpu(), event));
    }
    Ok(largest_difference(&here, &there))
}

/// Two widths, one no multiple of anything, with and without replay, from two seeds.
fn on_a_line() -> Spec {
    let mut spec = Spec::defaults(Experiment::default());
    spec.widths = vec![13, 64];
    spec.replay = vec![0.0, 0.1];
    spec.samples = 50;
    spec.pretraining_steps = 200;
    spec.fine_tuning_steps = 100;
    spec.seeds = vec![0, 1];
    spec
}

/// Points of several coordinates, and a sequence of tasks: kernels of their own.
fn in_space() -> Spec {
    let world = World::named("rotated").unwrap_or_default();
    let (samples, tasks) = (20, 3);
    Spec { world, samples, tasks, pretraining_steps: 40, fine_tuning_steps: 40, seeds: vec![0], ..on_a_line() }
}

/// What a deep network may have: a sequence of points of several coordinates; layers with a shortcut and normalised
/// ones; every activation that the device has a function of its own for; moments and batches.
fn in_depth() -> Vec<Spec> {
    // A step is some hundred dispatches: where a program plays the GPU, eighty of them take most of a minute.
    let (pretraining_steps, fine_tuning_steps) = (8, 9);
    let short = |spec| Spec { widths: vec![12], seeds: vec![0], pretraining_steps, fine_tuning_steps, ..spec };
    let deep = Spec { depth: 3, block: Block::ResidualNorm, ..short(in_space()) };
    let plain = Spec { depth: 2, replay: vec![0.1], ..short(on_a_line()) };
    let (activation, optimiser) = (Activation::Tanh, OptimiserKind::Adam);
    let tanh = Spec { activation, optimiser, learning_rate: 1e-3, ..plain.clone() };
    let erf = Spec { activation: Activation::Erf, optimiser: OptimiserKind::Sgd, batch: 8, ..plain };
    vec![deep, tanh, erf]
}

/// Over every measure of every checkpoint; infinite where one has what the other lacks.
fn largest_difference(here: &Results, there: &Results) -> f64 {
    let mut largest: f64 = 0.0;
    let phases = || [None].into_iter().chain((0..here.spec.branch_count()).map(Some));
    for job in jobs(&here.spec) {
        let (Some(own), Some(other)) = (here.job(job), there.job(job)) else { return f64::INFINITY };
        for branch in phases() {
            let (Some(own), Some(other)) = (own.phase(branch), other.phase(branch)) else { return f64::INFINITY };
            if own.ending != other.ending || own.points.len() != other.points.len() {
                return f64::INFINITY;
            }
            largest = own.points.iter().zip(&other.points).map(|(a, b)| difference(a, b)).fold(largest, worse);
        }
    }
    largest
}

fn difference(own: &Point, other: &Point) -> f64 {
    if own.step != other.step {
        return f64::INFINITY;
    }
    let values = own.measures.values().into_iter().zip(other.measures.values());
    let relative = |(a, b): (f32, f32)| f64::from((a - b).abs()) / f64::from(a.abs().max(b.abs())).max(FLOOR);
    values.map(relative).fold(0.0, worse)
}

/// The larger one; what is no number is the largest.
fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() { f64::INFINITY } else { a.max(b) }
}
