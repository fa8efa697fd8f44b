//! Adapters as PEFT's files: `adapter_config.json` and `adapter_model.safetensors`.

use std::collections::BTreeSet;

use burn_tensor::TensorData;

use super::ia3::{Factors, Ia3};
use super::linear::Linear;
use super::lora::{Adapter, Lora};
use super::network::Llama;
use super::parameters::{factors, linears, outer_name};
use super::precision::Precision;
use super::saving;
use super::tuning::bare;
use super::weights::{Fault, Weights};
use crate::error::Problem;

mod config;

/// How errors call the two files.
pub const FILES: [&str; 2] = ["adapter_config.json", "adapter_model.safetensors"];

/// What an `adapter_config.json` says.
#[derive(Clone, Debug, PartialEq)]
pub struct PeftConfig {
    /// Name or folder of the base, where it is known.
    pub base: Option<String>,
    pub method: Method,
}

/// How the base is adapted.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    Lora(Lora),
    Ia3(Ia3),
}

impl Llama {
    /// The same base with the adapters of a file; what adapted it before is dropped. Dropout is the file's, so that
    /// training can go on.
    ///
    /// # Errors
    /// A tensor that is missing, of another shape, not finite, or of no layer that the configuration names; a
    /// configuration that names no layer of this model.
    pub fn with_adapter(self, config: &PeftConfig, weights: &Weights<'_>) -> Result<Self, Fault> {
        let mut model = bare(self);
        let device = model.model.norm.weight.val().device();
        let mut expected = BTreeSet::new();
        for (path, linear) in linears(&mut model) {
            let mut tensor = |name: &str, shape: [usize; 2]| {
                let name = outer_name(&format!("{path}.{name}"));
                let data = weights.tensor(&name, &shape, Precision::F32);
                expected.insert(name);
                data
            };
            let [inputs, outputs] = linear.size();
            match &config.method {
                Method::Lora(lora) => {
                    let Some(share) = lora.share(&path).map_err(fault)? else { continue };
                    let a = tensor("adapter.a", [share.rank, inputs])?;
                    let b = tensor("adapter.b", [outputs, share.rank])?;
                    linear.adapter = Some(Adapter::of(share, &path, [a, b], &device));
                }
                Method::Ia3(ia3) => {
                    let Some(place) = ia3.place(&path).map_err(fault)? else { continue };
                    let l = tensor("ia3.l", place.shape([inputs, outputs]))?;
                    linear.ia3 = Some(Factors::of(place, l, &device));
                }
            }
        }
        if expected.is_empty() {
            return Err(Fault(format!("{}: its targets are no linear layers of this model's blocks", FILES[0])));
        }
        match weights.names().find(|&name| !expected.contains(name)) {
            None => Ok(model),
            Some(name) => Err(Fault(format!(
                "{}: tensor {name} is of no layer that {} names; the first that are named: {}",
                FILES[1],
                FILES[0],
                expected.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    /// The adapters as the bytes of an `adapter_model.safetensors`, each factor in its own precision.
    ///
    /// # Errors
    /// If they are others than the configuration describes: then no reader would make of both what this model is. A
    /// number that is not finite.
    pub fn adapter_to_safetensors(&self, config: &PeftConfig) -> Result<Vec<u8>, Fault> {
        let mut model = self.clone();
        for (path, linear) in linears(&mut model) {
            check(config, &path, linear)?;
        }
        let mut tensors: Vec<(String, TensorData)> = Vec::new();
        for (name, factor) in factors(&mut model) {
            let data = factor.val().into_data();
            if let Some(at) = data.iter::<f32>().position(|value| !value.is_finite()) {
                return Err(Fault(format!("number {at} of tensor {name} is not finite")));
            }
            tensors.push((name, data));
        }
        saving::tensors_to_safetensors(&tensors)
    }
}

/// That a layer is adapted as a configuration says.
fn check(config: &PeftConfig, path: &str, linear: &Linear) -> Result<(), Fault> {
    let found = (linear.adapter.as_ref().map(Adapter::share), linear.ia3.as_ref().map(Factors::place));
    let described = match &config.method {
        Method::Lora(lora) => (lora.share(path).map_err(fault)?, None),
        Method::Ia3(ia3) => (None, ia3.place(path).map_err(fault)?),
    };
    match found == described {
        true => Ok(()),
        false => Err(Fault(format!("layer {path} is not adapted as {} would say", FILES[0]))),
    }
}

fn fault(problem: Problem) -> Fault {
    Fault(format!("{}: {problem}", FILES[0]))
}
