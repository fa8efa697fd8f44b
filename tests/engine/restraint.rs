//! Steps that are held back: tethers and forbidden directions.

use super::reference::*;
use super::training::KINDS;
use lethe::engine::fused_cpu::{Instructions, State};
use lethe::engine::{Batches, Examples};
use lethe::model::{Mlp, Parameters};
use lethe::train::OptimiserKind::{Adam, Gd, Momentum};
use lethe::train::{Restraint, Tether};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const INPUTS: usize = 3;
const WIDTH: usize = 11;

fn start(mlp: &Mlp) -> (Parameters, Examples) {
    let mut stream = stream("restraint");
    (normal_parameters_in(mlp.inputs, mlp.width, &mut stream), wave_in(mlp.inputs, 23, &mut stream))
}

fn network(mlp: Mlp, restraint: Option<&Restraint>, kind: lethe::train::OptimiserKind) -> (State, Examples) {
    let (parameters, examples) = start(&mlp);
    let mut network = state(mlp, &parameters, kind, 0.002);
    network.restrain(restraint);
    (network, examples)
}

fn parameters(mlp: &Mlp, row: impl Iterator<Item = f64>) -> Parameters {
    Parameters::from_row(mlp, &row.map(|value| value as f32).collect::<Vec<f32>>()).unwrap()
}

