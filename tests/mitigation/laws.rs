//! What the formulas promise beside their limits.

use lethe::engine::{Batches, Examples};
use lethe::model::{Parameterisation, Parameters};
use lethe::seed::Seed;
use lethe::train::OptimiserKind::{Gd, Momentum, Sgd};
use lethe::train::mitigation::{Treatment, ogd};
use lethe::train::{Mixture, Replay};

use crate::world::{mitigation, normal_row, optimiser, smooth_world};

#[test]
fn a_penalised_network_rests_where_the_penalised_loss_has_no_slope() {
    for parameterisation in [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield] {
        for kind in [Gd, Momentum] {
            let world = smooth_world(parameterisation);
            let (lambda, optimiser) = (0.05, optimiser(kind, 0.01));
            let treatment = world.treatment(mitigation("l2"), lambda, optimiser).unwrap();
            let (mut network, examples) = world.begin(&treatment, optimiser);
            network.train(&examples, 20_000, Batches::Full, None);
            let (loss, end) = (network.gradient(&examples), network.parameters());
            let pull = |(now, before): (f32, f32)| 2.0 * lambda as f32 * (now - before);
            let pulls: Vec<f32> = end.iter().zip(world.start.iter()).map(pull).collect();
            let largest = pulls.iter().fold(0.0, |a: f32, b| a.max(b.abs()));
            assert!(largest > 1e-3, "there is something to balance");
            for (slope, pull) in loss.iter().zip(pulls) {
                // Where the pull of a step is below half a bit of the parameter it stays as it is.
                assert!((slope + pull).abs() < 0.01 * largest, "{parameterisation:?}, {kind:?}: {slope}, {pull}");
            }
        }
    }
}

