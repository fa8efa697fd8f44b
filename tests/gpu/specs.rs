//! Random settings: every activation, scaling, optimiser, batch, schedule, weighting and stop rule.

use lethe::data::World;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Experiment, Spec};
use lethe::model::{Activation, Parameterisation};
use lethe::seed::{Seed, Stream};
use lethe::train::OptimiserKind;

/// The settings of a number; small enough for a GPU that is played in software.
pub fn draw(number: u64) -> CheckedSpec {
    let stream = &mut Seed::new(number).fork("gpu spec").stream();
    let mut spec = Spec::defaults(Experiment::default());
    spec.activation = one_of(stream, &[Activation::Relu, Activation::Tanh, Activation::Erf, Activation::Linear]);
    let scalings = [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield];
    spec.parameterisation = one_of(stream, &scalings);
    spec.richness = one_of(stream, &[0.5, 1.0, 2.0]);
    let optimisers = [OptimiserKind::Gd, OptimiserKind::Sgd, OptimiserKind::Momentum, OptimiserKind::Adam];
    spec.optimiser = one_of(stream, &optimisers);
    spec.samples = one_of(stream, &[2, 7, 30, 64, 100, 256]);
    let drawn = spec.optimiser == OptimiserKind::Sgd || (spec.optimiser != OptimiserKind::Gd && stream.below(3) == 0);
    spec.batch = if drawn { 1 + stream.below(2 * spec.samples) } else { 0 };
    let slow = if spec.optimiser == OptimiserKind::Adam { 0.03 } else { 1.0 };
    spec.learning_rate = slow * 0.003 * libm::pow(30.0, stream.uniform());
    spec.widths =
        (0..1 + stream.below(3)).map(|_| 1 + stream.below(one_of(&mut stream.clone(), &[8, 70, 300]))).collect();
    spec.widths.sort_unstable();
    spec.widths.dedup();
    spec.pretraining_steps = stream.below(150);
    spec.fine_tuning_steps = 1 + stream.below(80);
    spec.stop_loss = one_of(stream, &[0.0, 0.0, 0.02, 0.1]);
    spec.spread = one_of(stream, &[0.1, 0.2, 0.6]);
    spec.new_label = one_of(stream, &[-0.2, 1.5]);
    spec.label_noise = one_of(stream, &[0.0, 0.1]);
    if stream.below(3) == 0 {
        spec.schedule = vec![(0, stream.uniform()), (1 + stream.below(30), 0.0), (40, 1.0)];
    } else {
        spec.replay = (0..1 + stream.below(3))
            .map(|_| one_of(&mut stream.clone(), &[0.0, 1.0, 0.3]) * stream.uniform())
            .collect();
        spec.replay.dedup();
    }
    if stream.below(3) == 0 {
        spec.new_weights = vec![(1.0, 1), (0.25, spec.samples - 1)];
    }
    if stream.below(3) == 0 {
        spec.old_weights = vec![(0.0, 1), (1.0, spec.samples - 1)];
    }
    spec.seeds = vec![stream.below(100), 100 + stream.below(100)];
    spec.repair(&Limits::NATIVE).0
}

/// The settings of a number in a world, of points of a few or many coordinates and sequences of a few tasks.
pub fn draw_in(world: World, number: u64) -> CheckedSpec {
    let stream = &mut Seed::new(number).fork("gpu world").fork(world.name).stream();
    let mut spec = (*draw(stream.below(1 << 20).into())).clone();
    spec.world = world;
    let (least, most) = world.inputs_range;
    spec.inputs = one_of(stream, &[1, 2, 3, 4, 7, 16, 33, 64]).clamp(least, most);
    spec.samples = spec.samples.min(100);
    spec.tasks = 2 + stream.below(4);
    spec.clusters = 2 + stream.below(5);
    spec.angle = one_of(stream, &[20.0, 45.0, 90.0]);
    spec.similarity = stream.uniform();
    spec.share = one_of(stream, &[0.25, 0.5, 1.0]);
    spec.repair(&Limits::NATIVE).0
}

fn one_of<T: Copy>(stream: &mut Stream, choices: &[T]) -> T {
    choices[stream.below(choices.len() as u32) as usize]
}
