//! Networks in a fleet do not know of each other, and can be taken out and put back.

use lethe::engine::Stop;
use lethe::engine::autodiff::{Device, Fleet, Member, Shape, at_once};
use lethe::engine::fleet::{Common, World};
use lethe::model::{Activation, Block, Mlp};
use lethe::train::OptimiserKind;

use crate::networks::*;

const SAMPLES: usize = 16;

/// Networks of several shapes, rates, worlds, weights and batches.
pub fn mixed(optimiser: OptimiserKind, batch: usize) -> (Common, Vec<World>, Vec<Member>, Vec<Vec<u32>>) {
    let mut stream = stream("mixed");
    let waves: Vec<Wave> = (0..3).map(|_| wave(SAMPLES, 2, 1, &mut stream)).collect();
    let mut weights: Vec<Vec<f32>> = waves.iter().map(|wave| wave.weight.clone()).collect();
    weights[1][SAMPLES / 2..].fill(0.0);
    let shapes: Vec<Mlp> = BLOCKS
        .into_iter()
        .zip([11, 11, 8, 16])
        .map(|(block, width)| mlp(2, width, 3, block, Activation::Tanh))
        .collect();
    let members = (0..12).map(|k| {
        let mlp = shapes[k * k % 4];
        let start: Vec<f32> = mlp.init(&mut stream).iter().collect();
        let rate = 0.005 * (1 + k % 5) as f32;
        Member {
            world: k % 3,
            weights: (k + 1) % 3,
            batches: k % 2,
            ..member(Shape::scalar(mlp), rate, start, optimiser)
        }
    });
    let members = members.collect();
    let mut row = || (0..30 * batch).map(|_| (stream.uniform() * SAMPLES as f64) as u32).collect();
    let batches = vec![row(), row()];
    (common(optimiser, batch, None, weights), waves.into_iter().map(|wave| wave.world).collect(), members, batches)
}

/// On the CPU even bit for bit: a matrix product of a batch is that of its members.
#[test]
fn a_network_trains_in_a_fleet_as_it_does_alone() {
    for optimiser in OPTIMISERS {
        for batch in [0, 6] {
            let (setting, worlds, members, batches) = mixed(optimiser, batch);
            let mut together = fleet(setting.clone(), worlds.clone(), &members);
            train(&mut together, 30, &batches);
            let together = standings(&together);
            for (member, together) in members.iter().zip(together) {
                let mut alone =
                    Fleet::new(&Device::flex(), 1, setting.clone(), worlds.clone(), std::slice::from_ref(member));
                train(&mut alone, 30, &batches);
                let alone = standings(&alone).remove(0);
                assert_eq!(together.step, 30);
                assert_eq!(alone, together, "{optimiser:?}, batch {batch}: {:?}", member.shape);
            }
        }
    }
}

#[test]
fn a_fleet_restored_from_its_standings_continues_with_equal_bits() {
    for optimiser in OPTIMISERS {
        let (setting, worlds, mut members, batches) = mixed(optimiser, 5);
        let [first, second] = [0..20, 20..30].map(|steps: core::ops::Range<usize>| {
            batches.iter().map(|row| row[steps.start * 5..steps.end * 5].to_vec()).collect::<Vec<_>>()
        });
        let mut whole = fleet(setting.clone(), worlds.clone(), &members);
        train(&mut whole, 20, &first);
        for (member, at) in members.iter_mut().zip(standings(&whole)) {
            member.at = at;
        }
        let mut restored = fleet(setting, worlds, &members);
        assert_eq!(restored.step(), 20);
        train(&mut whole, 10, &second);
        train(&mut restored, 10, &second);
        assert_eq!(standings(&whole), standings(&restored), "{optimiser:?}");
    }
}

