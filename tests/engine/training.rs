//! Many steps: optimisers, stopping, divergence, continuation.

use super::reference::*;
use lethe::engine::fused_cpu::{Instructions, Snapshot, State};
use lethe::engine::{Batches, Examples, Outcome, Stop};
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
use lethe::train::OptimiserKind::{self, Adam, Gd, Momentum, Sgd};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub const KINDS: [OptimiserKind; 4] = [Gd, Sgd, Momentum, Adam];

#[derive(Deserialize)]
struct Golden {
    richness: f32,
    steps: u32,
    examples: GoldenExamples,
    start: Parameters,
    cases: Vec<GoldenCase>,
}

#[derive(Deserialize)]
struct GoldenExamples {
    x: Vec<f32>,
    y: Vec<f32>,
    weight: Vec<f32>,
}

#[derive(Deserialize)]
struct GoldenCase {
    activation: Activation,
    parameterisation: Parameterisation,
    optimiser: OptimiserKind,
    learning_rate: f32,
    end: Parameters,
}

#[test]
fn training_agrees_with_jax_and_optax() {
    let files = [include_str!("../golden/engine_training.json"), include_str!("../golden/engine_training_inputs.json")];
    for (text, inputs) in files.into_iter().zip([1, 5]) {
        agrees(serde_json::from_str(text).unwrap(), inputs);
    }
}

fn agrees(golden: Golden, inputs: usize) {
    let GoldenExamples { x, y, weight } = golden.examples;
    let examples = Examples { x, y, weight };
    assert_eq!(golden.cases.len(), 36);
    for GoldenCase { activation, parameterisation, optimiser, learning_rate, end } in golden.cases {
        let line = Mlp::on_a_line(golden.start.b1.len(), activation, parameterisation);
        let mlp = Mlp { inputs, richness: golden.richness, ..line };
        let mut network = state(mlp, &golden.start, optimiser, learning_rate);
        assert_eq!(network.train(&examples, golden.steps, Batches::Full, None), Outcome::Finished);
        let difference = relative_difference(&flat(&network.parameters()), &flat(&end));
        // 40 steps in f32 against f64.
        assert!(difference < 2e-5, "{mlp:?}, {optimiser:?}: {difference}");
    }
}

/// Trains a network on each instruction set; outcome, parameters and everything that is asked of it are the same.
pub fn agrees_on_every_set(network: &State, examples: &Examples, steps: u32) {
    let inputs = network.mlp().inputs;
    let results: Vec<_> = Instructions::available()
        .iter()
        .map(|&set| {
            let mut network = network.clone().on(set);
            let outcome = network.train(examples, steps, Batches::Full, None);
            let mut f = vec![0.0; examples.y.len()];
            network.predict(&examples.x, &mut f);
            f.push(network.kernel_trace(&examples.x, &examples.weight));
            f.push(network.squared_error(&examples.x, &examples.y));
            f.extend(network.gradients(&examples.x[..2 * inputs]).iter().flat_map(Parameters::iter));
            let bits: Vec<u32> = f.iter().map(|f| f.to_bits()).collect();
            (outcome, network.parameters(), bits)
        })
        .collect();
    assert!(results.iter().all(|result| *result == results[0]), "{:?}", network.mlp());
    assert_eq!(results[0].0, Outcome::Finished);
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for width in [1, 5, 8, 30, 64] {
        for mlp in networks(width) {
            for kind in KINDS {
                let mut stream = stream("instructions");
                let start = normal_parameters(width, &mut stream);
                let examples = wave(29, &mut stream);
                agrees_on_every_set(&state(mlp, &start, kind, 0.003), &examples, 30);
            }
        }
    }
}

