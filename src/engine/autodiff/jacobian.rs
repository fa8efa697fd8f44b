//! Gradients of single outputs, for tangent kernels, Fisher information and projections.

use burn_tensor::{Device, Tensor};

use super::forward::forward;
use super::shape::Shape;
use super::squad::read;
use super::task::tensor;
use crate::engine::threads::{at_once, for_each};

/// Gradient values taken together.
const TOGETHER: usize = 1 << 20;

/// df_o(x_i) / dtheta for every example and output, on the CPU, on so many threads.
///
/// The network is taken once per example, as a batch of networks that share their parameters and see one
/// example each: one pass forwards and one backwards per output give a batch of gradients. About
/// 6 operations and 4 bytes per example, output and parameter; the result alone takes 4 n o P bytes.
/// Factors on learning rates are left to the reader ([`crate::model::Mlp::rate_scale`]).
///
/// # Shapes
/// - `parameters`: a row of P in [`Shape`]'s order
/// - `x`: `[n, inputs]`, row by row
/// - result: `[n, outputs, P]`, row by row
///
/// # Panics
/// If `parameters` or `x` do not fit the shape.
pub fn jacobian(shape: &Shape, parameters: &[f32], x: &[f32], threads: usize) -> Vec<f32> {
    let count = shape.parameter_count();
    assert_eq!(parameters.len(), count, "parameters have the network's shape");
    assert_eq!(x.len() % shape.mlp.inputs, 0, "every example has all its coordinates");
    let (examples, row) = (x.len() / shape.mlp.inputs, shape.outputs * count);
    let together = (TOGETHER / row).clamp(1, examples.max(1));
    let mut all = vec![0.0; examples * row];
    let mut parts: Vec<_> = x.chunks(together * shape.mlp.inputs).zip(all.chunks_mut(together * row)).collect();
    for_each(&mut parts, threads, |(x, out)| gradients(shape, parameters, x, out));
    all
}

fn gradients(shape: &Shape, parameters: &[f32], x: &[f32], out: &mut [f32]) {
    let device = Device::flex();
    let (examples, count) = (x.len() / shape.mlp.inputs, shape.parameter_count());
    let x = tensor(x.to_vec(), [examples, 1, shape.mlp.inputs], &device);
    let shared = shape.tensors(&[parameters], &device);
    for output in 0..shape.outputs {
        let copies = |tensor: &Tensor<3>| {
            let [_, rows, columns] = tensor.dims();
            tensor.clone().expand([examples, rows, columns]).autodiff().require_grad()
        };
        let leaves: Vec<Tensor<3>> = shared.iter().map(copies).collect();
        let f = forward(shape, &leaves, x.clone()).narrow(2, output, 1);
        let mut gradients = f.sum().backward();
        let slope = |leaf: &Tensor<3>| leaf.grad_remove(&mut gradients).expect("f depends on every parameter");
        let rows = shape.rows(&leaves.iter().map(slope).collect::<Vec<_>>()).reshape([-1]);
        let rows = at_once(read(rows)).expect("the CPU always answers");
        for (example, row) in rows.chunks_exact(count).enumerate() {
            out[(example * shape.outputs + output) * count..][..count].copy_from_slice(row);
        }
    }
}

/// sum_i weight_i k(x_i, x_i), where k(x, x) = sum over outputs and parameters of (df/dtheta)^2 times the
/// factor on that parameter's learning rate; [`crate::engine::fused_cpu::State::kernel_trace`] for any network.
///
/// # Shapes
/// As [`jacobian`], with `weight` `[n]`. Costs as much, but the gradients are not all kept.
///
/// # Panics
/// If `parameters` or `x` do not fit the shape.
pub fn kernel_trace(shape: &Shape, parameters: &[f32], x: &[f32], weight: &[f32], threads: usize) -> f32 {
    let count = shape.parameter_count();
    let inputs = shape.mlp.inputs;
    let together = (TOGETHER / (shape.outputs * count)).max(1);
    let factor = f64::from(shape.mlp.rate_scale());
    let squared = |row: &[f32]| row.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>();
    let k = |row: &[f32]| {
        let (scaled, b2) = row.split_at(count - shape.outputs);
        factor * squared(scaled) + squared(b2)
    };
    let mut parts: Vec<_> = x.chunks(together * inputs).zip(weight.chunks(together)).map(|part| (part, 0.0)).collect();
    for_each(&mut parts, threads, |((x, weight), sum)| {
        let rows = jacobian(shape, parameters, x, 1);
        let rows = rows.chunks_exact(shape.outputs * count).zip(*weight);
        *sum = rows.map(|(row, &w)| f64::from(w) * row.chunks_exact(count).map(k).sum::<f64>()).sum();
    });
    parts.iter().map(|(_, sum)| sum).sum::<f64>() as f32
}
