//! The empirical kernel against the Jacobian, and the laws that every kernel obeys.

use lethe::kernel::TangentKernel;
use ndarray::Array2;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::networks::{Plain, UNITS, difference, eigenvalues, normal, plain, stream};

/// Networks of depths 1 to 4, 1 to 3 inputs and outputs, all activations.
fn networks() -> Vec<(Vec<usize>, Plain)> {
    let mut stream = stream("networks");
    let hidden: [&[usize]; 4] = [&[], &[7], &[20, 5], &[6, 17, 33]];
    let mut found = Vec::new();
    for hidden in hidden {
        for inputs in 1..=3 {
            for outputs in 1..=3 {
                for unit in 0..UNITS {
                    let sizes: Vec<usize> = [&[inputs], hidden, &[outputs]].concat();
                    found.push((sizes.clone(), plain(&sizes, unit, &mut stream)));
                }
            }
        }
    }
    found
}

#[test]
fn the_kernel_is_j_j_transposed() {
    let mut stream = stream("points");
    for (sizes, plain) in networks() {
        // 69 points: a band of four panels, and a panel with padding.
        let (x, others) = (normal(69, sizes[0], &mut stream), normal(18, sizes[0], &mut stream));
        let network = plain.network();
        // 1e-13: a few thousand roundings of 1e-16 each.
        let close = |found: Array2<f64>, expected| assert!(difference(&found, &expected) < 1e-13, "{sizes:?}");
        close(network.kernel(x.view()).unwrap(), plain.kernel(&x, &x));
        close(network.cross_kernel(others.view(), x.view()).unwrap(), plain.kernel(&others, &x));
        let outputs = network.outputs(x.view()).unwrap();
        let expected: Vec<f64> = x.outer_iter().flat_map(|point| plain.output(&point.to_vec())).collect();
        close(outputs, Array2::from_shape_vec((69, sizes[sizes.len() - 1]), expected).unwrap());
    }
}

#[test]
fn the_jacobian_of_the_tests_is_that_of_finite_differences() {
    let mut stream = stream("finite differences");
    // ReLU has kinks, which a difference would step across: its Jacobian is tested by JAX's.
    for (sizes, mut plain) in networks().into_iter().filter(|(_, plain)| plain.unit > 0) {
        let x: Vec<f64> = (0..sizes[0]).map(|_| stream.normal()).collect();
        let expected = plain.gradients(&x);
        let count = plain.parameters().len();
        let largest = expected.iter().flatten().fold(0.0, |most: f64, each| most.max(each.abs()));
        for parameter in 0..count {
            // Central: wrong by 1e-5^2 of the third derivative, and by 1e-16 / 1e-5 of f.
            let mut at = |step: f64| {
                *plain.parameters()[parameter].0 += step;
                let f = plain.output(&x);
                *plain.parameters()[parameter].0 -= step;
                f
            };
            let (after, before) = (at(1e-5), at(-1e-5));
            let root = plain.parameters()[parameter].1.sqrt();
            for output in 0..expected.len() {
                let found = root * (after[output] - before[output]) / 2e-5;
                assert!((found - expected[output][parameter]).abs() < 1e-7 * (1.0 + largest), "{sizes:?}");
            }
        }
    }
}

#[test]
fn frozen_layers_add_nothing() {
    let mut stream = stream("frozen");
    let mut plain = plain(&[2, 9, 6, 1], 1, &mut stream);
    for layer in &mut plain.layers[..2] {
        (layer.weight_rate, layer.bias_rate) = (0.0, 0.0);
    }
    let x = normal(20, 2, &mut stream);
    let found = plain.network().kernel(x.view()).unwrap();
    assert!(difference(&found, &plain.kernel(&x, &x)) < 1e-13);
    // A linear head on six features and a bias: the kernel has rank 7 at most.
    let eigenvalues = eigenvalues(&found);
    assert!(eigenvalues[20 - 7] > 1e-6 && eigenvalues[20 - 8].abs() < 1e-13 * eigenvalues[19], "{eigenvalues:?}");
}

#[test]
fn a_single_point_has_the_square_of_its_gradient() {
    let plain = plain(&[1, 5, 1], 0, &mut stream("single"));
    let found = plain.network().kernel(ndarray::array![[0.4]].view()).unwrap();
    let square: f64 = plain.gradients(&[0.4])[0].iter().map(|slope| slope * slope).sum();
    assert!((found[[0, 0]] / square - 1.0).abs() < 1e-14);
}

#[test]
fn a_step_pulled_back_moves_the_outputs_by_k_alpha() {
    let mut stream = stream("pulled back");
    // Smooth units only: the step is compared with finite differences along it.
    for (sizes, plain) in networks().into_iter().filter(|(_, plain)| plain.unit > 0) {
        let x = normal(19, sizes[0], &mut stream);
        let tangents = plain.network().tangents(x.view()).unwrap();
        let alpha: Vec<f64> = (0..tangents.size()).map(|_| stream.normal()).collect();
        let expected = plain.kernel(&x, &x).dot(&ndarray::Array1::from(alpha.clone()));
        let step = tangents.pulled_back(&alpha);
        let at = |size: f64| {
            let mut moved = plain.clone();
            for (layer, step) in moved.layers.iter_mut().zip(&step) {
                layer.weights.scaled_add(size, &step.weights);
                layer.bias.scaled_add(size, &step.bias);
            }
            moved.network().outputs(x.view()).unwrap().into_flat()
        };
        // Steps of size 100, say: their third derivative times (1e-6 x 100)^2, and 1e-15 / 1e-6 of rounding.
        let found = (at(1e-6) - at(-1e-6)) / 2e-6;
        let column = |values: ndarray::Array1<f64>| values.insert_axis(ndarray::Axis(1));
        let difference = difference(&column(found), &column(expected));
        assert!(difference < 1e-5, "{sizes:?}: {difference}");
    }
}

#[test]
fn kernels_have_the_same_bits_on_every_machine() {
    // 300 units are more than one stretch of a sum; 41 points are two panels and a bit.
    let mut stream = stream("bits");
    let plain = plain(&[2, 300, 20, 2], 1, &mut stream);
    let x = normal(41, 2, &mut stream);
    let (one, other) = (plain.network().kernel(x.view()).unwrap(), plain.network_f32());
    let other = other.kernel(x.mapv(|x| x as f32).view()).unwrap();
    let bits = one.iter().map(|entry| entry.to_bits()).chain(other.iter().map(|entry| u64::from(entry.to_bits())));
    // FNV-1a, word by word. AVX-512, AVX, SSE2 and WebAssembly gave this.
    let digest = bits.fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3));
    assert_eq!(format!("{digest:016x}"), "0e025e4c77e10508");
}
