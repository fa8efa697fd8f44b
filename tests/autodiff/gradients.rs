//! Gradients against finite differences, and the tangent kernel that they make.

use lethe::engine::autodiff::{Shape, jacobian, kernel_trace};
use lethe::engine::fused_cpu::State;
use lethe::kernel::{Erf, Identity, Layer, Network, Relu, TangentKernel, Tanh, Unit};
use lethe::model::{Activation, Block, Mlp, Parameters};
use lethe::train::{Optimiser, OptimiserKind};
use ndarray::{Array1, Array2};

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

/// Layers of a plain network, for the tangent kernel of the theory.
fn layers(mlp: &Mlp, theta: &[f32]) -> Vec<Layer<f64>> {
    let parameters = Parameters::from_row(mlp, theta).unwrap();
    let rate = f64::from(mlp.rate_scale());
    let layer = |weights: &[f32], bias: &[f32], inputs: usize, scale: f32, bias_rate: f64| Layer {
        weights: Array2::from_shape_vec((bias.len(), inputs), wide(weights)).unwrap(),
        bias: Array1::from(wide(bias)),
        weight_scale: f64::from(scale),
        weight_rate: rate,
        bias_rate,
    };
    let h = mlp.width;
    let hidden = |inputs| mlp.hidden_scale(inputs);
    let mut layers = vec![layer(&parameters.w1, &parameters.b1, mlp.inputs, hidden(mlp.inputs), rate)];
    for middle in parameters.middle.chunks(h * h + h) {
        layers.push(layer(&middle[..h * h], &middle[h * h..], h, hidden(h), rate));
    }
    layers.push(layer(&parameters.w2, &[parameters.b2], h, mlp.output_scale(), 1.0));
    layers
}

/// Of gradients in f32 the kernel is good to 1e-5 of its largest entry; that of the theory is in f64.
#[test]
fn gradients_make_the_tangent_kernel_of_deep_plain_networks() {
    let mut stream = stream("kernel");
    for activation in ACTIVATIONS {
        for (depth, parameterisation) in (1..=4).zip(PARAMETERISATIONS.into_iter().cycle()) {
            let mlp = Mlp { parameterisation, richness: 0.5, ..mlp(3, 20, depth, Block::Plain, activation) };
            let theta: Vec<f32> = mlp.init(&mut stream).iter().collect();
            let x = normal(3 * 12, &mut stream);
            let unit = match activation {
                Activation::Relu => Unit::of::<Relu>(),
                Activation::Tanh => Unit::of::<Tanh>(),
                Activation::Erf => Unit::of::<Erf>(),
                Activation::Linear => Unit::of::<Identity>(),
            };
            let points = Array2::from_shape_vec((12, 3), wide(&x)).unwrap();
            let expected = Network::new(&layers(&mlp, &theta), unit).unwrap().kernel(points.view()).unwrap();
            let shape = Shape::scalar(mlp);
            let rows = jacobian(&shape, &theta, &x, 1);
            let rows: Vec<&[f32]> = rows.chunks(theta.len()).collect();
            let factor = |k: usize| if k + 1 < theta.len() { f64::from(mlp.rate_scale()) } else { 1.0 };
            let product = |a: &[f32], b: &[f32]| {
                a.iter().zip(b).enumerate().map(|(k, (&a, &b))| factor(k) * f64::from(a) * f64::from(b)).sum::<f64>()
            };
            let found: Vec<f64> = rows.iter().flat_map(|a| rows.iter().map(|b| product(a, b))).collect();
            let off = relative_difference(&found, expected.as_slice().unwrap());
            assert!(off < 1e-5, "{mlp:?}: {off:e}");
            let weight: Vec<f32> = (0..12).map(|i| i as f32 / 66.0).collect();
            let trace: f64 = (0..12).map(|i| f64::from(weight[i]) * expected[[i, i]]).sum();
            let found = f64::from(kernel_trace(&shape, &theta, &x, &weight, 2));
            assert!((found / trace - 1.0).abs() < 1e-5, "{mlp:?}: {found}, not {trace}");
        }
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
