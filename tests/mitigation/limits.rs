//! At its largest strength a mitigation holds what it claims to hold.

use lethe::model::{Activation, Parameterisation};
use lethe::train::OptimiserKind::{Gd, Momentum};
use lethe::train::mitigation::{Base, Treatment, ewc};
use proptest::prelude::*;

use crate::world::{KINDS, World, mitigation, optimiser, outputs, smooth_world, worlds};

fn treated(world: &World, name: &str, strength: f64, kind: lethe::train::OptimiserKind) -> Treatment {
    world.treatment(mitigation(name), strength, optimiser(kind, 0.01)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_largest_strength_moves_no_parameter(world in worlds()) {
        let largest = [("l2", f64::INFINITY), ("rate", f64::INFINITY), ("distil", 1.0), ("interpolate", 1.0)];
        for ((name, strength), kind) in largest.into_iter().flat_map(|of| KINDS.map(|kind| (of, kind))) {
            let treatment = treated(&world, name, strength, kind);
            let after = world.tuned(&treatment, optimiser(kind, 0.01), 20);
            prop_assert_eq!(&after, &world.start, "{} under {:?}", name, kind);
        }
    }

    #[test]
    fn infinite_consolidation_holds_what_the_old_task_depends_on(world in worlds()) {
        let important = importance(&world);
        for kind in KINDS {
            let treatment = treated(&world, "ewc", f64::INFINITY, kind);
            let after = world.tuned(&treatment, optimiser(kind, 0.01), 20);
            for ((now, before), weight) in after.iter().zip(world.start.iter()).zip(&important) {
                prop_assert!(now == before || *weight == 0.0);
            }
            // Without a gate, nothing is free: every unit has a slope and b2 always matters.
            if important.iter().all(|&weight| weight > 0.0) {
                prop_assert_eq!(world.old_change(&after), 0.0);
            }
        }
    }

    #[test]
    fn frozen_layers_do_not_move_and_the_output_layer_does(world in worlds()) {
        for kind in KINDS {
            let after = world.tuned(&treated(&world, "freeze", 1.0, kind), optimiser(kind, 0.01), 20);
            prop_assert_eq!((&after.w1, &after.b1), (&world.start.w1, &world.start.b1));
            prop_assert_ne!(after.b2, world.start.b2);
        }
    }
}

fn importance(world: &World) -> Vec<f64> {
    let network = lethe::engine::fused_cpu::State::new(world.mlp, world.start.clone(), optimiser(Gd, 0.1));
    let base = Base {
        mlp: world.mlp,
        optimiser: optimiser(Gd, 0.1),
        parameters: &world.start,
        new_inputs: &[],
        new_labels: &[],
        new_outputs: &[],
        old_inputs: &world.old_x,
        gradients: &|x| network.gradients(x),
    };
    ewc::importance(&base).unwrap()
}

#[test]
fn a_shut_relu_is_of_no_importance_and_a_smooth_network_has_none_such() {
    let smooth = smooth_world(Parameterisation::Ntk);
    assert!(importance(&smooth).iter().all(|&weight| weight > 0.0));
    let mut shut = smooth.clone();
    shut.mlp.activation = Activation::Relu;
    shut.start.b1[4] = -100.0;
    let (found, width, inputs) = (importance(&shut), 9, 3);
    let of_unit = (0..inputs).map(|c| 4 * inputs + c).chain([width * inputs + 4, width * (inputs + 1) + 4]);
    assert!(of_unit.into_iter().all(|i| found[i] == 0.0));
    assert!(found[width * (inputs + 2)] == 1.0, "that of b2 is 1");
}

#[test]
fn stronger_penalties_end_closer_to_the_start() {
    // By the distance that is penalised: under consolidation what does not matter goes all the farther.
    for name in ["l2", "ewc"] {
        for kind in KINDS {
            let world = smooth_world(Parameterisation::Meanfield);
            let count = world.mlp.parameter_count();
            let weights = if name == "ewc" { importance(&world) } else { vec![1.0; count] };
            let away = [0.0, 0.1, 1.0, 10.0, 1e6].map(|strength| {
                let after = world.tuned(&treated(&world, name, strength, kind), optimiser(kind, 0.01), 300);
                let moved = after.iter().zip(world.start.iter()).map(|(now, before)| f64::from(now - before));
                moved.zip(&weights).map(|(moved, weight)| weight * moved * moved).sum::<f64>().sqrt()
            });
            assert!(away.windows(2).all(|pair| pair[1] < pair[0]), "{name} under {kind:?}: {away:?}");
            assert!(away[4] < 0.02 * away[0], "{name} under {kind:?}: {away:?}");
        }
    }
}

#[test]
fn replay_of_the_old_task_alone_leaves_a_task_that_is_learnt() {
    // Old labels are the network's own answers.
    for kind in [Gd, Momentum] {
        let world = smooth_world(Parameterisation::Ntk);
        let after = world.tuned(&treated(&world, "replay", 1.0, kind), optimiser(kind, 0.01), 50);
        assert!(world.old_change(&after) < 1e-6);
        let plain = world.tuned(&Treatment::plain(), optimiser(kind, 0.01), 50);
        assert!(world.old_change(&plain) > 0.1);
    }
}

#[test]
fn with_every_old_gradient_stored_old_outputs_move_to_second_order_only() {
    // Half the rate for as many steps goes half as far, to first order; plain outputs then change half as much, and
    // those without a first order a quarter.
    for parameterisation in [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield] {
        for kind in [Gd, Momentum] {
            let world = smooth_world(parameterisation);
            let count = world.old_y.len() as f64;
            let change = |name: &str, rate: f32| {
                let treatment = world.treatment(mitigation(name), count, optimiser(kind, rate));
                let treatment = treatment.unwrap_or_else(|_| Treatment::plain());
                world.old_change(&world.tuned(&treatment, optimiser(kind, rate), 4))
            };
            let far = 0.01;
            let ratio = |name| change(name, far) / change(name, far / 2.0);
            assert!((1.6..2.4).contains(&ratio("none")), "{parameterisation:?}, {kind:?}: {}", ratio("none"));
            assert!((3.2..4.8).contains(&ratio("ogd")), "{parameterisation:?}, {kind:?}: {}", ratio("ogd"));
            assert!(change("ogd", far) < 0.3 * change("none", far));
        }
    }
}

#[test]
fn an_old_output_linear_in_what_moves_is_kept_exactly_by_its_gradient() {
    // Only w2 and b2 move, in which f is linear: no second order is left.
    let world = smooth_world(Parameterisation::Ntk);
    let mut treatment = treated(&world, "freeze", 1.0, Gd);
    let network = lethe::engine::fused_cpu::State::new(world.mlp, world.start.clone(), optimiser(Gd, 0.1));
    let hidden = world.mlp.width * (world.mlp.inputs + 1);
    let rows: Vec<Vec<f64>> = (network.gradients(&world.old_x[..4 * world.mlp.inputs]).iter())
        .map(|of| of.iter().enumerate().map(|(i, g)| if i < hidden { 0.0 } else { f64::from(g) }).collect())
        .collect();
    let pack = |row: Vec<f64>| {
        let row: Vec<f32> = row.into_iter().map(|value| value as f32).collect();
        lethe::model::Parameters::from_row(&world.mlp, &row).unwrap()
    };
    treatment.restraint.forbidden = lethe::train::mitigation::ogd::basis(rows).into_iter().map(pack).collect();
    let after = world.tuned(&treatment, optimiser(Gd, 0.1), 200);
    let change = |parameters| -> Vec<f32> {
        let now = outputs(world.mlp, parameters, &world.old_x);
        now.iter().zip(&world.old_y).map(|(now, before)| (now - before).abs()).collect()
    };
    let found = change(&after);
    assert!(found[..4].iter().all(|change| *change < 3e-6), "{found:?}");
    assert!(found[4..].iter().any(|change| *change > 1e-3), "{found:?}");
}
