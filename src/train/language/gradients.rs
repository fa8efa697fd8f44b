//! Gradients of all trained parameters, by name.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn_tensor::{DType, Tensor};

use crate::model::llama::{Llama, outer_name};

/// A gradient for each trained parameter, each as a row of numbers.
#[derive(Clone, Debug, Default)]
pub struct Gradients {
    pub(super) by_name: BTreeMap<String, Tensor<1>>,
}

impl Gradients {
    /// Those of a loss.
    ///
    /// # Shapes
    /// `loss`: `[1]`
    pub fn of(loss: Tensor<1>, model: &Llama) -> Self {
        Self::collected(loss.backward(), model, "")
    }

    /// Those of a part of a model, from that of its output.
    ///
    /// # Shapes
    /// `output`, `pull`: `[rows, units]`
    pub(super) fn pulled(output: Tensor<2>, pull: Tensor<2>, part: &impl Module, path: &str) -> Self {
        Self::collected((output * Tensor::from_inner(pull)).sum().backward(), part, path)
    }

    /// What a tape holds of the parameters of the part of a model at this path.
    pub(super) fn collected(tape: burn_tensor::Gradients, part: &impl Module, path: &str) -> Self {
        let path = if path.is_empty() { Vec::new() } else { vec![path.to_owned()] };
        let mut collecting = Collecting { path, tape, found: BTreeMap::new() };
        part.visit(&mut collecting);
        Self { by_name: collecting.found }
    }

    /// Names and gradients.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor<1>)> {
        self.by_name.iter().map(|(name, gradient)| (name.as_str(), gradient))
    }

    /// The sum of both.
    pub fn plus(mut self, other: Self) -> Self {
        for (name, gradient) in other.by_name {
            let sum = match self.by_name.remove(&name) {
                Some(own) => own + gradient,
                None => gradient,
            };
            self.by_name.insert(name, sum);
        }
        self
    }

    /// All of them shortened by one factor where their common length is above `most`, as torch's `clip_grad_norm_`;
    /// with that length before, `[1]`, on the device.
    pub fn clipped(mut self, most: f64) -> (Self, Option<Tensor<1>>) {
        let squares = self.by_name.values().map(|gradient| (gradient.clone() * gradient.clone()).sum());
        let Some(length) = squares.reduce(|sum, square| sum + square).map(Tensor::sqrt) else { return (self, None) };
        let factor = (length.clone() + 1e-6).recip().mul_scalar(most).clamp_max(1.0);
        for gradient in self.by_name.values_mut() {
            *gradient = gradient.clone() * factor.clone();
        }
        (self, Some(length))
    }
}

struct Collecting {
    path: Vec<String>,
    tape: burn_tensor::Gradients,
    found: BTreeMap<String, Tensor<1>>,
}

impl ModuleVisitor for Collecting {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        if let Some(gradient) = parameter.val().grad_remove(&mut self.tape) {
            // Sums over micro-batches and lengths are taken in single precision, whatever is trained.
            let gradient = if gradient.dtype() == DType::F32 { gradient } else { gradient.cast(DType::F32) };
            let length = gradient.shape().num_elements();
            self.found.insert(outer_name(&self.path.join(".")), gradient.reshape([length]));
        }
    }
}

impl FromIterator<(String, Tensor<1>)> for Gradients {
    /// Gradients by the names of parameters.
    fn from_iter<I: IntoIterator<Item = (String, Tensor<1>)>>(gradients: I) -> Self {
        Self { by_name: gradients.into_iter().collect() }
    }
}
