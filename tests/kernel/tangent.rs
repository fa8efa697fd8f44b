//! The empirical kernel against the Jacobian, and the laws that every kernel obeys.

use lethe::kernel::TangentKernel;
use ndarray::Array2;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::networks::{Plain, UNITS, normal, plain, stream};

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

/// The largest difference, relative to the largest entry.
fn difference(found: &Array2<f64>, expected: &Array2<f64>) -> f64 {
    assert_eq!(found.dim(), expected.dim());
    let largest = expected.iter().fold(0.0, |most: f64, entry| most.max(entry.abs()));
    (found - expected).iter().fold(0.0, |most: f64, entry| most.max(entry.abs())) / largest
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
