//! Networks to take kernels of, and their Jacobians the long way.

use lethe::kernel::{Activation, Erf, Identity, Layer, Network, Number, Relu, Tanh, Unit};
use lethe::seed::{Seed, Stream};
use ndarray::{Array1, Array2};

/// The activations, by number.
pub const UNITS: usize = 4;

/// A network as plain layers, with its activation as a function of one number.
#[derive(Clone, Debug)]
pub struct Plain {
    pub layers: Vec<Layer<f64>>,
    pub unit: usize,
}

pub fn stream(label: &str) -> Stream {
    Seed::new(23).fork(label).stream()
}

/// `sizes`: inputs, hidden widths, outputs. Every scale and rate differs from every other.
pub fn plain(sizes: &[usize], unit: usize, stream: &mut Stream) -> Plain {
    let layer = |(index, pair): (usize, &[usize])| Layer {
        weights: normal(pair[1], pair[0], stream),
        bias: Array1::from_shape_simple_fn(pair[1], || stream.normal()),
        weight_scale: (1.0 + 0.1 * index as f64) / (pair[0] as f64).sqrt(),
        weight_rate: 1.0 + 0.5 * index as f64,
        bias_rate: 0.7 + 0.2 * index as f64,
    };
    Plain { layers: sizes.windows(2).enumerate().map(layer).collect(), unit }
}

pub fn normal(rows: usize, columns: usize, stream: &mut Stream) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || stream.normal())
}

/// The largest difference, relative to the largest entry.
pub fn difference(found: &Array2<f64>, expected: &Array2<f64>) -> f64 {
    assert_eq!(found.dim(), expected.dim());
    let largest = expected.iter().fold(0.0, |most: f64, entry| most.max(entry.abs()));
    (found - expected).iter().fold(0.0, |most: f64, entry| most.max(entry.abs())) / largest
}

/// Of a symmetric matrix, in rising order.
pub fn eigenvalues(matrix: &Array2<f64>) -> Vec<f64> {
    let matrix = nalgebra::DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |row, column| matrix[[row, column]]);
    let mut found: Vec<f64> = matrix.symmetric_eigenvalues().iter().copied().collect();
    found.sort_by(f64::total_cmp);
    found
}

pub fn unit<F: Number>(which: usize) -> Unit<F>
where
    Tanh: Activation<F>,
    Erf: Activation<F>,
{
    match which {
        0 => Unit::of::<Relu>(),
        1 => Unit::of::<Tanh>(),
        2 => Unit::of::<Erf>(),
        _ => Unit::of::<Identity>(),
    }
}

fn value_and_slope(which: usize, z: f64) -> (f64, f64) {
    match which {
        0 => (z.max(0.0), f64::from(z > 0.0)),
        1 => (libm::tanh(z), 1.0 / libm::cosh(z) / libm::cosh(z)),
        2 => (libm::erf(z), 2.0 / std::f64::consts::PI.sqrt() * libm::exp(-z * z)),
        _ => (z, 1.0),
    }
}

impl Plain {
    pub fn network(&self) -> Network<f64> {
        Network::new(&self.layers, unit(self.unit)).unwrap()
    }

    /// The network in f32.
    pub fn network_f32(&self) -> Network<f32> {
        let layer = |layer: &Layer<f64>| Layer {
            weights: layer.weights.mapv(|weight| weight as f32),
            bias: layer.bias.mapv(|bias| bias as f32),
            weight_scale: layer.weight_scale as f32,
            weight_rate: layer.weight_rate as f32,
            bias_rate: layer.bias_rate as f32,
        };
        Network::new(&self.layers.iter().map(layer).collect::<Vec<_>>(), unit(self.unit)).unwrap()
    }

    /// f at one point.
    pub fn output(&self, x: &[f64]) -> Vec<f64> {
        let mut a = Array1::from(x.to_vec());
        for (index, layer) in self.layers.iter().enumerate() {
            let z = layer.weights.dot(&a) * layer.weight_scale + &layer.bias;
            let last = index + 1 == self.layers.len();
            a = if last { z } else { z.mapv(|z| value_and_slope(self.unit, z).0) };
        }
        a.to_vec()
    }

    #[cfg(not(target_family = "wasm"))]
    /// The smallest |z| of all hidden units at one point.
    pub fn nearest_to_kink(&self, x: &[f64]) -> f64 {
        let (mut a, mut nearest) = (Array1::from(x.to_vec()), f64::INFINITY);
        for layer in &self.layers[..self.layers.len() - 1] {
            let z = layer.weights.dot(&a) * layer.weight_scale + &layer.bias;
            nearest = z.iter().fold(nearest, |nearest, z| nearest.min(z.abs()));
            a = z.mapv(|z| value_and_slope(self.unit, z).0);
        }
        nearest
    }

    /// All parameters of the network one after the other, with the rate of each.
    pub fn parameters(&mut self) -> Vec<(&mut f64, f64)> {
        let mut all = Vec::new();
        for layer in &mut self.layers {
            let (weight_rate, bias_rate) = (layer.weight_rate, layer.bias_rate);
            all.extend(layer.weights.iter_mut().map(|weight| (weight, weight_rate)));
            all.extend(layer.bias.iter_mut().map(|bias| (bias, bias_rate)));
        }
        all
    }

    /// sqrt(rate) df/dtheta at one point by the chain rule, one output and one layer at a time: `[C, parameters]`.
    pub fn gradients(&self, x: &[f64]) -> Vec<Vec<f64>> {
        let (mut taken, mut slopes) = (vec![Array1::from(x.to_vec())], Vec::new());
        for layer in &self.layers {
            let z = layer.weights.dot(&taken[taken.len() - 1]) * layer.weight_scale + &layer.bias;
            taken.push(z.mapv(|z| value_and_slope(self.unit, z).0));
            slopes.push(z.mapv(|z| value_and_slope(self.unit, z).1));
        }
        let outputs = self.layers[self.layers.len() - 1].bias.len();
        let one = |output: usize| {
            let mut delta = Array1::from_shape_fn(outputs, |each| f64::from(each == output));
            let mut backwards = Vec::new();
            for (index, layer) in self.layers.iter().enumerate().rev() {
                let (of_weight, of_bias) = (layer.weight_rate.sqrt() * layer.weight_scale, layer.bias_rate.sqrt());
                let weights = delta.iter().flat_map(|d| taken[index].iter().map(move |a| of_weight * d * a));
                backwards.push(weights.chain(delta.iter().map(|d| of_bias * d)).collect::<Vec<f64>>());
                if index > 0 {
                    delta = layer.weights.t().dot(&delta) * layer.weight_scale * &slopes[index - 1];
                }
            }
            backwards.into_iter().rev().flatten().collect()
        };
        (0..outputs).map(one).collect()
    }

    /// J diag(rates) J^T, J by the chain rule.
    pub fn kernel(&self, rows: &Array2<f64>, columns: &Array2<f64>) -> Array2<f64> {
        let jacobian = |x: &Array2<f64>| -> Vec<Vec<f64>> {
            x.outer_iter().flat_map(|point| self.gradients(&point.to_vec())).collect()
        };
        let (left, right) = (jacobian(rows), jacobian(columns));
        Array2::from_shape_fn((left.len(), right.len()), |(i, j)| {
            left[i].iter().zip(&right[j]).map(|(a, b)| a * b).sum()
        })
    }
}
