//! What one step sees: examples as tensors.

use burn_tensor::{Device, Tensor, TensorData};

use super::shape::Shape;
use crate::engine::fleet::World;

/// Examples of each network of a batch of networks; the loss of a network is
/// sum_i weight_i |f(x_i) - y_i|^2, over examples and outputs.
///
/// # Shapes
/// `x`: `[networks, examples, inputs]`; `y`: `[networks, examples, outputs]`; `weight`: `[networks, examples, 1]`
#[derive(Clone)]
pub struct Task {
    pub x: Tensor<3>,
    pub y: Tensor<3>,
    pub weight: Tensor<3>,
}

impl Task {
    /// As (world, examples, weights) of each network, equally many examples of each.
    pub fn new(shape: &Shape, sights: &[(&World, &[u32], Vec<f32>)], device: &Device) -> Self {
        let rows = sights.first().map_or(0, |(_, examples, _)| examples.len());
        let gather = |of: fn(&World) -> &[f32], each: usize| {
            let mut values = Vec::with_capacity(sights.len() * rows * each);
            for (world, examples, _) in sights {
                examples.iter().for_each(|&i| values.extend_from_slice(&of(world)[i as usize * each..][..each]));
            }
            tensor(values, [sights.len(), rows, each], device)
        };
        Self {
            x: gather(|world| &world.x, shape.mlp.inputs),
            y: gather(|world| &world.y, shape.outputs),
            weight: tensor(
                sights.iter().flat_map(|(_, _, weight)| weight).copied().collect(),
                [sights.len(), rows, 1],
                device,
            ),
        }
    }

    /// The sum of all networks' losses, given their outputs: each network's gradient is that of its own.
    pub fn loss(&self, f: Tensor<3>) -> Tensor<1> {
        ((f - self.y.clone()).square() * self.weight.clone()).sum()
    }
}

/// Values as a tensor.
pub fn tensor(values: Vec<f32>, dims: [usize; 3], device: &Device) -> Tensor<3> {
    Tensor::from_data(TensorData::new(values, dims), device)
}
