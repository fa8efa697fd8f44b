//! At depth 1 the engine is the fused CPU engine, within rounding.

use lethe::engine::autodiff::{Shape, at_once};
use lethe::engine::fleet::{Test, World};
use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Examples, Outcome};
use lethe::model::{Mlp, Parameters};
use lethe::seed::Stream;
use lethe::train::Optimiser;

use crate::networks::*;

const STEPS: u32 = 200;
const SAMPLES: usize = 22;
const EVERY: u32 = 20;

/// A batch of each of the steps, drawn uniformly.
fn batches(size: usize, stream: &mut Stream) -> Vec<u32> {
    (0..STEPS as usize * size).map(|_| (stream.uniform() * SAMPLES as f64) as u32 % SAMPLES as u32).collect()
}

/// Outputs at all samples every few steps: 200 steps of rounding in another order move them by less than
/// 2e-4 of the largest.
#[test]
fn a_shallow_curve_is_that_of_the_fused_cpu_engine() {
    let mut stream = stream("shallow");
    for activation in ACTIVATIONS {
        for parameterisation in PARAMETERISATIONS {
            for (optimiser, rate) in OPTIMISERS.into_iter().zip([0.05, 0.01, 0.01]) {
                for batch in [0, 5] {
                    let width = 1 + (stream.uniform() * 40.0) as usize;
                    let mlp = Mlp { richness: 0.5, ..Mlp::on_a_line(width, activation, parameterisation) };
                    let start = mlp.init(&mut stream);
                    let Wave { world, weight } = wave(SAMPLES, 1, 1, &mut stream);
                    let drawn = [batches(batch, &mut stream)];
                    let examples = Examples { x: world.x.clone(), y: world.y.clone(), weight: weight.clone() };
                    let mut state = State::new(mlp, start.clone(), Optimiser { kind: optimiser, learning_rate: rate });
                    let member = member(Shape::scalar(mlp), rate, start.iter().collect(), optimiser);
                    let mut fleet = fleet(common(optimiser, batch, None, vec![weight]), vec![world], &[member]);
                    let case =
                        format!("{activation:?}, {parameterisation:?}, {optimiser:?}, batch {batch}, width {width}");
                    for at in (0..STEPS).step_by(EVERY as usize) {
                        let size = batch;
                        let mut draw = |step: u32, indices: &mut [u32]| {
                            indices.copy_from_slice(&drawn[0][step as usize * size..][..size]);
                        };
                        let seen = if size == 0 { Batches::Full } else { Batches::Sampled { size, draw: &mut draw } };
                        assert_eq!(state.train(&examples, EVERY, seen, None), Outcome::Finished, "{case}");
                        let part = drawn[0][at as usize * size..(at + EVERY) as usize * size].to_vec();
                        train(&mut fleet, EVERY, &[part]);
                        let mut expected = vec![0.0; SAMPLES];
                        state.predict(&examples.x, &mut expected);
                        let found = at_once(fleet.predict(&examples.x)).unwrap();
                        let off = relative_difference(&wide(&found[0]), &wide(&expected));
                        assert!(off < 2e-4, "{case}: {off:e} after {} steps", at + EVERY);
                    }
                    let expected: Vec<f32> = state.parameters().iter().collect();
                    let off = relative_difference(&wide(&standings(&fleet)[0].parameters), &wide(&expected));
                    assert!(off < 2e-4, "{case}: parameters off by {off:e}");
                }
            }
        }
    }
}

