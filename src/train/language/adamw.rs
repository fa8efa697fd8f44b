//! AdamW, as torch computes it (Loshchilov and Hutter 2019, arXiv 1711.05101).

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn_tensor::Tensor;

use super::gradients::Gradients;
use crate::model::llama::{Llama, outer_name};

/// Its settings and moments.
#[derive(Clone, Debug)]
pub struct AdamW {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// Share of the rate by which a step shrinks each parameter that decays.
    pub weight_decay: f64,
    /// Whether vectors (biases, the factors of norms) decay as matrices do.
    pub decays_vectors: bool,
    /// Steps made.
    pub steps: u32,
    moments: BTreeMap<String, [Tensor<1>; 2]>,
}

impl Default for AdamW {
    /// torch's defaults.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            decays_vectors: true,
            steps: 0,
            moments: BTreeMap::new(),
        }
    }
}

impl AdamW {
    /// The model after one step; parameters without a gradient stay as they are.
    pub fn step(&mut self, model: Llama, gradients: Gradients, rate: f64) -> Llama {
        self.steps += 1;
        let mut updating = Updating { path: Vec::new(), gradients, rate, optimiser: self };
        model.map(&mut updating)
    }

    /// `parameter` <- kept parameter - rate m' / (sqrt(v') + epsilon), where m' and v' are the moments without their
    /// bias to 0.
    fn update(&mut self, name: String, parameter: Tensor<1>, gradient: Tensor<1>, [rate, kept]: [f64; 2]) -> Tensor<1> {
        let [m, v] = self.moments.remove(&name).unwrap_or_else(|| [gradient.zeros_like(), gradient.zeros_like()]);
        let m = m * self.beta1 + gradient.clone() * (1.0 - self.beta1);
        let v = v * self.beta2 + gradient.clone() * gradient * (1.0 - self.beta2);
        let steps = f64::from(self.steps);
        let [bias1, bias2] = [self.beta1, self.beta2].map(|beta| 1.0 - libm::pow(beta, steps));
        let size = v.clone().sqrt() / libm::sqrt(bias2) + self.epsilon;
        let moved = parameter * kept - m.clone() / size * (rate / bias1);
        self.moments.insert(name, [m, v]);
        moved
    }
}

struct Updating<'a> {
    path: Vec<String>,
    gradients: Gradients,
    rate: f64,
    optimiser: &'a mut AdamW,
}

impl ModuleMapper for Updating<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = outer_name(&self.path.join("."));
        let Some(gradient) = self.gradients.by_name.remove(&name) else { return parameter };
        let (rate, optimiser) = (self.rate, &mut *self.optimiser);
        parameter.map(|value| {
            let shape = value.dims();
            let flat = value.inner().reshape([gradient.shape().num_elements()]);
            let decays = D > 1 || optimiser.decays_vectors;
            let kept = if decays { 1.0 - rate * optimiser.weight_decay } else { 1.0 };
            let moved = optimiser.update(name, flat, gradient, [rate, kept]);
            Tensor::from_inner(moved.reshape(shape)).require_grad()
        })
    }
}
