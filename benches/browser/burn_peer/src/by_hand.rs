//! One step with the gradient written out in tensors.

use burn::tensor::Tensor;

use crate::Examples;
use crate::networks::Networks;

/// Gradient descent on the mean of (f - y)^2.
pub fn step(networks: Networks, Examples { x, y }: &Examples, rate: f32) -> Networks {
    let samples = y.dims()[1] as f32;
    let a = networks.hidden(x);
    let f = a.clone().matmul(networks.w2.clone()) + networks.b2.clone();
    // The learning rate is taken into the residual, [networks, samples, 1].
    let r = (f - y.clone()) * (2.0 / samples * rate);
    let slope: Tensor<3> = a.clone().square().neg() + 1.0;
    let d = r.clone() * networks.w2.clone().transpose() * slope;
    Networks {
        w1: networks.w1 - (d.clone() * x.clone()).sum_dim(1),
        b1: networks.b1 - d.sum_dim(1),
        w2: networks.w2 - a.transpose().matmul(r.clone()),
        b2: networks.b2 - r.sum_dim(1),
    }
}
