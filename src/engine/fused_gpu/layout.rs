//! How networks and worlds lie in the device's memory: coordinate by coordinate, so that threads side by side read
//! numbers side by side.

use super::plan::{filled, filled_inputs};
use crate::engine::fleet::{Test, World};
use crate::model::{Mlp, Parameters};

/// Appends a network's parameters, filled up with units and coordinates that are 0.
///
/// # Shapes
/// [`super::plan::block`]: w1 `[coordinates, units]`, b1 and w2 `[units]`, b2 and three numbers that are 0
pub fn append(to: &mut Vec<f32>, mlp: &Mlp, parameters: &Parameters) {
    assert!(parameters.fit(mlp), "parameters have the network's shape");
    let (inputs, units) = (mlp.inputs, filled(mlp.width));
    let blank = units - mlp.width;
    for c in 0..inputs {
        to.extend(parameters.w1.iter().skip(c).step_by(inputs));
        to.extend(core::iter::repeat_n(0.0, blank));
    }
    to.extend(core::iter::repeat_n(0.0, (filled_inputs(inputs) - inputs) * units));
    for row in [&parameters.b1, &parameters.w2] {
        to.extend(row);
        to.extend(core::iter::repeat_n(0.0, blank));
    }
    to.extend([parameters.b2, 0.0, 0.0, 0.0]);
}

/// The parameters at the beginning of `from`.
pub fn extract(from: &[f32], mlp: &Mlp) -> Parameters {
    let (inputs, width, units) = (mlp.inputs, mlp.width, filled(mlp.width));
    let coordinates = filled_inputs(inputs);
    let row = |k: usize| from[k * units..][..width].to_vec();
    let w1 = (0..width).flat_map(|u| (0..inputs).map(move |c| from[c * units + u])).collect();
    let b2 = from[(coordinates + 2) * units];
    Parameters { w1, b1: row(coordinates), middle: Vec::new(), w2: row(coordinates + 1), b2 }
}

/// Appends a world of points of `inputs` coordinates, filled up; what goes into the network is `scale` times a point.
///
/// # Shapes
/// x `[coordinates, examples]`, y `[examples]`; then of the tests, as many as examples, x `[coordinates, examples]`, y
/// and the labels before `[examples]` (0 where there are none); then the line `[coordinates, points]`
///
/// # Panics
/// If there are tests, but not as many points of each as examples of each task.
pub fn append_world(to: &mut Vec<f32>, world: &World, inputs: usize, scale: f32) {
    let World { x, y, tests, line } = world;
    let fits = |test: &Test| test.y.len() * tests.len() == y.len() && test.x.len() == inputs * test.y.len();
    assert!(x.len() == inputs * y.len() && tests.iter().all(fits), "as many test points as examples");
    let test_x: Vec<f32> = tests.iter().flat_map(|test| &test.x).copied().collect();
    let before = |test: &Test| test.before.clone().unwrap_or_else(|| vec![0.0; test.y.len()]);
    append_points(to, x, inputs, scale);
    to.extend(y);
    append_points(to, &test_x, inputs, scale);
    to.extend(tests.iter().flat_map(|test| &test.y));
    to.extend(tests.iter().flat_map(before));
    append_points(to, line, inputs, scale);
}

fn append_points(to: &mut Vec<f32>, x: &[f32], inputs: usize, scale: f32) {
    for c in 0..inputs {
        to.extend(x.iter().skip(c).step_by(inputs).map(|x| scale * x));
    }
    to.extend(core::iter::repeat_n(0.0, (filled_inputs(inputs) - inputs) * (x.len() / inputs)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fused_gpu::plan::block;
    use crate::model::{Activation, Parameterisation};
    use crate::seed::Seed;

    #[test]
    fn parameters_come_back_as_they_went() {
        for (inputs, width) in [(1, 1), (1, 8), (2, 5), (5, 17), (9, 2), (64, 3)] {
            let mlp = Mlp { inputs, ..Mlp::on_a_line(width, Activation::Tanh, Parameterisation::Standard) };
            let parameters = mlp.init(&mut Seed::new(4).stream());
            let mut there = Vec::new();
            append(&mut there, &mlp, &parameters);
            assert_eq!(there.len(), block(filled(width), filled_inputs(inputs)));
            assert_eq!(extract(&there, &mlp), parameters);
        }
    }
}