#[test]
fn units_that_fill_a_block_never_matter() {
    // Only where no scale depends on the width.
    for mlp in networks(5).filter(|mlp| mlp.parameterisation == Parameterisation::Standard) {
        for kind in KINDS {
            let mut stream = stream("padding");
            let start = normal_parameters(5, &mut stream);
            let examples = wave(17, &mut stream);
            // The same network with three explicit dead units.
            let dead = |row: &[f32]| row.iter().copied().chain([0.0; 3]).collect();
            let Parameters { w1, b1, w2, b2, .. } = &start;
            let padded = Parameters { w1: dead(w1), b1: dead(b1), middle: Vec::new(), w2: dead(w2), b2: *b2 };
            let mut wide = state(Mlp { width: 8, ..mlp }, &padded, kind, 0.01);
            let mut narrow = state(mlp, &start, kind, 0.01);
            wide.train(&examples, 50, Batches::Full, None);
            narrow.train(&examples, 50, Batches::Full, None);
            let (wide, narrow) = (wide.parameters(), narrow.parameters());
            assert_eq!([&wide.w1[..5], &wide.b1[..5], &wide.w2[..5]], [&narrow.w1[..], &narrow.b1, &narrow.w2]);
            assert_eq!([&wide.w1[5..], &wide.b1[5..], &wide.w2[5..]], [[0.0; 3]; 3], "{mlp:?}, {kind:?}");
        }
    }
}

#[test]
fn a_linear_network_descends_like_its_closed_form() {
    let mlp = Mlp { richness: 0.5, ..Mlp::on_a_line(6, Activation::Linear, Parameterisation::Meanfield) };
    let mut stream = stream("linear");
    let start = normal_parameters(6, &mut stream);
    let examples = wave(20, &mut stream);
    // f(x) = s (w2.w1 x + w2.b1) + b2, so the gradient needs the moments of x and y only.
    let moment = |of: fn(f64, f64) -> f64| {
        let rows = examples.x.iter().zip(&examples.y).zip(&examples.weight);
        rows.map(|((&x, &y), &weight)| f64::from(weight) * of(x.into(), y.into())).sum::<f64>()
    };
    let (one, mx, mxx) = (moment(|_, _| 1.0), moment(|x, _| x), moment(|x, _| x * x));
    let (my, mxy) = (moment(|_, y| y), moment(|x, y| x * y));
    let (s, inner, rate) = (1.0 / (0.5 * 6.0), 0.5 * 0.5 * 6.0, f64::from(0.02f32));
    let mut theta = flat(&start);
    for _ in 0..100 {
        let dot = |a: usize| (0..6).map(|j| theta[12 + j] * theta[a + j]).sum::<f64>();
        let (slope, offset) = (s * dot(0), s * dot(6) + theta[18]);
        let along_slope = 2.0 * (slope * mxx + offset * mx - mxy);
        let along_offset = 2.0 * (slope * mx + offset * one - my);
        for j in 0..6 {
            let (w1, b1, w2) = (theta[j], theta[6 + j], theta[12 + j]);
            theta[j] -= rate * inner * s * w2 * along_slope;
            theta[6 + j] -= rate * inner * s * w2 * along_offset;
            theta[12 + j] -= rate * inner * s * (w1 * along_slope + b1 * along_offset);
        }
        theta[18] -= rate * along_offset;
    }
    let mut network = state(mlp, &start, Gd, 0.02);
    network.train(&examples, 100, Batches::Full, None);
    let difference = relative_difference(&flat(&network.parameters()), &theta);
    assert!(difference < 2e-5, "{difference}");
}

/// Indices from the step alone, so that a run can continue anywhere.
pub fn draw(step: u32, batch: &mut [u32]) {
    let mut stream = lethe::seed::Seed::new(u64::from(step)).stream();
    batch.fill_with(|| stream.below(23));
}

/// Trains a network through, and a copy with a snapshot on the way, written and read.
pub fn continues_from_a_snapshot(start: &State, kind: OptimiserKind, examples: &Examples, rate: f32) {
    let train = |network: &mut State, steps| match kind {
        Sgd => network.train(examples, steps, Batches::Sampled { size: 6, draw: &mut draw }, None),
        _ => network.train(examples, steps, Batches::Full, None),
    };
    let (mut through, mut first, mlp) = (start.clone(), start.clone(), *start.mlp());
    train(&mut through, 37);
    train(&mut first, 13);
    let text = serde_json::to_string(&first.snapshot()).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
    let mut second = State::restore(mlp, optimiser(kind, rate), snapshot).unwrap();
    train(&mut second, 24);
    assert_eq!(second.snapshot(), through.snapshot(), "{mlp:?}, {kind:?}");
    assert_eq!(second.step(), 37);
}

