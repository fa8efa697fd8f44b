//! Points of several coordinates: what holds beside the gradients and the reference of `training`.

use super::reference::*;
use super::training::{KINDS, agrees_on_every_set, continues_from_a_snapshot};
use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Examples, Outcome, Stop};
use lethe::model::{Activation, Block, Mlp, Parameterisation, Parameters};
use lethe::train::OptimiserKind::{Adam, Gd, Momentum, Sgd};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn every_instruction_set_gives_the_same_bits_in_space() {
    for (inputs, width) in [(2, 1), (2, 8), (3, 13), (17, 5), (17, 24)] {
        for mlp in networks_in(inputs, width) {
            for kind in KINDS {
                let mut stream = stream("instructions");
                let start = normal_parameters_in(inputs, width, &mut stream);
                let examples = wave_in(inputs, 23, &mut stream);
                agrees_on_every_set(&state(mlp, &start, kind, 0.001), &examples, 20);
            }
        }
    }
}

#[test]
fn coordinates_that_are_always_zero_change_no_bit() {
    // Where no scale depends on the inputs, and both paths sum alike: behind a gate they do not.
    let curved = |mlp: &Mlp| matches!(mlp.activation, Activation::Tanh | Activation::Erf);
    for mlp in networks(11).filter(|mlp| mlp.parameterisation == Parameterisation::Standard && curved(mlp)) {
        for kind in KINDS {
            let mut stream = stream("flat");
            let start = normal_parameters(11, &mut stream);
            let examples = wave(23, &mut stream);
            let beside = |row: &[f32], other: f32| row.iter().flat_map(|&x| [x, other, other]).collect();
            let wide = Parameters { w1: beside(&start.w1, 0.7), ..start.clone() };
            let apart = Examples { x: beside(&examples.x, 0.0), ..examples.clone() };
            let mut line = state(mlp, &start, kind, 0.003);
            let mut space = state(Mlp { inputs: 3, ..mlp }, &wide, kind, 0.003);
            line.train(&examples, 40, Batches::Full, None);
            space.train(&apart, 40, Batches::Full, None);
            let (line, space) = (line.parameters(), space.parameters());
            assert_eq!(space.w1, beside(&line.w1, 0.7) as Vec<f32>, "{mlp:?}, {kind:?}");
            assert_eq!((space.b1, space.w2, space.b2), (line.b1, line.w2, line.b2), "{mlp:?}, {kind:?}");
        }
    }
}

#[test]
fn a_snapshot_in_space_continues_bit_for_bit() {
    for mlp in networks_in(3, 9) {
        for kind in KINDS {
            let mut stream = stream("snapshot");
            let start = normal_parameters_in(3, 9, &mut stream);
            let examples = wave_in(3, 23, &mut stream);
            continues_from_a_snapshot(&state(mlp, &start, kind, 0.001), kind, &examples, 0.001);
        }
    }
}

#[test]
fn parameters_come_back_as_they_went_in() {
    for (inputs, width) in [(1, 1), (1, 9), (2, 8), (17, 21)] {
        let mlp = networks_in(inputs, width).next().unwrap();
        let start = normal_parameters_in(inputs, width, &mut stream("round trip"));
        let network = state(mlp, &start, Gd, 0.1);
        assert_eq!(network.parameters(), start);
        let there = normal_parameters_in(inputs, width, &mut stream("there"));
        let squares = flat(&start).iter().zip(flat(&there)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        assert!((f64::from(network.distance(&there)) / squares.sqrt() - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_network_of_another_shape_is_not_restored() {
    let mlp = networks_in(3, 9).next().unwrap();
    let snapshot = state(mlp, &normal_parameters_in(3, 9, &mut stream("shape")), Momentum, 0.1).snapshot();
    let restore = |mlp: Mlp| State::restore(mlp, optimiser(Momentum, 0.1), snapshot.clone()).is_some();
    assert!(restore(mlp));
    for other in [Mlp { inputs: 2, ..mlp }, Mlp { inputs: 0, ..mlp }, Mlp { depth: 2, ..mlp }] {
        assert!(!restore(other), "{other:?}");
    }
    assert!(!restore(Mlp { block: Block::Norm, ..mlp }));
}

#[test]
fn batches_and_the_stop_rule_take_whole_points() {
    for mlp in networks_in(3, 12).filter(|mlp| mlp.parameterisation == Parameterisation::Ntk) {
        let mut stream = stream("whole");
        let start = normal_parameters_in(3, 12, &mut stream);
        let even = Examples { weight: vec![1.0 / 16.0; 16], ..wave_in(3, 16, &mut stream) };
        let mut everything = |_: u32, batch: &mut [u32]| batch.iter_mut().zip(0..).for_each(|(index, i)| *index = i);
        let (mut full, mut sampled) = (state(mlp, &start, Gd, 0.01), state(mlp, &start, Sgd, 0.01));
        let level = 0.5 * full.squared_error(&even.x[..15], &even.y[..5]);
        let stop = Some(Stop { examples: 5, level });
        let ends = [
            full.train(&even, 4000, Batches::Full, stop),
            sampled.train(&even, 4000, Batches::Sampled { size: 16, draw: &mut everything }, stop),
        ];
        assert!(matches!(ends[0], Outcome::Stopped { step: 1.. }), "{mlp:?}: {ends:?}");
        assert_eq!(ends[0], ends[1], "{mlp:?}");
        assert_eq!(full.parameters(), sampled.parameters(), "{mlp:?}");
        assert!(full.squared_error(&even.x[..15], &even.y[..5]) <= level);
    }
}

/// Also run in a browser, so that it compares every bit between machines.
#[test]
fn the_bits_in_space_are_those_of_every_other_machine() {
    // FNV-1a over the bits of parameters and predictions after 100 steps.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for mlp in networks_in(3, 21) {
        for kind in [Gd, Momentum, Adam] {
            let mut stream = stream("bits");
            let start = mlp.init(&mut stream);
            let examples = wave_in(3, 30, &mut stream);
            let mut network = state(mlp, &start, kind, 0.003);
            assert_eq!(network.train(&examples, 100, Batches::Full, None), Outcome::Finished);
            let mut f = vec![0.0; 30];
            network.predict(&examples.x, &mut f);
            for value in network.parameters().iter().chain(f) {
                hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    assert_eq!(format!("{hash:016x}"), "54e4b4de1f3f1960");
}
