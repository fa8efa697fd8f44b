//! How networks start.

use super::reference::stream;
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn init(width: usize, parameterisation: Parameterisation) -> Parameters {
    let mlp = Mlp::on_a_line(width, Activation::Relu, parameterisation);
    mlp.init(&mut stream("init"))
}

/// Mean and mean square.
fn moments(values: &[f32]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    (mean, values.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>() / n)
}

const WIDTH: usize = 40_000;

#[test]
fn standard_parameters_are_uniform_within_the_bounds_of_torch() {
    let Parameters { w1, b1, w2, b2, .. } = init(WIDTH, Parameterisation::Standard);
    for (row, bound) in [(&w1, 1.0), (&b1, 1.0), (&w2, 1.0 / 200.0)] {
        let (mean, square) = moments(row);
        let largest = row.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        assert!(f64::from(largest) <= bound && f64::from(largest) > 0.999 * bound);
        // Five standard errors of 40,000 draws.
        assert!(mean.abs() < 5.0 * bound / (3.0 * WIDTH as f64).sqrt(), "{mean}");
        assert!((square * 3.0 / (bound * bound) - 1.0).abs() < 5.0 * (0.8 / WIDTH as f64).sqrt(), "{square}");
    }
    assert!(b2 != 0.0 && b2.abs() <= 1.0 / 200.0);
}

#[test]
fn ntk_and_meanfield_parameters_are_normal_and_the_last_bias_zero() {
    let ntk = init(WIDTH, Parameterisation::Ntk);
    for row in [&ntk.w1, &ntk.b1, &ntk.w2] {
        let (mean, square) = moments(row);
        assert!(mean.abs() < 5.0 / (WIDTH as f64).sqrt(), "{mean}");
        assert!((square - 1.0).abs() < 5.0 * (2.0 / WIDTH as f64).sqrt(), "{square}");
    }
    assert_eq!(ntk.b2, 0.0);
    assert_eq!(init(WIDTH, Parameterisation::Meanfield), ntk);
}

#[test]
fn rows_are_independent_draws() {
    for parameterisation in [Parameterisation::Standard, Parameterisation::Ntk] {
        let Parameters { w1, b1, w2, .. } = init(WIDTH, parameterisation);
        for (a, b) in [(&w1, &b1), (&b1, &w2), (&w1, &w2)] {
            let product = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
            let correlation = product / (moments(a).1 * moments(b).1).sqrt() / WIDTH as f64;
            assert!(correlation.abs() < 5.0 / (WIDTH as f64).sqrt(), "{correlation}");
        }
    }
}
