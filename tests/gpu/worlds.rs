//! Every world on the GPU: points of several coordinates, labels of their own, and sequences of tasks.

use cubecl::future::block_on;
use lethe::data::World;
use lethe::experiments::fleet::FleetRun;
use lethe::experiments::job::jobs;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Experiment, Spec};
use lethe::model::{Activation, Parameterisation};
use lethe::train::OptimiserKind;

use crate::fleet::{agrees, goes_on_after, goes_on_from_the_cpu, gpu};
use crate::specs;

/// Random settings of each world.
const DRAWN: u64 = 4;

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn every_world_agrees_with_the_reference_as_far_as_rounding_goes() {
    for world in World::all() {
        for number in 0..DRAWN {
            agrees(&format!("{} {number}", world.name), &specs::draw_in(world, number));
        }
    }
}

fn spec(world: &str, change: impl Fn(&mut Spec)) -> CheckedSpec {
    let mut spec = Spec::defaults(Experiment::named("replay").expect("an experiment"));
    spec.world = World::named(world).expect("a world");
    spec.samples = 24;
    (spec.pretraining_steps, spec.fine_tuning_steps) = (60, 61);
    (spec.replay, spec.seeds, spec.widths) = (vec![0.0, 0.1, 0.5], vec![0, 1], vec![20, 33]);
    spec.learning_rate = 0.005;
    change(&mut spec);
    spec.check(&Limits::NATIVE).expect("accepted settings")
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn what_does_not_fit_on_chip_agrees_in_space_too() {
    use OptimiserKind::{Adam, Gd, Momentum, Sgd};
    let extremes = [
        ("clusters", 64, vec![1, 700], 500, Gd, 0, Activation::Relu, 2),
        ("clusters", 16, vec![700], 300, Adam, 0, Activation::Tanh, 4),
        ("teacher", 64, vec![64], 64, Momentum, 0, Activation::Erf, 8),
        ("permuted", 64, vec![300], 600, Sgd, 512, Activation::Linear, 3),
        ("rotated", 2, vec![2200], 128, Adam, 0, Activation::Relu, 6),
    ];
    for (world, inputs, widths, samples, optimiser, batch, activation, steps) in extremes {
        let spec = spec(world, |spec| {
            (spec.inputs, spec.widths, spec.samples) = (inputs, widths.clone(), samples);
            (spec.optimiser, spec.batch, spec.activation) = (optimiser, batch, activation);
            (spec.pretraining_steps, spec.fine_tuning_steps) = (steps, steps);
            spec.parameterisation = Parameterisation::Ntk;
            (spec.learning_rate, spec.replay, spec.seeds) = (0.001, vec![0.0, 0.5], vec![0]);
        });
        agrees(&format!("{world} of {inputs}, width {:?}, {samples} samples, {optimiser:?}", spec.widths), &spec);
    }
}

/// Mesa's llvmpipe ends long loops without a word. Such a run has no result instead of a wrong one.
#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn what_llvmpipe_would_cut_short_is_refused() {
    let spec = spec("clusters", |spec| {
        (spec.inputs, spec.widths, spec.samples, spec.seeds) = (64, vec![4096], 4096, vec![0]);
        (spec.pretraining_steps, spec.fine_tuning_steps) = (1, 1);
    });
    if gpu().facts().name.starts_with("llvmpipe") {
        let fault = block_on(FleetRun::new(gpu(), &spec, &jobs(&spec)).advance(50.0)).expect_err("too much");
        assert!(fault.0.contains("4096 units on points of 64 coordinates"), "{fault}");
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn fleets_broken_off_go_on_in_every_world() {
    let settings = [
        ("clusters", 5, OptimiserKind::Adam, 0),
        ("teacher", 8, OptimiserKind::Sgd, 20),
        ("rotated", 4, OptimiserKind::Momentum, 0),
        ("permuted", 3, OptimiserKind::Sgd, 7),
        ("gradual", 0, OptimiserKind::Adam, 0),
    ];
    for (world, inputs, optimiser, batch) in settings {
        let spec = spec(world, |spec| (spec.inputs, spec.optimiser, spec.batch) = (inputs, optimiser, batch));
        goes_on_after(&spec, &[1, 3, 4, 5, 6]);
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn jobs_that_the_cpu_leaves_go_on_in_every_world() {
    let settings = [("clusters", 5, OptimiserKind::Momentum, 0), ("rotated", 4, OptimiserKind::Sgd, 20)];
    for (world, inputs, optimiser, batch) in settings {
        goes_on_from_the_cpu(&spec(world, |spec| {
            (spec.inputs, spec.optimiser, spec.batch) = (inputs, optimiser, batch);
            spec.seeds = vec![0, 1, 2, 3];
        }));
    }
}