/// Orthonormal directions at random.
fn directions(mlp: &Mlp, count: usize) -> Vec<Vec<f64>> {
    let mut stream = stream("directions");
    let mut found: Vec<Vec<f64>> = Vec::new();
    for _ in 0..count {
        let mut row: Vec<f64> = (0..mlp.parameter_count()).map(|_| stream.normal()).collect();
        for earlier in &found {
            let along = product(&row, earlier);
            row.iter_mut().zip(earlier).for_each(|(value, earlier)| *value -= along * earlier);
        }
        let norm = product(&row, &row).sqrt();
        row.iter_mut().for_each(|value| *value /= norm);
        found.push(row);
    }
    found
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn on_a_line_and_in_space() -> impl Iterator<Item = Mlp> {
    networks(WIDTH).chain(networks_in(INPUTS, WIDTH))
}

#[test]
fn a_tether_that_keeps_everything_changes_no_bit() {
    for mlp in on_a_line_and_in_space() {
        for kind in KINDS {
            let tether = Tether { anchor: Parameters::filled(&mlp, 7.3), keep: Parameters::filled(&mlp, 1.0) };
            let restraint = Restraint { tether: Some(tether), forbidden: Vec::new() };
            let ends = [None, Some(&restraint)].map(|restraint| {
                let (mut network, examples) = network(mlp, restraint, kind);
                network.train(&examples, 30, Batches::Full, None);
                network.snapshot()
            });
            assert_eq!(ends[0], ends[1], "{mlp:?}, {kind:?}");
        }
    }
}

#[test]
fn a_tether_that_keeps_nothing_of_some_parameters_holds_those_alone() {
    for mlp in on_a_line_and_in_space() {
        for kind in KINDS {
            let (anchor, _) = start(&mlp);
            let held = |k: usize| k.is_multiple_of(3);
            let keep = (0..mlp.parameter_count()).map(|k| if held(k) { 0.0 } else { 1.0 });
            let tether = Tether { anchor: anchor.clone(), keep: parameters(&mlp, keep) };
            let restraint = Restraint { tether: Some(tether), forbidden: Vec::new() };
            let (mut network, examples) = network(mlp, Some(&restraint), kind);
            network.train(&examples, 30, Batches::Full, None);
            let now = network.parameters();
            let moved = now.iter().zip(anchor.iter()).enumerate();
            for (k, (now, before)) in moved.filter(|&(k, _)| held(k)) {
                assert_eq!(now.to_bits(), before.to_bits(), "{mlp:?}, {kind:?}, parameter {k}");
            }
            assert!(network.distance(&anchor) > 0.0, "{mlp:?}, {kind:?}");
        }
    }
}

#[test]
fn a_held_parameter_keeps_the_sign_of_its_zero() {
    let mlp = networks_in(INPUTS, WIDTH).next().unwrap();
    let tether = Tether { anchor: Parameters::filled(&mlp, -0.0), keep: Parameters::filled(&mlp, 0.0) };
    let (mut network, examples) = network(mlp, Some(&Restraint { tether: Some(tether), forbidden: Vec::new() }), Gd);
    network.train(&examples, 1, Batches::Full, None);
    assert!(network.parameters().iter().all(|value| value.to_bits() == (-0.0f32).to_bits()));
}

#[test]
fn steps_are_projected_and_then_pulled() {
    for mlp in on_a_line_and_in_space() {
        for kind in KINDS {
            let (before, _) = start(&mlp);
            let forbidden = directions(&mlp, 4);
            let keep: Vec<f64> = (0..mlp.parameter_count()).map(|k| (k % 5) as f64 / 4.0).collect();
            let anchor: Vec<f64> = flat(&before).iter().map(|value| value + 0.01).collect();
            let (mut plain, examples) = network(mlp, None, kind);
            plain.train(&examples, 1, Batches::Full, None);
            let mut delta: Vec<f64> =
                flat(&plain.parameters()).iter().zip(flat(&before)).map(|(after, before)| after - before).collect();
            let size = product(&delta, &delta).sqrt();
            let products: Vec<f64> = forbidden.iter().map(|along| product(along, &delta)).collect();
            for (along, product) in forbidden.iter().zip(products) {
                delta.iter_mut().zip(along).for_each(|(delta, along)| *delta -= product * along);
            }
            let restraint = Restraint {
                tether: Some(Tether {
                    anchor: parameters(&mlp, anchor.iter().copied()),
                    keep: parameters(&mlp, keep.iter().copied()),
                }),
                forbidden: forbidden.iter().map(|along| parameters(&mlp, along.iter().copied())).collect(),
            };
            let (mut held, _) = network(mlp, Some(&restraint), kind);
            held.train(&examples, 1, Batches::Full, None);
            let found = flat(&held.parameters());
            for (k, before) in flat(&before).into_iter().enumerate() {
                let expected = anchor[k] + keep[k] * (before + delta[k] - anchor[k]);
                // Parameters are of order 1: some roundings of 6e-8, and 1e-7 of the step from the directions.
                assert!(
                    (found[k] - expected).abs() < 1e-6 + 1e-6 * size,
                    "{mlp:?}, {kind:?}: {}, {expected}",
                    found[k]
                );
            }
        }
    }
}

#[test]
fn forbidden_directions_stay_forbidden_over_many_steps() {
    for mlp in on_a_line_and_in_space() {
        for kind in [Gd, Momentum, Adam] {
            let (before, _) = start(&mlp);
            let forbidden = directions(&mlp, 5);
            let rows = forbidden.iter().map(|along| parameters(&mlp, along.iter().copied())).collect();
            let restraint = Restraint { tether: None, forbidden: rows };
            let (mut held, examples) = network(mlp, Some(&restraint), kind);
            let (mut plain, _) = network(mlp, None, kind);
            held.train(&examples, 50, Batches::Full, None);
            plain.train(&examples, 50, Batches::Full, None);
            let along = |network: &State| {
                let moved: Vec<f64> =
                    flat(&network.parameters()).iter().zip(flat(&before)).map(|(a, b)| a - b).collect();
                forbidden.iter().map(|along| product(along, &moved).abs()).fold(0.0, f64::max)
            };
            // Fifty steps round every parameter by up to 6e-8 of its size each.
            assert!(along(&held) < 5e-6, "{mlp:?}, {kind:?}: {}", along(&held));
            assert!(along(&plain) > 20.0 * along(&held), "{mlp:?}, {kind:?}: {}", along(&plain));
        }
    }
}

#[test]
fn restrained_steps_are_the_same_on_every_instruction_set() {
    for mlp in on_a_line_and_in_space() {
        let (anchor, _) = start(&mlp);
        let keep = (0..mlp.parameter_count()).map(|k| (k % 7) as f64 / 6.0);
        let tether = Tether { anchor, keep: parameters(&mlp, keep) };
        let forbidden = directions(&mlp, 3).into_iter().map(|along| parameters(&mlp, along.into_iter())).collect();
        let restraint = Restraint { tether: Some(tether), forbidden };
        let ends: Vec<_> = (Instructions::available().into_iter())
            .map(|set| {
                let (network, examples) = network(mlp, Some(&restraint), Adam);
                let mut network = network.on(set);
                network.train(&examples, 20, Batches::Full, None);
                network.snapshot()
            })
            .collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{mlp:?}");
    }
}

#[test]
fn a_restraint_lasts_as_long_as_its_phase() {
    let mlp = networks_in(INPUTS, WIDTH).next().unwrap();
    let (anchor, examples) = start(&mlp);
    let tether = Tether { anchor: anchor.clone(), keep: Parameters::filled(&mlp, 0.0) };
    let restraint = Restraint { tether: Some(tether), forbidden: Vec::new() };
    let (mut held, _) = network(mlp, Some(&restraint), Gd);
    let mut copy = held.clone();
    copy.train(&examples, 5, Batches::Full, None);
    assert_eq!(copy.parameters(), anchor, "a copy is held as well");
    held.begin_phase(optimiser(Gd, 0.002));
    held.train(&examples, 5, Batches::Full, None);
    let (mut plain, _) = network(mlp, None, Gd);
    plain.train(&examples, 5, Batches::Full, None);
    assert_eq!(held.snapshot(), plain.snapshot());
}
