//! Gradients by finite differences, and how far numbers are apart. For the tests of every engine.

/// The gradient of any function of the parameters, by central differences: exact to about 1e-9.
pub fn differences(theta: &[f64], function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const STEP: f64 = 1e-6;
    let mut moved = theta.to_vec();
    (0..theta.len())
        .map(|k| {
            moved[k] = theta[k] + STEP;
            let above = function(&moved);
            moved[k] = theta[k] - STEP;
            let below = function(&moved);
            moved[k] = theta[k];
            (above - below) / (2.0 * STEP)
        })
        .collect()
}

/// The largest difference, over the largest magnitude in `expected`; NaN where one is NaN.
pub fn relative_difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |a: f64, b| if b <= a { a } else { b });
    let difference = largest(&mut found.iter().zip(expected).map(|(a, b)| (a - b).abs()));
    difference / largest(&mut expected.iter().map(|b| b.abs()))
}
