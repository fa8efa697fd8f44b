//! f(x) for a batch of networks.

use burn_tensor::{Device, Tensor};

use super::dense::activated;
use super::shape::Shape;
use super::squad::read;
use super::task::tensor;
use crate::engine::threads::at_once;

/// Added to a variance before its root is taken.
const EPSILON: f32 = 1e-5;

/// The outputs of each network on its own inputs.
///
/// # Shapes
/// - `theta`: as [`Shape::tensors`] makes them, `[networks, ..]`
/// - `x`: `[networks, examples, inputs]`
/// - result: `[networks, examples, outputs]`
pub fn forward(shape: &Shape, theta: &[Tensor<3>], x: Tensor<3>) -> Tensor<3> {
    let mlp = &shape.mlp;
    let mut tensors = theta.iter().cloned();
    let mut next = || tensors.next().expect("as many tensors as the shape has");
    let mut a = x;
    for layer in 0..mlp.depth {
        let (w, b) = (next(), next());
        let scale = mlp.hidden_scale(w.dims()[1]);
        let skipped = (layer > 0 && mlp.block.has_residual()).then(|| a.clone());
        let z = a.matmul(w);
        a = if mlp.block.has_norm() {
            let (gamma, beta) = (next(), next());
            activated(normalised(z * scale + b) * gamma, beta, 1.0, mlp.activation)
        } else {
            activated(z, b, scale, mlp.activation)
        };
        if let Some(skipped) = skipped {
            a = a + skipped;
        }
    }
    let (w2, b2) = (next(), next());
    a.matmul(w2) * mlp.output_scale() + b2
}

/// The outputs of one network, on the CPU.
///
/// # Shapes
/// `parameters`: a row of P; `x`: `[n, inputs]` row by row; result: `[n, outputs]`
pub fn outputs(shape: &Shape, parameters: &[f32], x: &[f32]) -> Vec<f32> {
    let device = Device::flex();
    let x = tensor(x.to_vec(), [1, x.len() / shape.mlp.inputs, shape.mlp.inputs], &device);
    let f = forward(shape, &shape.tensors(&[parameters], &device), x).reshape([-1]);
    at_once(read(f)).expect("the CPU always answers")
}

/// (z - mean) / sqrt(variance + epsilon) over the units of a layer.
fn normalised(z: Tensor<3>) -> Tensor<3> {
    let centred = z.clone() - z.mean_dim(2);
    let variance = centred.clone().square().mean_dim(2);
    centred / (variance + EPSILON).sqrt()
}