#[test]
fn a_batch_that_is_the_mixture_is_a_full_step_of_added_replay() {
    // r = 1: half of the batch is old, and the factor 1 + r on the rate is 2, so that no rounding differs.
    let world = smooth_world(Parameterisation::Ntk);
    let treatment = world.treatment(mitigation("added"), 1.0, optimiser(Sgd, 0.01)).unwrap();
    assert_eq!((treatment.replay.share(), treatment.replay.total()), (0.5, 2.0));
    let count = 2 * world.new_y.len();
    let ends = [Gd, Sgd].map(|kind| {
        let (mut network, examples) = world.begin(&treatment, optimiser(kind, 0.01));
        let mut everything = |_: u32, batch: &mut [u32]| batch.iter_mut().zip(0..).for_each(|(index, i)| *index = i);
        let batches = match kind {
            Sgd => Batches::Sampled { size: count, draw: &mut everything },
            _ => Batches::Full,
        };
        network.train(&examples, 10, batches, None);
        network.parameters()
    });
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn added_replay_keeps_the_new_tasks_weight_and_replacing_takes_from_it() {
    let mixture = Mixture::new(4, &[(1.0, 2), (3.0, 2)], &[]);
    let sums = |replay| -> [f32; 2] {
        let weights = mixture.full_batch_with(replay);
        [weights[..4].iter().sum(), weights[4..].iter().sum()]
    };
    assert_eq!(sums(Replay::Added(0.25)), [1.0, 0.25]);
    assert_eq!(sums(Replay::Replacing(0.25)), [0.75, 0.25]);
    let [added, replacing] = [Replay::Added(0.5), Replay::Replacing(1.0 / 3.0)];
    let (added_weights, replacing_weights) = (mixture.full_batch_with(added), mixture.full_batch_with(replacing));
    for (a, b) in added_weights.iter().zip(replacing_weights) {
        assert!((a / added.total() as f32 - b).abs() < 1e-7, "relative weights hold within a task");
    }
    assert!((added.share() - replacing.share()).abs() < 1e-15);
}

#[test]
fn weights_of_single_examples_hold_in_added_replay() {
    let mixture = Mixture::new(4, &[], &[(1.0, 1), (3.0, 3)]);
    let weights = mixture.full_batch_with(Replay::Added(0.5));
    let expected = [0.25, 0.25, 0.25, 0.25, 0.05, 0.15, 0.15, 0.15];
    for (weight, expected) in weights.iter().zip(expected) {
        assert!((weight - expected).abs() < 1e-7, "{weights:?}");
    }
}

#[test]
fn a_basis_is_orthonormal_and_spans_its_rows_only_once() {
    let mut stream = Seed::new(3).fork("basis").stream();
    let mut rows: Vec<Vec<f64>> =
        (0..5).map(|_| normal_row(40, &mut stream).into_iter().map(f64::from).collect()).collect();
    // Nearly the second, all of nothing, and a mixture of two.
    let nearly = rows[1].iter().zip(&rows[4]).map(|(a, b)| 1e3 * a + 1e-7 * b).collect();
    let mixed = rows[0].iter().zip(&rows[2]).map(|(a, b)| a - 2.0 * b).collect();
    rows.splice(3..3, [nearly, vec![0.0; 40], mixed]);
    let basis = ogd::basis(rows.clone());
    assert_eq!(basis.len(), 5);
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for (i, a) in basis.iter().enumerate() {
        for (j, b) in basis.iter().enumerate() {
            let expected = if i == j { 1.0 } else { 0.0 };
            assert!((product(a, b) - expected).abs() < 1e-14, "{i}, {j}");
        }
    }
    for row in &rows {
        let mut left = row.clone();
        for along in &basis {
            let part = product(&left, along);
            left.iter_mut().zip(along).for_each(|(value, along)| *value -= part * along);
        }
        assert!(product(&left, &left) <= 1e-9 * product(row, row));
    }
}

#[test]
fn interpolation_goes_from_one_network_to_the_other() {
    let world = smooth_world(Parameterisation::Ntk);
    let there = Parameters::filled(&world.mlp, 0.75);
    let at = |a: f32| {
        let treatment = Treatment { interpolation: a, ..Treatment::plain() };
        treatment.measured(&world.mlp, there.clone(), &world.start).unwrap()
    };
    assert_eq!((at(0.0), at(1.0)), (there.clone(), world.start.clone()));
    for ((half, there), start) in at(0.5).iter().zip(there.iter()).zip(world.start.iter()) {
        assert!((half - 0.5 * (there + start)).abs() < 1e-7);
    }
    let treatment = Treatment { interpolation: 0.5, ..Treatment::plain() };
    let wide = lethe::model::Mlp { width: 10, ..world.mlp };
    assert_eq!(treatment.measured(&wide, there, &world.start), None);
}

#[test]
fn optimisers_carry_the_losss_whole_weight_where_batches_cannot() {
    let treatment = Treatment { replay: Replay::Added(0.5), rate_factor: 0.25, ..Treatment::plain() };
    let rate = |kind, sampled| treatment.optimiser(optimiser(kind, 0.1), sampled).learning_rate;
    assert_eq!(rate(Gd, false), 0.1 * 0.25);
    assert_eq!(rate(Momentum, true), 0.1 * 0.25 * 1.5);
    assert_eq!(rate(lethe::train::OptimiserKind::Adam, true), 0.1 * 0.25, "Adam divides by the gradient's size");
}

/// Examples are used as they are.
#[test]
fn distillation_has_the_gradient_of_both_losses() {
    let world = smooth_world(Parameterisation::Ntk);
    let former: Vec<f32> = world.new_x.chunks_exact(3).map(|x| 0.3 * x[0] - 0.1).collect();
    let mut moved = world.clone();
    // Somewhere else than at the start, where the former outputs would not pull.
    moved.start.w2.iter_mut().for_each(|w2| *w2 += 0.2);
    let s = 0.3f32;
    let labels: Vec<f32> = world.new_y.iter().zip(&former).map(|(y, f)| (1.0 - s) * y + s * f).collect();
    let treatment = Treatment { labels: Some(labels), ..Treatment::plain() };
    let (network, mixed) = moved.begin(&treatment, optimiser(Gd, 0.1));
    let count = world.new_y.len();
    let with = |y: &[f32], weight: f32| {
        let x = world.new_x.clone();
        let all = Examples { x, y: y.to_vec(), weight: vec![weight / count as f32; count] };
        network.gradient(&all)
    };
    let (new, old) = (with(&world.new_y, 1.0 - s), with(&former, s));
    for ((both, new), old) in network.gradient(&mixed).iter().zip(new.iter()).zip(old.iter()) {
        assert!((both - (new + old)).abs() < 1e-6, "{both}, {new}, {old}");
    }
}
