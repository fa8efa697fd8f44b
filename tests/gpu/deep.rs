//! Deep networks on the GPU: every block in a line, in space and in sequences.

use lethe::data::World;
use lethe::experiments::job::jobs;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Ending, Experiment, Spec};
use lethe::model::{Activation, Block};
use lethe::train::OptimiserKind;

use crate::fleet::{agrees, goes_on_after, goes_on_from_the_cpu, on_gpu};
use crate::yardstick::Yardstick;

fn spec(change: impl Fn(&mut Spec)) -> CheckedSpec {
    let mut spec = Spec::defaults(Experiment::named("replay").expect("an experiment"));
    (spec.depth, spec.activation, spec.samples) = (2, Activation::Tanh, 24);
    (spec.pretraining_steps, spec.fine_tuning_steps) = (40, 41);
    (spec.replay, spec.seeds, spec.widths) = (vec![0.0, 0.1, 0.5], vec![0, 1], vec![8, 13]);
    spec.learning_rate = 0.005;
    change(&mut spec);
    spec.check(&Limits::NATIVE).expect("accepted settings")
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn every_block_agrees_with_the_cpu_as_far_as_rounding_goes() {
    use OptimiserKind::{Adam, Gd, Momentum, Sgd};
    let settings = [
        ("gaussians", 2, Block::Plain, Gd, 0, 0.05),
        ("gaussians", 1, Block::Norm, Adam, 0, 0.0),
        ("clusters", 3, Block::Residual, Momentum, 10, 0.4),
        ("rotated", 2, Block::ResidualNorm, Sgd, 12, 0.0),
        ("gradual", 4, Block::Plain, Adam, 0, 0.0),
    ];
    for (world, depth, block, optimiser, batch, stop_loss) in settings {
        let spec = spec(|spec| {
            spec.world = World::named(world).expect("a world");
            (spec.depth, spec.block, spec.optimiser, spec.batch) = (depth, block, optimiser, batch);
            spec.stop_loss = stop_loss;
        });
        agrees(&format!("{world}, {block:?} of depth {depth}, {optimiser:?}"), &spec);
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn fleets_broken_off_go_on_and_so_does_the_cpu_from_there() {
    for (optimiser, batch) in [(OptimiserKind::Adam, 0), (OptimiserKind::Sgd, 20)] {
        let spec = spec(|spec| (spec.block, spec.optimiser, spec.batch) = (Block::ResidualNorm, optimiser, batch));
        goes_on_after(&spec, &[1, 4, 40]);
    }
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn jobs_that_the_cpu_leaves_go_on_in_one_fleet() {
    goes_on_from_the_cpu(&spec(|spec| {
        (spec.optimiser, spec.seeds) = (OptimiserKind::Momentum, vec![0, 1, 2, 3]);
        spec.world = World::named("rotated").expect("a world");
    }));
}

#[test]
#[ignore = "needs a GPU or llvmpipe"]
fn divergence_is_found_at_its_step() {
    let spec = spec(|spec| (spec.learning_rate, spec.activation) = (3.0, Activation::Relu));
    let (reference, found) = (Yardstick::new(&spec).reference, on_gpu(crate::fleet::gpu(), &spec));
    for job in jobs(&spec) {
        let [own, other] = [&reference, &found].map(|of| of.job(job).and_then(|traces| traces.pretraining.ending));
        assert!(matches!(own, Some(Ending::Diverged(_))), "this rate diverges");
        assert_eq!(own, other, "{job:?}");
    }
}
