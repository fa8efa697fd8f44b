//! What makes a step of gradients, and what of it a resumed run needs.

use std::collections::BTreeSet;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn_tensor::{DType, Device, Tensor};

use super::{Adafactor, AdamW, Gradients};
use crate::model::llama::{Fault, Llama, Precision, Stored, Weights, outer_name};

/// One of the optimisers, with its settings and its memory.
#[derive(Clone, Debug)]
pub enum Optimiser {
    AdamW(AdamW),
    Adafactor(Adafactor),
}

impl Optimiser {
    /// The model after one step at a learning rate; parameters without a gradient stay as they are.
    pub fn step(&mut self, model: Llama, gradients: Gradients, rate: f64) -> Llama {
        match self {
            Self::AdamW(adamw) => adamw.step(model, gradients, rate),
            Self::Adafactor(adafactor) => adafactor.step(model, gradients, rate),
        }
    }

    /// Steps made.
    pub fn steps(&self) -> u32 {
        match self {
            Self::AdamW(adamw) => adamw.steps,
            Self::Adafactor(adafactor) => adafactor.steps,
        }
    }

    /// What it remembers, beside the number of steps, by the names of parameters and torch's of what is remembered; each
    /// read when it is asked for.
    pub fn state(&self) -> Vec<Stored> {
        match self {
            Self::AdamW(adamw) => adamw.state(),
            Self::Adafactor(adafactor) => adafactor.state(),
        }
    }

    /// Remembers what [`state`](Self::state) was after so many steps of the same settings on the same model: what
    /// follows has the same bits as if it had gone on.
    ///
    /// # Errors
    /// The tensor that is missing, of another shape, not finite, or of no parameter that is trained.
    pub fn restore(&mut self, steps: u32, state: &Weights<'_>, model: &Llama) -> Result<(), Fault> {
        match self {
            Self::AdamW(adamw) => adamw.forget(),
            Self::Adafactor(adafactor) => adafactor.forget(),
        }
        let mut restoring = Restoring { state, device: device(model), expected: BTreeSet::new() };
        if steps > 0 {
            for (name, shape) in trained(model) {
                match self {
                    Self::AdamW(adamw) => adamw.restore(&name, &shape, &mut restoring)?,
                    Self::Adafactor(adafactor) => adafactor.restore(&name, &shape, &mut restoring)?,
                }
            }
        }
        match self {
            Self::AdamW(adamw) => adamw.steps = steps,
            Self::Adafactor(adafactor) => adafactor.steps = steps,
        }
        match state.names().find(|&name| !restoring.expected.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Fault(format!("tensor {name} is of no parameter that this run trains"))),
        }
    }
}

/// What an optimiser does to one parameter.
pub(super) trait Update {
    /// The parameter after a step.
    ///
    /// # Shapes
    /// - `shape`: of the parameter
    /// - `parameter`, `gradient`, result: `[numbers]`, in single precision
    fn update(
        &mut self,
        name: &str,
        shape: &[usize],
        parameter: Tensor<1>,
        gradient: Tensor<1>,
        rate: f64,
    ) -> Tensor<1>;
}

/// Takes all parameters that have a gradient through an update.
pub(super) fn walk(model: Llama, gradients: Gradients, rate: f64, update: &mut impl Update) -> Llama {
    model.map(&mut Walking { path: Vec::new(), gradients, rate, update })
}

struct Walking<'a, U> {
    path: Vec<String>,
    gradients: Gradients,
    rate: f64,
    update: &'a mut U,
}

impl<U: Update> ModuleMapper for Walking<'_, U> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = outer_name(&self.path.join("."));
        let Some(gradient) = self.gradients.by_name.remove(&name) else { return parameter };
        parameter.map(|value| {
            let (shape, dtype) = (value.dims(), value.dtype());
            let flat = value.inner().reshape([gradient.shape().num_elements()]).cast(DType::F32);
            let moved = self.update.update(&name, &shape, flat, gradient.cast(DType::F32), self.rate);
            Tensor::from_inner(moved.cast(dtype).reshape(shape)).require_grad()
        })
    }
}

/// Tensors on their way back into an optimiser.
pub(super) struct Restoring<'a> {
    state: &'a Weights<'a>,
    device: Device,
    expected: BTreeSet<String>,
}

impl Restoring<'_> {
    /// What was remembered under a name.
    ///
    /// # Errors
    /// If it is missing, of another length, or not finite.
    pub fn take(&mut self, name: String, length: usize) -> Result<Tensor<1>, Fault> {
        let data = self.state.tensor(&name, &[length], Precision::F32)?;
        self.expected.insert(name);
        Ok(Tensor::from_data(data, (&self.device, DType::F32)))
    }
}

/// Where optimisers remember: where the model is, without gradients.
fn device(model: &Llama) -> Device {
    model.model.norm.weight.val().device().inner()
}

/// Names and shapes of the parameters that are trained.
fn trained(model: &Llama) -> Vec<(String, Vec<usize>)> {
    let mut finding = Finding { path: Vec::new(), found: Vec::new() };
    model.visit(&mut finding);
    finding.found
}

struct Finding {
    path: Vec<String>,
    found: Vec<(String, Vec<usize>)>,
}

impl ModuleVisitor for Finding {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let value = parameter.val();
        if value.is_require_grad() {
            self.found.push((outer_name(&self.path.join(".")), value.dims().to_vec()));
        }
    }
}
