//! Tensors into safetensors files.

use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn_tensor::{DType, Tensor, TensorData};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::linear::widened;
use super::network::Llama;
use super::parameters::{is_of_base, outer_name};
use super::precision::Precision;
use super::weights::{Fault, first_not_finite};

/// A tensor on its way into a file. Nothing of it is read before [`data`](Self::data).
pub struct Stored {
    /// In the file: for a base's parameter, Hugging Face's.
    pub name: String,
    pub shape: Vec<usize>,
    pub precision: Precision,
    read: Box<dyn Fn() -> TensorData>,
}

impl Stored {
    /// A tensor in the precision in which it is held; single where that is few bits.
    pub fn as_held<const D: usize>(name: String, tensor: Tensor<D>) -> Self {
        let precision = match tensor.dtype() {
            DType::F16 => Precision::F16,
            DType::BF16 => Precision::BF16,
            _ => Precision::F32,
        };
        Self::rounded(name, tensor, precision)
    }

    fn rounded<const D: usize>(name: String, tensor: Tensor<D>, precision: Precision) -> Self {
        let shape = tensor.dims().to_vec();
        let read = move || match tensor.dtype() {
            DType::QFloat(_) => widened(tensor.clone(), DType::F32).into_data(),
            _ => tensor.to_data(),
        };
        Self { name, shape, precision, read: Box::new(read) }
    }

    /// Bytes it takes in a file.
    pub fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * self.precision.bytes()
    }

    /// Its precision, as files call it.
    pub fn dtype(&self) -> Dtype {
        match self.precision {
            Precision::F32 => Dtype::F32,
            Precision::F16 => Dtype::F16,
            Precision::BF16 => Dtype::BF16,
        }
    }

    /// Its numbers, each rounded to the nearest of its precision.
    ///
    /// # Errors
    /// If one is beyond that precision, or not finite.
    pub fn data(&self) -> Result<TensorData, Fault> {
        let data = (self.read)().convert_dtype(self.precision.dtype());
        match first_not_finite(data.as_bytes(), self.precision) {
            None => Ok(data),
            Some(at) => {
                Err(Fault(format!("number {at} of tensor {} is not finite in {:?}", self.name, self.precision)))
            }
        }
    }
}

/// See [`Llama::stored`] and [`Llama::stored_as_held`].
pub fn stored(model: &Llama, precision: Option<Precision>) -> Vec<Stored> {
    let mut gathering = Gathering { path: Vec::new(), precision, tensors: Vec::new() };
    model.visit(&mut gathering);
    gathering.tensors
}

/// See [`Llama::to_safetensors`].
pub fn to_safetensors(model: &Llama, precision: Precision) -> Result<Vec<u8>, Fault> {
    let tensors = stored(model, Some(precision)).into_iter().map(|stored| Ok((stored.name.clone(), stored.data()?)));
    tensors_to_safetensors(&tensors.collect::<Result<Vec<_>, Fault>>()?)
}

/// What files say of themselves: transformers before its version 5 refuses one that does not say whose it is.
pub fn file_metadata() -> HashMap<String, String> {
    HashMap::from([("format".to_owned(), "pt".to_owned())])
}

/// A safetensors file of these tensors, each in its own precision.
///
/// # Errors
/// A name that is there twice, or a tensor in a precision that is none of [`Precision`].
pub fn tensors_to_safetensors(tensors: &[(String, TensorData)]) -> Result<Vec<u8>, Fault> {
    let failed = |error: safetensors::SafeTensorError| Fault(format!("tensors cannot be written: {error}"));
    let mut views = Vec::with_capacity(tensors.len());
    for (name, data) in tensors {
        let dtype = match data.dtype() {
            DType::F32 => Dtype::F32,
            DType::F16 => Dtype::F16,
            DType::BF16 => Dtype::BF16,
            other => return Err(Fault(format!("tensor {name} is {other:?}; F32, F16 and BF16 can be written"))),
        };
        views.push((name.as_str(), TensorView::new(dtype, data.shape().to_vec(), data.as_bytes()).map_err(failed)?));
    }
    let mut names: Vec<&str> = views.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Fault(format!("tensor {} is there twice", twice[0])));
    }
    safetensors::serialize(views, Some(file_metadata())).map_err(failed)
}

struct Gathering {
    path: Vec<String>,
    /// Missing where each is kept as it is held.
    precision: Option<Precision>,
    tensors: Vec<Stored>,
}

impl ModuleVisitor for Gathering {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        if !is_of_base(&path) {
            return;
        }
        let value = parameter.val();
        self.tensors.push(match self.precision {
            Some(precision) => Stored::rounded(outer_name(&path), value, precision),
            None => Stored::as_held(outer_name(&path), value),
        });
    }
}
