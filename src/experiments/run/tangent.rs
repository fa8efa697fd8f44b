//! A network as it stands, for the kernel: its layers, and what a step along its tangents does to it.

use ndarray::{Array1, Array2};

use crate::kernel::{self, KernelFault, Layer, Network, Unit};
use crate::model::{Activation, Mlp, Parameters};

/// A column of inputs.
///
/// # Shapes
/// [n, 1]
pub fn column(x: &[f32]) -> Array2<f64> {
    Array2::from_shape_fn((x.len(), 1), |(i, _)| f64::from(x[i]))
}

/// A network's layers in double precision, with the factors of its parameterisation on outputs and steps.
///
/// # Errors
/// Parameters that are not finite.
pub fn network(mlp: &Mlp, parameters: &Parameters) -> Result<Network<f64>, KernelFault> {
    let row = |values: &[f32]| -> Array1<f64> { values.iter().copied().map(f64::from).collect() };
    let rate = f64::from(mlp.rate_scale());
    let hidden = Layer {
        weights: row(&parameters.w1).insert_axis(ndarray::Axis(1)),
        bias: row(&parameters.b1),
        weight_scale: 1.0,
        weight_rate: rate,
        bias_rate: rate,
    };
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
    Network::new(&[hidden, output], unit)
}

/// R J' alpha: what parameters change by where outputs are to change by K alpha, R being the factors on the
/// steps. In the order w1, b1, w2, b2.
///
/// # Shapes
/// `x`, `alpha`: `[n]`; result: `[3 h + 1]`
pub fn pulled_back(mlp: &Mlp, parameters: &Parameters, x: &[f64], alpha: &[f64]) -> Vec<f64> {
    let value_and_slope: fn(f64) -> (f64, f64) = match mlp.activation {
        Activation::Relu => <kernel::Relu as kernel::Activation<f64>>::value_and_slope,
        Activation::Tanh => <kernel::Tanh as kernel::Activation<f64>>::value_and_slope,
        Activation::Erf => <kernel::Erf as kernel::Activation<f64>>::value_and_slope,
        Activation::Linear => <kernel::Identity as kernel::Activation<f64>>::value_and_slope,
    };
    let factor = f64::from(mlp.rate_scale()) * f64::from(mlp.output_scale());
    let (mut w1, mut b1, mut w2) = (Vec::new(), Vec::new(), Vec::new());
    for j in 0..mlp.width {
        let [u, b, v] = [parameters.w1[j], parameters.b1[j], parameters.w2[j]].map(f64::from);
        let (mut along_x, mut along_1, mut along_value) = (0.0, 0.0, 0.0);
        for (&x, &alpha) in x.iter().zip(alpha) {
            let (value, slope) = value_and_slope(u * x + b);
            along_value += alpha * value;
            along_1 += alpha * slope;
            along_x += alpha * slope * x;
        }
        w1.push(factor * v * along_x);
        b1.push(factor * v * along_1);
        w2.push(factor * along_value);
    }
    w1.extend(b1);
    w1.extend(w2);
    w1.push(alpha.iter().sum());
    w1
}

/// Parameters that have moved.
pub fn moved(parameters: &Parameters, by: &[f64]) -> Parameters {
    let width = parameters.w1.len();
    let row = |from: &[f32], by: &[f64]| from.iter().zip(by).map(|(&p, d)| (f64::from(p) + d) as f32).collect();
    Parameters {
        w1: row(&parameters.w1, &by[..width]),
        b1: row(&parameters.b1, &by[width..2 * width]),
        w2: row(&parameters.w2, &by[2 * width..3 * width]),
        b2: (f64::from(parameters.b2) + by[3 * width]) as f32,
    }
}
