//! A plain network as layers in double precision, for the kernel's closed form.

use ndarray::{Array1, Array2};

use crate::kernel::{self, KernelFault, Layer, Network, ParameterStep, Unit};
use crate::model::{Activation, Mlp, Parameters};

/// Points of a network's inputs, from one row; a last one that is not whole is left out.
///
/// # Shapes
/// [n, inputs]
pub fn points(mlp: &Mlp, x: &[f32]) -> Array2<f64> {
    matrix(x, mlp.inputs)
}

/// Rows of so many numbers.
fn matrix(values: &[f32], columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((values.len() / columns, columns), |(i, c)| f64::from(values[i * columns + c]))
}

/// A plain network's layers in double precision, with the factors of its parameterisation on outputs and steps.
///
/// # Errors
/// Parameters that are not finite.
pub fn network(mlp: &Mlp, parameters: &Parameters) -> Result<Network<f64>, KernelFault> {
    let row = |values: &[f32]| -> Array1<f64> { values.iter().copied().map(f64::from).collect() };
    let rate = f64::from(mlp.rate_scale());
    let hidden = |weights: Array2<f64>, bias: &[f32]| Layer {
        weight_scale: f64::from(mlp.hidden_scale(weights.ncols())),
        weights,
        bias: row(bias),
        weight_rate: rate,
        bias_rate: rate,
    };
    let mut layers = vec![hidden(points(mlp, &parameters.w1), &parameters.b1)];
    for layer in parameters.middle.chunks_exact(mlp.width * (mlp.width + 1)) {
        let (weights, bias) = layer.split_at(mlp.width * mlp.width);
        layers.push(hidden(matrix(weights, mlp.width), bias));
    }
    let output = Layer {
        weights: row(&parameters.w2).insert_axis(ndarray::Axis(0)),
        bias: Array1::from_elem(1, f64::from(parameters.b2)),
        weight_scale: f64::from(mlp.output_scale()),
        weight_rate: rate,
        bias_rate: 1.0,
    };
    let unit = match mlp.activation {
        Activation::Relu => Unit::of::<kernel::Relu>(),
        Activation::Tanh => Unit::of::<kernel::Tanh>(),
        Activation::Erf => Unit::of::<kernel::Erf>(),
        Activation::Linear => Unit::of::<kernel::Identity>(),
    };
    layers.push(output);
    Network::new(&layers, unit)
}

/// The kernel of a plain network between some points; `None` where it is not finite. A program that asks for no other
/// links no engine of others.
///
/// # Shapes
/// `x`: [n, inputs] row by row; result: [n, n]
#[cfg(all(feature = "scaling", feature = "associations"))]
pub fn plain_kernel(mlp: &Mlp, parameters: &Parameters, x: &[f32]) -> Option<Array2<f64>> {
    network(mlp, parameters).ok()?.tangents(points(mlp, x).view()).ok()?.kernel().ok()
}

/// The changes of all parameters, layer by layer: the order of [`Parameters::iter`].
pub fn flat(steps: &[ParameterStep<f64>]) -> Vec<f64> {
    let each = steps.iter().map(|step| (step.weights.iter(), step.bias.iter()));
    each.flat_map(|(weights, bias)| weights.chain(bias)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fused_cpu::State;
    use crate::kernel::TangentKernel;
    use crate::model::Parameterisation;
    use crate::seed::Seed;
    use crate::train::{Optimiser, OptimiserKind};

    #[test]
    fn the_tangents_kernel_is_that_of_the_engines_gradients_in_every_dimension() {
        let activations = [Activation::Relu, Activation::Tanh, Activation::Erf, Activation::Linear];
        let scalings = [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield];
        for (inputs, activation) in [1, 2, 5].into_iter().flat_map(|inputs| activations.map(|a| (inputs, a))) {
            for parameterisation in scalings {
                let mlp = Mlp { inputs, richness: 0.5, ..Mlp::on_a_line(12, activation, parameterisation) };
                let mut stream = Seed::new(5).stream();
                let parameters = mlp.init(&mut stream);
                let x: Vec<f32> = (0..6 * inputs).map(|_| stream.normal() as f32).collect();
                let found = network(&mlp, &parameters).unwrap().kernel(points(&mlp, &x).view()).unwrap();

                let optimiser = Optimiser { kind: OptimiserKind::Gd, learning_rate: 0.1 };
                let gradients = State::new(mlp, parameters, optimiser).gradients(&x);
                // The factor on the step of every parameter but b2.
                let rate = f64::from(mlp.rate_scale());
                for ((i, j), &found) in found.indexed_iter() {
                    let pairs = gradients[i].iter().zip(gradients[j].iter());
                    let all: f64 = pairs.map(|(a, b)| f64::from(a) * f64::from(b)).sum();
                    let bias = f64::from(gradients[i].b2 * gradients[j].b2);
                    let expected = rate * (all - bias) + bias;
                    // Gradients in f32, some 1e-7 each of terms that may cancel.
                    assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{mlp:?}: {found}, {expected}");
                }
            }
        }
    }
}
