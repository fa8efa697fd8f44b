//! What the engine computes in one pass, against f64 references.

use super::reference::*;
use lethe::engine::Examples;
use lethe::model::{Activation, Parameters};
use lethe::train::OptimiserKind::Gd;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// f32 sums of a few dozen terms of like size: some 1e-6; the rest is for cancellation.
const TOLERANCE: f64 = 2e-5;

#[test]
fn gradients_equal_finite_differences() {
    for (inputs, width) in [(1, 1), (1, 5), (1, 8), (1, 19), (2, 1), (2, 9), (3, 8), (17, 5), (17, 12)] {
        for mlp in networks_in(inputs, width) {
            let mut stream = stream("gradients");
            let start = normal_parameters_in(inputs, width, &mut stream);
            for samples in [1, 3, 4, 31] {
                let examples = wave_in(inputs, samples, &mut stream);
                let found = flat(&state(mlp, &start, Gd, 0.1).gradient(&examples));
                let expected = differences(&flat(&start), |theta| loss(&mlp, theta, &examples));
                let difference = relative_difference(&found, &expected);
                assert!(difference < TOLERANCE, "{mlp:?}, {samples} samples: {difference}");
            }
        }
    }
}

#[test]
fn predictions_equal_those_in_double_precision() {
    for width in [1, 5, 8, 67] {
        for mlp in networks(width) {
            let start = normal_parameters(width, &mut stream("predictions"));
            let x: Vec<f32> = (-40..=41).map(|i| i as f32 * 0.11).collect();
            let mut found = vec![f32::NAN; x.len()];
            state(mlp, &start, Gd, 0.1).predict(&x, &mut found);
            let found: Vec<f64> = found.into_iter().map(f64::from).collect();
            let expected: Vec<f64> = x.iter().map(|&x| output(&mlp, &flat(&start), &[x])).collect();
            let difference = relative_difference(&found, &expected);
            assert!(difference < TOLERANCE, "{mlp:?}: {difference}");
        }
    }
}

#[test]
fn predictions_in_space_equal_those_in_double_precision() {
    for (inputs, width) in [(2, 8), (3, 5), (17, 21)] {
        for mlp in networks_in(inputs, width) {
            let mut stream = stream("space");
            let start = normal_parameters_in(inputs, width, &mut stream);
            let Examples { x, .. } = wave_in(inputs, 23, &mut stream);
            let mut found = vec![f32::NAN; 23];
            state(mlp, &start, Gd, 0.1).predict(&x, &mut found);
            let found: Vec<f64> = found.into_iter().map(f64::from).collect();
            let expected: Vec<f64> = x.chunks_exact(inputs).map(|x| output(&mlp, &flat(&start), x)).collect();
            let difference = relative_difference(&found, &expected);
            assert!(difference < TOLERANCE, "{mlp:?}: {difference}");
        }
    }
}

#[test]
fn the_gradient_of_the_output_equals_finite_differences() {
    for inputs in [1, 2, 3, 17] {
        for mlp in networks_in(inputs, 9) {
            let mut stream = stream("outputs");
            let start = normal_parameters_in(inputs, 9, &mut stream);
            let Examples { x, .. } = wave_in(inputs, 5, &mut stream);
            let found = state(mlp, &start, Gd, 0.1).gradients(&x);
            assert_eq!(found.len(), 5);
            for (found, x) in found.iter().zip(x.chunks_exact(inputs)) {
                let expected = differences(&flat(&start), |theta| output(&mlp, theta, x));
                let difference = relative_difference(&flat(found), &expected);
                assert!(difference < TOLERANCE, "{mlp:?}: {difference}");
            }
        }
    }
}