#[test]
fn a_snapshot_continues_bit_for_bit() {
    for mlp in networks(9) {
        for kind in KINDS {
            let mut stream = stream("snapshot");
            let start = normal_parameters(9, &mut stream);
            let examples = wave(23, &mut stream);
            continues_from_a_snapshot(&state(mlp, &start, kind, 0.005), kind, &examples, 0.005);
        }
    }
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused() {
    let mlp = networks(9).next().unwrap();
    let start = normal_parameters(9, &mut stream("refused"));
    let snapshot = state(mlp, &start, Momentum, 0.1).snapshot();
    let restore =
        |mlp, kind, snapshot: &Snapshot| State::restore(mlp, optimiser(kind, 0.1), snapshot.clone()).is_some();
    assert!(restore(mlp, Momentum, &snapshot));
    assert!(!restore(mlp, Adam, &snapshot));
    assert!(!restore(mlp, Gd, &snapshot));
    assert!(!restore(Mlp { width: 8, ..mlp }, Momentum, &snapshot));
    let mut ragged = snapshot;
    ragged.moments[0].w2.pop();
    assert!(!restore(mlp, Momentum, &ragged));
}

#[test]
fn a_new_phase_forgets_moments_and_steps_but_no_parameter() {
    let mlp = networks(9).next().unwrap();
    let mut stream = stream("phase");
    let start = normal_parameters(9, &mut stream);
    let examples = wave(12, &mut stream);
    let mut network = state(mlp, &start, Adam, 0.01);
    network.train(&examples, 10, Batches::Full, None);
    let mut fresh = state(mlp, &network.parameters(), Momentum, 0.02);
    network.begin_phase(optimiser(Momentum, 0.02));
    assert_eq!(network.snapshot(), fresh.snapshot());
    assert_eq!(network.train(&examples, 10, Batches::Full, None), fresh.train(&examples, 10, Batches::Full, None));
    assert_eq!(network.snapshot(), fresh.snapshot());
}

#[test]
fn a_batch_of_everything_is_a_full_step() {
    for mlp in networks(10) {
        let mut stream = stream("whole batch");
        let start = normal_parameters(10, &mut stream);
        let even = Examples { weight: vec![1.0 / 16.0; 16], ..wave(16, &mut stream) };
        let mut everything = |_: u32, batch: &mut [u32]| batch.iter_mut().zip(0..).for_each(|(index, i)| *index = i);
        let (mut full, mut sampled) = (state(mlp, &start, Gd, 0.01), state(mlp, &start, Sgd, 0.01));
        full.train(&even, 5, Batches::Full, None);
        sampled.train(&even, 5, Batches::Sampled { size: 16, draw: &mut everything }, None);
        assert_eq!(full.parameters(), sampled.parameters(), "{mlp:?}");
    }
}

#[test]
fn divergence_is_found_with_its_step() {
    for mlp in networks(9) {
        for kind in [Gd, Sgd, Momentum] {
            let mut stream = stream("divergence");
            let start = normal_parameters(9, &mut stream);
            let examples = wave(23, &mut stream);
            let mut network = state(mlp, &start, kind, 1e3);
            let outcome = match kind {
                Sgd => network.train(&examples, 100, Batches::Sampled { size: 6, draw: &mut draw }, None),
                _ => network.train(&examples, 100, Batches::Full, None),
            };
            let Outcome::Diverged { step } = outcome else { panic!("{mlp:?}, {kind:?}: {outcome:?}") };
            // It was in bounds one step before, and its state at the time is still there to be looked at.
            assert!(step > 0 && step < 100);
            assert_eq!(network.step(), step);
            let mut again = state(mlp, &start, kind, 1e3);
            let before = match kind {
                Sgd => again.train(&examples, step, Batches::Sampled { size: 6, draw: &mut draw }, None),
                _ => again.train(&examples, step, Batches::Full, None),
            };
            assert_eq!(before, Outcome::Finished);
        }
    }
}

#[test]
fn a_parameter_that_is_not_a_number_is_divergence_at_once() {
    for mlp in networks(9) {
        for place in 0..4 {
            let mut start = normal_parameters(9, &mut stream("nan"));
            *[&mut start.w1[3], &mut start.b1[8], &mut start.w2[7], &mut start.b2][place] = f32::NAN;
            let examples = wave(6, &mut stream("nan"));
            let outcome = state(mlp, &start, Gd, 0.1).train(&examples, 10, Batches::Full, None);
            assert_eq!(outcome, Outcome::Diverged { step: 0 }, "{mlp:?}");
        }
    }
}

#[test]
fn training_stops_at_the_first_step_whose_loss_on_the_named_examples_is_low_enough() {
    for mlp in networks(12) {
        let mut stream = stream("stop");
        let start = normal_parameters(12, &mut stream);
        let mut examples = wave(20, &mut stream);
        // Some of the named examples have no weight and count all the same.
        examples.weight[2] = 0.0;
        examples.weight[6] = 0.0;
        let (x, y) = (examples.x[..7].to_vec(), examples.y[..7].to_vec());
        let mut network = state(mlp, &start, Gd, 0.001);
        let mut errors = vec![network.squared_error(&x, &y)];
        for _ in 0..200 {
            network.train(&examples, 1, Batches::Full, None);
            errors.push(network.squared_error(&x, &y));
        }
        // A level half-way down, between two errors, so that rounding cannot decide.
        let level = (errors[0] + errors[200]) / 2.0;
        let expected = errors.iter().position(|&error| error <= level).unwrap() as u32;
        let stop = Stop { examples: 7, level };
        let mut stopped = state(mlp, &start, Gd, 0.001);
        let outcome = stopped.train(&examples, 200, Batches::Full, Some(stop));
        assert_eq!(outcome, Outcome::Stopped { step: expected }, "{mlp:?}");
        let mut replayed = state(mlp, &start, Gd, 0.001);
        assert_eq!(replayed.train(&examples, expected, Batches::Full, None), Outcome::Finished);
        assert_eq!(stopped.parameters(), replayed.parameters(), "the rule watches and does not touch");
    }
}

#[test]
fn batches_are_checked_for_stopping_once_per_pass_over_the_examples() {
    let mlp = networks(12).find(|mlp| mlp.activation == Activation::Tanh).unwrap();
    let mut stream = stream("stop batches");
    let start = normal_parameters(12, &mut stream);
    let examples = wave(23, &mut stream);
    let run = |stop, steps| {
        let mut network = state(mlp, &start, Sgd, 0.01);
        let outcome = network.train(&examples, steps, Batches::Sampled { size: 6, draw: &mut draw }, stop);
        (outcome, network.squared_error(&examples.x[..9], &examples.y[..9]))
    };
    let checked: Vec<f32> = (0..50).map(|pass| run(None, 4 * pass).1).collect();
    let level = (checked[0] + checked[49]) / 2.0;
    let expected = 4 * checked.iter().position(|&error| error <= level).unwrap() as u32;
    assert!(expected > 0);
    assert_eq!(run(Some(Stop { examples: 9, level }), 200).0, Outcome::Stopped { step: expected });
}

#[test]
fn portions_change_no_bit() {
    let mlp = networks(12).next().unwrap();
    let mut stream = stream("portions");
    let start = normal_parameters(12, &mut stream);
    let examples = wave(23, &mut stream);
    let stop = Some(Stop { examples: 23, level: 1e-9 });
    let run = |portions: &[u32]| {
        let mut network = state(mlp, &start, Adam, 0.01);
        for &steps in portions {
            network.train(&examples, steps, Batches::Sampled { size: 6, draw: &mut draw }, stop);
        }
        network.snapshot()
    };
    assert_eq!(run(&[60]), run(&[1, 2, 7, 0, 50]));
}

/// Also run in a browser, so that it compares every bit between machines.
#[test]
fn the_bits_are_those_of_every_other_machine() {
    // FNV-1a over the bits of parameters and predictions after 200 steps.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for mlp in networks(21) {
        for kind in [Gd, Momentum, Adam] {
            let mut stream = stream("bits");
            let start = mlp.init(&mut stream);
            let examples = wave(30, &mut stream);
            let mut network = state(mlp, &start, kind, 0.003);
            assert_eq!(network.train(&examples, 200, Batches::Full, None), Outcome::Finished);
            let mut f = vec![0.0; 30];
            network.predict(&examples.x, &mut f);
            let Parameters { w1, b1, w2, b2, .. } = network.parameters();
            for value in [w1, b1, w2, f, vec![b2]].concat() {
                hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    assert_eq!(format!("{hash:016x}"), "17bfe15b98424b16");
}
