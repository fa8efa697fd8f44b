//! One step with the gradient written out in tensors.

use burn::tensor::Tensor;

use crate::Examples;
use crate::networks::Networks;

/// Gradient descent on the mean of (f - y)^2, sums over units and samples as matrix products.
pub fn step(networks: Networks, Examples { x, y }: &Examples, rate: f32) -> Networks {
    let a = networks.hidden(x);
    let f = a.clone().matmul(networks.w2.clone()) + networks.b2.clone();
    let r = scaled_residual(f, y, rate);
    let d = backward(&networks, &a, &r);
    let w2 = a.transpose().matmul(r.clone());
    descend(networks, x, r, d, w2)
}

/// The same without matrix products: a device may be bad at those of a vector.
pub fn step_by_sums(networks: Networks, Examples { x, y }: &Examples, rate: f32) -> Networks {
    let a = networks.hidden(x);
    let f = (a.clone() * networks.w2.clone().transpose()).sum_dim(2) + networks.b2.clone();
    let r = scaled_residual(f, y, rate);
    let d = backward(&networks, &a, &r);
    let w2 = (a * r.clone()).sum_dim(1).transpose();
    descend(networks, x, r, d, w2)
}

/// 2 rate (f - y) / samples, [networks, samples, 1]: the learning rate is taken in here.
fn scaled_residual(f: Tensor<3>, y: &Tensor<3>, rate: f32) -> Tensor<3> {
    let samples = y.dims()[1] as f32;
    (f - y.clone()) * (2.0 / samples * rate)
}

/// The slope at each unit, [networks, samples, width].
fn backward(networks: &Networks, a: &Tensor<3>, r: &Tensor<3>) -> Tensor<3> {
    r.clone() * networks.w2.clone().transpose() * (a.clone().square().neg() + 1.0)
}

fn descend(networks: Networks, x: &Tensor<3>, r: Tensor<3>, d: Tensor<3>, w2: Tensor<3>) -> Networks {
    Networks {
        w1: networks.w1 - (d.clone() * x.clone()).sum_dim(1),
        b1: networks.b1 - d.sum_dim(1),
        w2: networks.w2 - w2,
        b2: networks.b2 - r.sum_dim(1),
    }
}
