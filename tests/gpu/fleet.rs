//! What a fleet reports, and that it can be broken off.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use cubecl::future::block_on;
use lethe::engine::fused_gpu::Gpu;
use lethe::experiments::fleet::FleetRun;
use lethe::experiments::job::{jobs, work_of_job};
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Ending, Event, Experiment, Job, JobCheckpoint, JobRun, Results, Spec};
use lethe::model::{Activation, Parameterisation};
use lethe::train::OptimiserKind;

use crate::specs;
use crate::yardstick::Yardstick;

/// A device can be opened once in a process.
pub fn gpu() -> &'static Gpu {
    static GPU: OnceLock<Gpu> = OnceLock::new();
    GPU.get_or_init(|| {
        let gpu = block_on(lethe::platform::open_gpu()).expect("an adapter; on Debian mesa-vulkan-drivers has one");
        eprintln!("on {} ({}, {})", gpu.facts().name, gpu.facts().kind, gpu.facts().api);
        gpu
    })
}

pub fn to_end(mut fleet: FleetRun, into: &mut Results) {
    while !fleet.is_done() {
        for (job, event) in block_on(fleet.advance(1.0)).expect("an answer") {
            into.add(job, into.spec.engine_on_gpu(), event);
        }
    }
}

pub fn on_gpu(gpu: &Gpu, spec: &CheckedSpec) -> Results {
    let mut results = Results::new(spec.clone());
    to_end(FleetRun::new(gpu, spec, &jobs(spec)), &mut results);
    results
}