#[test]
fn the_kernel_trace_is_the_sum_over_the_gradients_of_the_output() {
    for mlp in networks_in(5, 11) {
        let mut stream = stream("trace");
        let start = normal_parameters_in(5, 11, &mut stream);
        let Examples { x, weight, .. } = wave_in(5, 7, &mut stream);
        let network = state(mlp, &start, Gd, 0.1);
        let expected: f64 = (network.gradients(&x).iter().zip(&weight))
            .map(|(gradient, &weight)| {
                let mut squares = flat(gradient).into_iter().map(|g| g * g);
                let inner: f64 = squares.by_ref().take(7 * 11).sum();
                f64::from(weight) * (f64::from(mlp.rate_scale()) * inner + squares.sum::<f64>())
            })
            .sum();
        let found = f64::from(network.kernel_trace(&x, &weight));
        assert!((found / expected - 1.0).abs() < 1e-6, "{mlp:?}: {found}, not {expected}");
    }
}

#[test]
fn the_kernel_trace_is_the_rate_scaled_squared_gradient_of_the_output() {
    for mlp in networks_in(1, 13).chain(networks_in(3, 13)) {
        let mut stream = stream("kernel");
        let start = normal_parameters_in(mlp.inputs, 13, &mut stream);
        let examples = wave_in(mlp.inputs, 9, &mut stream);
        let mut rates = vec![f64::from(mlp.rate_scale()); (mlp.inputs + 2) * 13];
        rates.push(1.0);
        let expected: f64 = (examples.x.chunks_exact(mlp.inputs).zip(&examples.weight))
            .map(|(x, &weight)| {
                let gradient = differences(&flat(&start), |theta| output(&mlp, theta, x));
                f64::from(weight) * gradient.iter().zip(&rates).map(|(g, rate)| rate * g * g).sum::<f64>()
            })
            .sum();
        let found = f64::from(state(mlp, &start, Gd, 0.1).kernel_trace(&examples.x, &examples.weight));
        assert!((found / expected - 1.0).abs() < TOLERANCE, "{mlp:?}: {found}, not {expected}");
    }
}

#[test]
fn the_distance_is_euclidean_over_all_parameters() {
    let mlp = networks(5).next().unwrap();
    let mut stream = stream("distance");
    let (here, there) = (normal_parameters(5, &mut stream), normal_parameters(5, &mut stream));
    let there = Parameters { b2: -1.7, ..there };
    let squares = flat(&here).iter().zip(flat(&there)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let found = f64::from(state(mlp, &here, Gd, 0.1).distance(&there));
    assert!((found / squares.sqrt() - 1.0).abs() < 1e-7, "{found}");
    assert_eq!(state(mlp, &here, Gd, 0.1).distance(&here), 0.0);
}

#[test]
fn the_squared_error_is_the_plain_mean() {
    for mlp in networks(5) {
        let mut stream = stream("error");
        let start = normal_parameters(5, &mut stream);
        let examples = wave(7, &mut stream);
        let even = Examples { weight: vec![1.0 / 7.0; 7], ..examples };
        let found = f64::from(state(mlp, &start, Gd, 0.1).squared_error(&even.x, &even.y));
        let expected = loss(&mlp, &flat(&start), &even);
        assert!((found / expected - 1.0).abs() < TOLERANCE, "{mlp:?}: {found}, not {expected}");
    }
}

#[test]
fn examples_without_weight_change_no_bit() {
    for mlp in networks(11) {
        let mut stream = stream("weightless");
        let start = normal_parameters(11, &mut stream);
        let examples = wave(10, &mut stream);
        let mut padded = examples.clone();
        for at in [0, 4, 4, 13] {
            padded.x.insert(at, 0.77);
            padded.y.insert(at, 123.0);
            padded.weight.insert(at, 0.0);
        }
        let network = state(mlp, &start, Gd, 0.1);
        assert_eq!(network.gradient(&padded), network.gradient(&examples), "{mlp:?}");
    }
}

#[test]
fn relu_is_flat_at_its_kink() {
    let mlp = networks(1).find(|mlp| mlp.activation == Activation::Relu).unwrap();
    let start = Parameters { w1: vec![1.0], b1: vec![-1.0], middle: Vec::new(), w2: vec![1.0], b2: 0.0 };
    let kink = Examples { x: vec![1.0], y: vec![1.0], weight: vec![1.0] };
    let found = state(mlp, &start, Gd, 0.1).gradient(&kink);
    assert_eq!(flat(&found), [0.0, 0.0, 0.0, -2.0]);
}