/// What a measurement says is what the fused engine's outputs say.
#[test]
fn a_measurement_agrees_with_the_fused_cpu_engine() {
    let mut stream = stream("measured");
    let mlp = Mlp::on_a_line(24, ACTIVATIONS[1], PARAMETERISATIONS[1]);
    let start = mlp.init(&mut stream);
    let Wave { world, weight } = wave(SAMPLES, 1, 1, &mut stream);
    let examples = Examples { x: world.x.clone(), y: world.y.clone(), weight: weight.clone() };
    let optimiser = Optimiser { kind: OPTIMISERS[2], learning_rate: 0.02 };
    let mut state = State::new(mlp, start.clone(), optimiser);
    state.train(&examples, 100, Batches::Full, None);
    let half = |from: usize, before: Option<f32>| Test {
        x: world.x[from..][..SAMPLES / 2].to_vec(),
        y: vec![if from == 0 { 1.0 } else { -1.0 }; SAMPLES / 2],
        before: before.map(|label| vec![label; SAMPLES / 2]),
    };
    let tests = vec![half(0, Some(0.5)), half(SAMPLES / 2, None)];
    let world = World { tests, line: vec![-0.5, 0.0, 0.5], ..world };
    let setting = common(optimiser.kind, 0, None, vec![weight]);
    let member = member(Shape::scalar(mlp), optimiser.learning_rate, start.iter().collect(), optimiser.kind);
    let mut fleet = fleet(setting, vec![world], &[member]);
    train(&mut fleet, 100, &[]);
    fleet.measure();
    let measured = at_once(fleet.collect()).unwrap().measured.remove(0).remove(0);
    let mut f = vec![0.0; SAMPLES];
    state.predict(&examples.x, &mut f);
    let mean = |f: &[f32], of: &dyn Fn(f32) -> f32| f.iter().map(|&f| of(f)).sum::<f32>() / f.len() as f32;
    let squared = |f: &[f32], label: f32| mean(f, &|f| (f - label) * (f - label));
    let (first, second) = f.split_at(SAMPLES / 2);
    let expected = [
        [squared(first, 1.0), squared(first, 0.5), mean(first, &|f| f)],
        [squared(second, -1.0), 0.0, mean(second, &|f| f)],
    ];
    assert_eq!(measured.tasks.len(), 2);
    for (task, expected) in measured.tasks.iter().zip(expected) {
        let found = [task.error, task.error_before, task.mean];
        assert!(relative_difference(&wide(&found), &wide(&expected)) < 1e-4, "{found:?}, not {expected:?}");
    }
    assert!((measured.distance / state.distance(&start) - 1.0).abs() < 1e-4);
    let mut grid = vec![0.0; 3];
    state.predict(&[-0.5, 0.0, 0.5], &mut grid);
    assert!(relative_difference(&wide(&measured.function), &wide(&grid)) < 1e-4);
    assert!(measured.tasks.iter().all(|task| task.bounded));
}

/// A snapshot of one engine is where the other continues.
#[test]
fn a_snapshot_goes_from_the_fused_cpu_engine_to_this_one_and_back() {
    let mut stream = stream("handover");
    let mlp = Mlp::on_a_line(17, ACTIVATIONS[1], PARAMETERISATIONS[1]);
    let start = mlp.init(&mut stream);
    let Wave { world, weight } = wave(SAMPLES, 1, 1, &mut stream);
    let examples = Examples { x: world.x.clone(), y: world.y.clone(), weight: weight.clone() };
    for optimiser in OPTIMISERS {
        let settings = Optimiser { kind: optimiser, learning_rate: 0.01 };
        let mut state = State::new(mlp, start.clone(), settings);
        state.train(&examples, 40, Batches::Full, None);
        let mut member = member(Shape::scalar(mlp), 0.01, start.iter().collect(), optimiser);
        member.at = (&state.snapshot()).into();
        let mut fleet = fleet(common(optimiser, 0, None, vec![weight.clone()]), vec![world.clone()], &[member]);
        train(&mut fleet, 40, &[]);
        let back = at_once(fleet.snapshots()).unwrap().remove(0);
        assert_eq!(back.step, 80);
        let mut there = State::restore(mlp, settings, back).unwrap();
        there.train(&examples, 40, Batches::Full, None);
        state.train(&examples, 80, Batches::Full, None);
        let row = |parameters: Parameters| parameters.iter().map(f64::from).collect::<Vec<_>>();
        let off = relative_difference(&row(there.parameters()), &row(state.parameters()));
        assert!(off < 1e-4, "{optimiser:?}: {off:e}");
    }
}