/// With the kernels of software adapters and with those of real GPUs.
pub fn agrees(name: &str, spec: &CheckedSpec) {
    let yardstick = Yardstick::new(spec);
    for kind in ["software", "discrete"] {
        let results = on_gpu(&gpu().taken_for(kind), spec);
        assert!(results.is_complete(), "{name}, {kind}: not every network was told to the end\n{spec:?}");
        let breach = yardstick.compare(&results);
        assert!(
            breach.excess <= 1.0,
            "{name}, {kind}: {:.2} times what rounding explains, at {}\n{spec:?}",
            breach.excess,
            breach.place
        );
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn random_settings_agree_with_the_reference_as_far_as_rounding_goes() {
    for number in 0..60 {
        agrees(&format!("spec {number}"), &specs::draw(number));
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn what_does_not_fit_on_chip_agrees_too() {
    use OptimiserKind::{Adam, Gd, Momentum, Sgd};
    let extremes = [
        (vec![1, 4096], 4096, Gd, 0, Activation::Relu, 2),
        (vec![4096], 500, Adam, 0, Activation::Tanh, 6),
        (vec![700], 2000, Momentum, 0, Activation::Erf, 8),
        (vec![1500], 4096, Sgd, 4096, Activation::Relu, 3),
        (vec![512], 300, Adam, 0, Activation::Relu, 30),
    ];
    for (widths, samples, optimiser, batch, activation, steps) in extremes {
        let mut spec = Spec::defaults(Experiment::default());
        (spec.widths, spec.samples, spec.optimiser, spec.batch) = (widths, samples, optimiser, batch);
        (spec.activation, spec.parameterisation) = (activation, Parameterisation::Ntk);
        (spec.pretraining_steps, spec.fine_tuning_steps) = (steps, steps);
        spec.learning_rate = 0.001;
        (spec.replay, spec.seeds) = (vec![0.0, 0.5], vec![0]);
        let name = format!("width {:?}, {samples} samples, {optimiser:?}", spec.widths);
        agrees(&name, &spec.check(&Limits::NATIVE).expect("accepted settings"));
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn a_thousand_steps_in_long_dispatches_agree() {
    let mut spec = Spec::defaults(Experiment::default());
    spec.widths = vec![64, 512];
    spec.seeds = vec![0];
    (spec.pretraining_steps, spec.fine_tuning_steps) = (1000, 300);
    agrees("long", &spec.check(&Limits::NATIVE).expect("accepted settings"));
}

/// Runs until checkpoints can be taken somewhere in the middle of a phase.
pub fn break_off(spec: &CheckedSpec, all: &[Job], slices: usize, into: &mut Results) -> Vec<JobCheckpoint> {
    let mut fleet = FleetRun::new(gpu(), spec, all);
    for _ in 0..slices {
        for (job, event) in block_on(fleet.advance(0.0)).expect("an answer") {
            into.add(job, spec.engine_on_gpu(), event);
        }
    }
    let checkpoints = block_on(fleet.checkpoint()).expect("an answer");
    // Through bytes, as a page keeps them.
    let bytes = postcard::to_stdvec(&checkpoints).expect("bytes");
    postcard::from_bytes(&bytes).expect("checkpoints")
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn a_fleet_broken_off_goes_on_and_so_does_the_cpu_from_there() {
    for (optimiser, batch) in [(OptimiserKind::Adam, 0), (OptimiserKind::Sgd, 20), (OptimiserKind::Gd, 0)] {
        let mut spec = Spec::defaults(Experiment::named("replay").expect("an experiment"));
        (spec.optimiser, spec.batch, spec.samples) = (optimiser, batch, 50);
        (spec.pretraining_steps, spec.fine_tuning_steps) = (60, 60);
        (spec.replay, spec.seeds, spec.widths) = (vec![0.0, 0.1, 0.5], vec![0, 1], vec![20, 33]);
        spec.learning_rate = 0.005;
        let spec = spec.check(&Limits::NATIVE).expect("accepted settings");
        goes_on_after(&spec, &[1, 3, 5]);
    }
}

/// Broken off after so many slices, a fleet comes to the same end on either engine.
pub fn goes_on_after(spec: &CheckedSpec, slices: &[usize]) {
    let yardstick = Yardstick::new(spec);
    for &slices in slices {
        let mut on_gpu = Results::new(spec.clone());
        let checkpoints = break_off(spec, &jobs(spec), slices, &mut on_gpu);
        assert!(checkpoints.iter().all(|checkpoint| checkpoint.fits(spec)), "checkpoints fit their spec");
        let mut on_cpu = on_gpu.clone();
        if checkpoints.is_empty() {
            continue;
        }
        for checkpoint in checkpoints.clone() {
            let job = checkpoint.job;
            let mut run = JobRun::resume(spec, checkpoint).expect("the CPU goes on from there");
            while !run.is_done() {
                let events: Vec<Event> = run.advance(f64::INFINITY);
                events.into_iter().for_each(|event| on_cpu.add(job, spec.engine_on_cpu(), event));
            }
        }
        to_end(FleetRun::resume(gpu(), spec, checkpoints), &mut on_gpu);
        for (name, results) in [("GPU", on_gpu), ("CPU", on_cpu)] {
            let breach = yardstick.compare(&results);
            let place = format!("{} on the {name} after {slices}: {}", spec.world.name, breach.place);
            assert!(breach.excess <= 1.0, "{:.2} times what rounding explains, at {place}\n{spec:?}", breach.excess);
            assert!(results.is_complete(), "every branch has ended on the {name}");
            assert!(results.jobs().all(|(_, traces)| traces.fits(spec)), "no point is missing or told twice");
        }
    }
}

/// As the CPU leaves jobs, each at another place: untouched, in pre-training, in any branch of fine-tuning.
pub fn left_by_the_cpu(spec: &CheckedSpec, into: &mut Results) -> Vec<JobCheckpoint> {
    let place = |(k, job): (usize, Job)| {
        let mut run = JobRun::new(spec, job);
        while run.work_done() < k as f64 / 8.0 * work_of_job(spec, job.width) {
            run.advance(500.0).into_iter().for_each(|event| into.add(job, spec.engine_on_cpu(), event));
        }
        run.checkpoint().expect("a job in progress")
    };
    jobs(spec).into_iter().enumerate().map(place).collect()
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn jobs_at_different_places_go_on_in_one_fleet() {
    for (optimiser, batch) in [(OptimiserKind::Adam, 0), (OptimiserKind::Momentum, 0), (OptimiserKind::Sgd, 20)] {
        let mut spec = Spec::defaults(Experiment::named("replay").expect("an experiment"));
        (spec.optimiser, spec.batch, spec.samples) = (optimiser, batch, 50);
        (spec.pretraining_steps, spec.fine_tuning_steps) = (60, 60);
        (spec.replay, spec.seeds, spec.widths) = (vec![0.0, 0.1, 0.5], vec![0, 1, 2, 3], vec![20, 33]);
        spec.learning_rate = 0.005;
        let spec = spec.check(&Limits::NATIVE).expect("accepted settings");
        goes_on_from_the_cpu(&spec);
    }
}

/// Jobs that the CPU leaves at different places come to the same end in a fleet that is broken off once.
pub fn goes_on_from_the_cpu(spec: &CheckedSpec) {
    let yardstick = Yardstick::new(spec);
    let mut results = Results::new(spec.clone());
    let checkpoints = left_by_the_cpu(spec, &mut results);
    let step = |c: &JobCheckpoint| c.open.first().map(|open| open.network.step);
    let place = |c: &JobCheckpoint| (c.pretrained.is_some(), c.ended.len(), step(c));
    let places: BTreeSet<_> = checkpoints.iter().map(place).collect();
    assert!(places.len() >= 6, "{places:?}");
    // Broken off again in the middle, where the GPU has brought some of them further.
    let mut fleet = FleetRun::resume(gpu(), spec, checkpoints);
    for _ in 0..2 {
        for (job, event) in block_on(fleet.advance(0.0)).expect("an answer") {
            results.add(job, spec.engine_on_gpu(), event);
        }
    }
    let checkpoints = block_on(fleet.checkpoint()).expect("an answer");
    assert!(checkpoints.iter().all(|checkpoint| checkpoint.fits(spec)), "checkpoints fit their spec");
    to_end(FleetRun::resume(gpu(), spec, checkpoints), &mut results);
    assert!(results.is_complete(), "every branch has ended");
    assert!(results.jobs().all(|(_, traces)| traces.fits(spec)), "no point is missing or told twice");
    let breach = yardstick.compare(&results);
    let (optimiser, place) = (spec.optimiser, breach.place);
    assert!(breach.excess <= 1.0, "{optimiser:?}: {:.2} times what rounding explains, at {place}", breach.excess);
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
#[should_panic(expected = "a checkpoint fits its spec")]
fn a_checkpoint_of_another_run_is_a_defect() {
    let spec = CheckedSpec::defaults(Experiment::default());
    FleetRun::resume(gpu(), &spec, vec![JobCheckpoint::beginning(Job { seed: u32::MAX, width: 1 })]);
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn divergence_is_found_at_its_step() {
    let mut spec = Spec::defaults(Experiment::default());
    (spec.learning_rate, spec.seeds, spec.samples) = (3.0, vec![0, 1, 2], 64);
    let spec = spec.check(&Limits::NATIVE).expect("accepted settings");
    let (reference, found) = (Yardstick::new(&spec).reference, on_gpu(gpu(), &spec));
    for job in jobs(&spec) {
        let ending = |results: &Results| results.job(job).and_then(|traces| traces.pretraining.ending);
        assert!(matches!(ending(&reference), Some(Ending::Diverged(_))), "this rate diverges");
        assert_eq!(ending(&reference), ending(&found), "{job:?}");
    }
}
