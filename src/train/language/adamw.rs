//! AdamW, as torch computes it (Loshchilov and Hutter 2019, arXiv 1711.05101).

use std::collections::BTreeMap;

use burn_tensor::Tensor;

use super::gradients::Gradients;
use super::optimiser::{Restoring, Update, walk};
use crate::model::llama::{Fault, Llama, Stored};

/// What the moments are called behind a parameter's name: torch's names.
const FIRST: &str = ".exp_avg";
const SECOND: &str = ".exp_avg_sq";

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
        walk(model, gradients, rate, self)
    }

    /// See [`Optimiser::state`](super::Optimiser::state).
    pub(super) fn state(&self) -> Vec<Stored> {
        let named = |(name, moments): (&String, &[Tensor<1>; 2])| {
            let [m, v] = moments.clone();
            [Stored::as_held(format!("{name}{FIRST}"), m), Stored::as_held(format!("{name}{SECOND}"), v)]
        };
        self.moments.iter().flat_map(named).collect()
    }

    pub(super) fn forget(&mut self) {
        self.moments.clear();
    }

    pub(super) fn restore(&mut self, name: &str, shape: &[usize], from: &mut Restoring<'_>) -> Result<(), Fault> {
        let length = shape.iter().product();
        let moments = [from.take(format!("{name}{FIRST}"), length)?, from.take(format!("{name}{SECOND}"), length)?];
        self.moments.insert(name.to_owned(), moments);
        Ok(())
    }
}

impl Update for AdamW {
    /// kept parameter - rate m' / (sqrt(v') + epsilon), where m' and v' are the moments without their bias to 0.
    fn update(
        &mut self,
        name: &str,
        shape: &[usize],
        parameter: Tensor<1>,
        gradient: Tensor<1>,
        rate: f64,
    ) -> Tensor<1> {
        let decays = shape.len() > 1 || self.decays_vectors;
        let kept = if decays { 1.0 - rate * self.weight_decay } else { 1.0 };
        let [m, v] = self.moments.remove(name).unwrap_or_else(|| [gradient.zeros_like(), gradient.zeros_like()]);
        let m = m * self.beta1 + gradient.clone() * (1.0 - self.beta1);
        let v = v * self.beta2 + gradient.clone() * gradient * (1.0 - self.beta2);
        let steps = f64::from(self.steps);
        let [bias1, bias2] = [self.beta1, self.beta2].map(|beta| 1.0 - libm::pow(beta, steps));
        let size = v.clone().sqrt() / libm::sqrt(bias2) + self.epsilon;
        let moved = parameter * kept - m.clone() / size * (rate / bias1);
        self.moments.insert(name.to_owned(), [m, v]);
        moved
    }
}
