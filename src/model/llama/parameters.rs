//! Where a model's parameters come from, and which of them are trained.

use burn::module::Param;
use burn_tensor::{Device, Tensor, TensorData};

use super::linear::Linear;
use super::lora::LINEAR;
use super::network::Llama;
use super::precision::Precision;
use super::quantising::Storage;
use super::weights::{Fault, Weights};
use crate::seed::Seed;

/// Deviation of random weights, transformers' `initializer_range`.
const DEVIATION: f64 = 0.02;

/// What gives a model under construction its parameters, by their names.
pub struct Source<'a> {
    path: Vec<String>,
    from: From<'a>,
    /// Of matrices.
    storage: Storage,
    device: &'a Device,
}

enum From<'a> {
    Random(&'a Seed),
    File(&'a Weights<'a>),
}

impl<'a> Source<'a> {
    pub fn random(seed: &'a Seed, storage: Storage, device: &'a Device) -> Self {
        Self { path: Vec::new(), from: From::Random(seed), storage, device }
    }

    pub fn file(weights: &'a Weights<'a>, storage: Storage, device: &'a Device) -> Self {
        Self { path: Vec::new(), from: From::File(weights), storage, device }
    }

    /// What `make` makes of the parameters below `name`.
    pub fn within<T>(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.path.push(name.to_owned());
        let made = make(self);
        self.path.pop();
        made
    }

    /// A linear layer of a block, of so many inputs and outputs. Where it is held in few bits, all bits of it are there
    /// no longer than until the next is read.
    pub fn linear(&mut self, name: &str, [inputs, outputs]: [usize; 2], bias: bool) -> Result<Linear, Fault> {
        self.within(name, |source| {
            let weight = source.matrix("weight", [outputs, inputs])?;
            let weight = match source.storage {
                Storage::Whole(_) => weight,
                Storage::Few(bits) => Param::from_tensor(bits.of(weight.val())),
            };
            let bias = if bias { Some(source.vector("bias", outputs)?) } else { None };
            Ok(Linear { weight, bias, adapter: None, ia3: None })
        })
    }

    /// A matrix, frozen.
    pub fn matrix(&mut self, name: &str, shape: [usize; 2]) -> Result<Param<Tensor<2>>, Fault> {
        let precision = self.storage.precision();
        let data = self.data(name, &shape, precision, |stream| DEVIATION * stream.normal())?;
        Ok(Param::from_tensor(Tensor::from_data(data, (self.device, precision.dtype()))).set_require_grad(false))
    }

    /// A vector, frozen, in the precision that is computed in: the factors of a norm, or a bias.
    pub fn vector(&mut self, name: &str, length: usize) -> Result<Param<Tensor<1>>, Fault> {
        let start = if name == "bias" { 0.0 } else { 1.0 };
        let computed = self.storage.precision().computed_on(self.device);
        let data = self.data(name, &[length], computed, |_| start)?;
        Ok(Param::from_tensor(Tensor::from_data(data, (self.device, computed.dtype()))).set_require_grad(false))
    }

    fn data(
        &self,
        name: &str,
        shape: &[usize],
        precision: Precision,
        draw: impl Fn(&mut crate::seed::Stream) -> f64,
    ) -> Result<TensorData, Fault> {
        let path = format!("{}.{name}", self.path.join("."));
        match self.from {
            From::File(weights) => weights.tensor(&path, shape, precision),
            From::Random(seed) => {
                let mut stream = seed.fork(&path).stream();
                let count = shape.iter().product();
                let values: Vec<f32> = (0..count).map(|_| draw(&mut stream) as f32).collect();
                Ok(TensorData::new(values, shape.to_vec()).convert_dtype(precision.dtype()))
            }
        }
    }
}

/// The linear layers of the blocks, by their paths.
pub fn linears(model: &mut Llama) -> Vec<(String, &mut Linear)> {
    let mut linears = Vec::new();
    for (index, block) in model.model.layers.iter_mut().enumerate() {
        let (attention, feed_forward) = (&mut block.self_attn, &mut block.mlp);
        let layers = [
            &mut attention.q_proj,
            &mut attention.k_proj,
            &mut attention.v_proj,
            &mut attention.o_proj,
            &mut feed_forward.gate_proj,
            &mut feed_forward.up_proj,
            &mut feed_forward.down_proj,
        ];
        for ((k, layer), name) in layers.into_iter().enumerate().zip(LINEAR) {
            let part = if k < 4 { "self_attn" } else { "mlp" };
            linears.push((format!("model.layers.{index}.{part}.{name}"), layer));
        }
    }
    linears
}

/// See [`Llama::factors_mut`].
pub fn factors(model: &mut Llama) -> Vec<(String, &mut Param<Tensor<2>>)> {
    let mut factors = Vec::new();
    for (path, linear) in linears(model) {
        if let Some(adapter) = &mut linear.adapter {
            factors.push((factor_name(&path, "lora_A"), &mut adapter.a));
            factors.push((factor_name(&path, "lora_B"), &mut adapter.b));
        }
        if let Some(ia3) = &mut linear.ia3 {
            factors.push((outer_name(&format!("{path}.ia3.l")), &mut ia3.l));
        }
    }
    factors
}

/// PEFT's name of a factor of the layer at `path`.
pub fn factor_name(path: &str, factor: &str) -> String {
    format!("base_model.model.{path}.{factor}.weight")
}

/// Whether the parameter at this path is the base's own and not an adapter's.
pub fn is_of_base(path: &str) -> bool {
    !path.contains(".adapter.") && !path.ends_with(".ia3.l")
}

/// What a parameter is called outside: PEFT's name for one of an adapter, Hugging Face's for any other.
pub fn outer_name(path: &str) -> String {
    if let Some(layer) = path.strip_suffix(".ia3.l") {
        return format!("base_model.model.{layer}.ia3_l");
    }
    match path.rsplit_once(".adapter.") {
        Some((layer, "a")) => factor_name(layer, "lora_A"),
        Some((layer, "b")) => factor_name(layer, "lora_B"),
        _ => path.to_owned(),
    }
}