/// Examples without weight are left out, whoever else sees them: the same sums of other numbers of terms.
#[test]
fn examples_of_no_weight_do_not_count() {
    let mut stream = stream("weightless");
    let mlp = mlp(1, 12, 2, Block::Residual, Activation::Erf);
    let start: Vec<f32> = mlp.init(&mut stream).iter().collect();
    let Wave { world, .. } = wave(SAMPLES, 1, 1, &mut stream);
    let half = SAMPLES / 2;
    let mut weight = vec![0.0; SAMPLES];
    weight[..half].fill(1.0 / half as f32);
    let even = vec![1.0 / SAMPLES as f32; SAMPLES];
    let one = member(Shape::scalar(mlp), 0.05, start, OptimiserKind::Gd);
    let other = Member { weights: 1, ..one.clone() };
    let setting = common(OptimiserKind::Gd, 0, None, vec![weight.clone(), even]);
    let mut both = fleet(setting, vec![world.clone()], &[one.clone(), other, one.clone()]);
    train(&mut both, 50, &[]);
    let kept = World { x: world.x[..half].to_vec(), y: world.y[..half].to_vec(), ..World::default() };
    let mut alone = fleet(common(OptimiserKind::Gd, 0, None, vec![weight[..half].to_vec()]), vec![kept], &[one]);
    train(&mut alone, 50, &[]);
    let (both, alone) = (standings(&both), standings(&alone));
    for k in [0, 2] {
        let off = relative_difference(&wide(&both[k].parameters), &wide(&alone[0].parameters));
        assert!(off < 1e-5, "{off:e}");
    }
    assert_ne!(both[0], both[1]);
}

/// A change of weights on the way is that of a fleet which begins there with them.
#[test]
fn weights_can_change_on_the_way() {
    let (setting, worlds, mut members, _) = mixed(OptimiserKind::Momentum, 0);
    let mut changed = fleet(setting.clone(), worlds.clone(), &members);
    train(&mut changed, 10, &[]);
    let new: Vec<usize> = members.iter().map(|member| (member.weights + 1) % 3).collect();
    for ((member, at), &weights) in members.iter_mut().zip(standings(&changed)).zip(&new) {
        (member.at, member.weights) = (at, weights);
    }
    changed.weigh(&new);
    train(&mut changed, 10, &[]);
    let mut begun = fleet(setting, worlds, &members);
    train(&mut begun, 10, &[]);
    assert_eq!(standings(&changed), standings(&begun));
}

/// Two outputs that share nothing but their hidden layers' parameters: their loss is the sum of both.
#[test]
fn a_network_of_two_outputs_learns_both() {
    let mut stream = stream("outputs");
    let shape = Shape { mlp: mlp(1, 64, 2, Block::Residual, Activation::Tanh), outputs: 2 };
    let x: Vec<f32> = (0..SAMPLES).map(|i| i as f32 / 8.0 - 1.0).collect();
    let y: Vec<f32> = x.iter().flat_map(|&x| [x * x, -x]).collect();
    let world = World { x: x.clone(), y: y.clone(), ..World::default() };
    let start = normal(shape.parameter_count(), &mut stream);
    let setting = common(OptimiserKind::Adam, 0, None, vec![vec![1.0 / SAMPLES as f32; SAMPLES]]);
    let mut fleet = fleet(setting, vec![world], &[member(shape, 0.02, start, OptimiserKind::Adam)]);
    train(&mut fleet, 600, &[]);
    let f = at_once(fleet.predict(&x)).unwrap().remove(0);
    assert_eq!(f.len(), 2 * SAMPLES);
    let worst = f.iter().zip(&y).fold(0.0, |worst: f32, (f, y)| worst.max((f - y).abs()));
    assert!(worst < 0.05, "{worst}");
}

/// The measurement's place is the network's, also after others have ended.
#[test]
fn measurements_are_told_network_by_network() {
    let (mut setting, worlds, members, _) = mixed(OptimiserKind::Gd, 0);
    setting.stop = Some(Stop { examples: SAMPLES / 2, level: 0.6 });
    let mut together = fleet(setting.clone(), worlds.clone(), &members);
    train(&mut together, 30, &[]);
    together.measure();
    train(&mut together, 5, &[]);
    together.measure();
    let together = at_once(together.collect()).unwrap();
    assert_eq!(together.measured.len(), 2);
    let ended = together.outcomes.iter().flatten().count();
    assert!((1..members.len()).contains(&ended), "{ended} have ended");
    for (k, member) in members.iter().enumerate() {
        let mut alone = fleet(setting.clone(), worlds.clone(), std::slice::from_ref(member));
        train(&mut alone, 30, &[]);
        alone.measure();
        train(&mut alone, 5, &[]);
        alone.measure();
        let alone = at_once(alone.collect()).unwrap();
        assert_eq!(alone.outcomes[0], together.outcomes[k]);
        for (alone, together) in alone.measured.iter().zip(&together.measured) {
            assert_eq!(alone[0], together[k], "network {k}");
        }
    }
}
