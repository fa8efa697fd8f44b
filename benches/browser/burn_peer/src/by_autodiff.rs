//! One step with burn's own gradient.

use burn::tensor::Tensor;

use crate::Examples;
use crate::networks::Networks;

/// Gradient descent on the mean of (f - y)^2 of each network.
pub fn step(networks: Networks, Examples { x, y }: &Examples, rate: f32) -> Networks {
    let samples = y.dims()[1] as f32;
    let leaves = networks.map(|parameter| parameter.autodiff().require_grad());
    let x = x.clone().autodiff();
    // A sum over networks, so that each one's gradient is that of its own mean.
    let loss = (leaves.output(&x) - y.clone().autodiff()).square().sum() / samples;
    let gradients = loss.backward();
    leaves.map(|parameter: Tensor<3>| {
        let slope = parameter.grad(&gradients).expect("every parameter is a leaf that the loss depends on");
        parameter.inner() - slope * rate
    })
}
