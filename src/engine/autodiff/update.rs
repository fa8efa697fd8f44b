//! The optimisers of [`crate::engine::fused_cpu`] on tensors.

use burn_tensor::{Device, Tensor, TensorData};

use crate::train::OptimiserKind;
use crate::train::optimiser::{ADAM, MOMENTUM};

/// One step of every network of a batch.
pub struct Update<'a> {
    pub kind: OptimiserKind,
    /// Steps made before this one.
    pub step: u32,
    /// Each network's learning rate of all parameters but b2, and that of b2.
    pub rates: &'a [[f32; 2]],
    pub device: &'a Device,
}

impl Update<'_> {
    /// The parameters after the step; `moments` are those that
    /// [`moments_of`](crate::engine::fused_cpu::moments_of) counts.
    ///
    /// # Shapes
    /// `theta`, `gradient` and each of `moments`: as [`super::Shape`] makes tensors, b2 last.
    pub fn apply(
        &self,
        theta: Vec<Tensor<3>>,
        gradient: Vec<Tensor<3>>,
        moments: &mut [Vec<Tensor<3>>],
    ) -> Vec<Tensor<3>> {
        let (correction, root) = self.corrections();
        let [rate, rate_b2] = [0, 1].map(|k| {
            let rates: Vec<f32> = self.rates.iter().map(|rates| (f64::from(rates[k]) * correction) as f32).collect();
            Tensor::<3>::from_data(TensorData::new(rates, [self.rates.len(), 1, 1]), self.device)
        });
        let last = theta.len() - 1;
        let step = |(k, (theta, gradient)): (usize, (Tensor<3>, Tensor<3>))| {
            let mut moments = moments.iter_mut().map(|moment| &mut moment[k]);
            let direction = match (moments.next(), moments.next()) {
                (None, _) => gradient,
                (Some(velocity), None) => roll(velocity, gradient),
                (Some(first), Some(second)) => adapt(first, second, gradient, root),
            };
            theta - direction * if k == last { rate_b2.clone() } else { rate.clone() }
        };
        theta.into_iter().zip(gradient).enumerate().map(step).collect()
    }

    /// 1 / (1 - beta1^t) and 1 / sqrt(1 - beta2^t) of Adam at this step; 1 for others.
    fn corrections(&self) -> (f64, f32) {
        if self.kind != OptimiserKind::Adam {
            return (1.0, 1.0);
        }
        let rest = |beta: f32| 1.0 - libm::pow(f64::from(beta), f64::from(self.step) + 1.0);
        (1.0 / rest(ADAM.0), (1.0 / libm::sqrt(rest(ADAM.1))) as f32)
    }
}

/// v <- beta v + g.
fn roll(velocity: &mut Tensor<3>, gradient: Tensor<3>) -> Tensor<3> {
    velocity.inplace(|v| v * MOMENTUM + gradient);
    velocity.clone()
}

/// m / (sqrt(v) root + epsilon), with m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2.
fn adapt(first: &mut Tensor<3>, second: &mut Tensor<3>, gradient: Tensor<3>, root: f32) -> Tensor<3> {
    first.inplace(|m| m * ADAM.0 + gradient.clone() * (1.0 - ADAM.0));
    second.inplace(|v| v * ADAM.1 + gradient.square() * (1.0 - ADAM.1));
    first.clone() / (second.clone().sqrt() * root + ADAM.2)
}
