//! Gradients against finite differences, and the trace that they make.

use lethe::engine::autodiff::{Shape, jacobian, kernel_trace};
use lethe::engine::fused_cpu::State;
use lethe::model::{Activation, Mlp};
use lethe::train::{Optimiser, OptimiserKind};

use crate::networks::*;

/// All blocks, activations and depths to 4, with each parameterisation in turn.
fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for block in BLOCKS {
        for activation in ACTIVATIONS {
            for depth in 1..=4 {
                let parameterisation = PARAMETERISATIONS[shapes.len() % 3];
                let outputs = 1 + shapes.len() % 2;
                let mlp = Mlp { parameterisation, richness: 0.5, ..mlp(2, 9, depth, block, activation) };
                shapes.push(Shape { mlp, outputs });
            }
        }
    }
    shapes
}

/// The gradient of single outputs, in f32 with sums of a few dozen terms: to 1e-5 of the largest component.
#[test]
fn jacobians_are_those_of_finite_differences() {
    let mut stream = stream("jacobian");
    for shape in shapes() {
        let theta = normal(shape.parameter_count(), &mut stream);
        let x = normal(2 * 5, &mut stream);
        let found = jacobian(&shape, &theta, &x, 2);
        let rows = found.chunks(shape.parameter_count());
        assert_eq!(rows.len(), 5 * shape.outputs);
        for (k, row) in rows.enumerate() {
            let point = wide(&x[k / shape.outputs * 2..][..2]);
            let expected = differences(&wide(&theta), |theta| outputs(&shape, theta, &point)[k % shape.outputs]);
            let off = relative_difference(&wide(row), &expected);
            assert!(off < 2e-5, "{shape:?}, row {k}: {off:e}");
        }
    }
}

/// One step of plain gradient descent is the rate times the gradient of the loss.
#[test]
fn steps_are_those_of_finite_differences() {
    const RATE: f32 = 0.125;
    let mut stream = stream("step");
    for shape in shapes() {
        let theta = normal(shape.parameter_count(), &mut stream);
        let Wave { world, weight } = wave(7, 2, shape.outputs, &mut stream);
        let mut one = vec![member(shape, RATE, theta.clone(), OptimiserKind::Gd)];
        one[0].start = theta.clone();
        let setting = common(OptimiserKind::Gd, 0, None, vec![weight.clone()]);
        let mut fleet = fleet(setting, vec![world.clone()], &one);
        train(&mut fleet, 1, &[]);
        let loss = |theta: &[f64]| {
            (0..7)
                .map(|i| {
                    let f = outputs(&shape, theta, &wide(&world.x[2 * i..][..2]));
                    let y = &world.y[i * shape.outputs..][..shape.outputs];
                    let squares = f.iter().zip(y).map(|(f, &y)| (f - f64::from(y)) * (f - f64::from(y)));
                    f64::from(weight[i]) * squares.sum::<f64>()
                })
                .sum::<f64>()
        };
        let slopes = differences(&wide(&theta), loss);
        let scaled = theta.len() - shape.outputs;
        let factor = |k: usize| if k < scaled { f64::from(shape.mlp.rate_scale()) } else { 1.0 };
        let expected: Vec<f64> = slopes.iter().enumerate().map(|(k, slope)| factor(k) * slope).collect();
        let end = &standings(&fleet)[0].parameters;
        let found: Vec<f64> =
            theta.iter().zip(end).map(|(&from, &to)| (f64::from(from) - f64::from(to)) / f64::from(RATE)).collect();
        let off = relative_difference(&found, &expected);
        // The step is what is left of two parameters of about 1, each rounded at 6e-8 of it.
        let rounding = 3e-7 / f64::from(RATE) / expected.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
        assert!(off < 3e-5 + rounding, "{shape:?}: {off:e}");
    }
}

#[test]
fn the_trace_of_a_shallow_kernel_is_that_of_the_fused_cpu_engine() {
    let mut stream = stream("trace");
    for parameterisation in PARAMETERISATIONS {
        let mlp = Mlp { richness: 0.5, ..Mlp::on_a_line(30, Activation::Erf, parameterisation) };
        let start = mlp.init(&mut stream);
        let Wave { world, weight } = wave(15, 1, 1, &mut stream);
        let optimiser = Optimiser { kind: OptimiserKind::Gd, learning_rate: 0.1 };
        let expected = State::new(mlp, start.clone(), optimiser).kernel_trace(&world.x, &weight);
        let theta: Vec<f32> = start.iter().collect();
        let found = kernel_trace(&Shape::scalar(mlp), &theta, &world.x, &weight, 1);
        assert!((found / expected - 1.0).abs() < 1e-5, "{mlp:?}: {found}, not {expected}");
    }
}
