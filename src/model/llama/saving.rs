//! Weights into a safetensors file.

use std::collections::HashMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn_tensor::Tensor;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::network::Llama;
use super::parameters::{is_of_base, outer_name};
use super::precision::Precision;
use super::weights::Fault;

/// See [`Llama::to_safetensors`].
pub fn to_safetensors(model: &Llama, precision: Precision) -> Result<Vec<u8>, Fault> {
    let mut gathering = Gathering { path: Vec::new(), precision, tensors: Vec::new(), fault: None };
    model.visit(&mut gathering);
    if let Some(fault) = gathering.fault {
        return Err(fault);
    }
    let dtype = match precision {
        Precision::F32 => Dtype::F32,
        Precision::F16 => Dtype::F16,
        Precision::BF16 => Dtype::BF16,
    };
    let failed = |error: safetensors::SafeTensorError| Fault(format!("weights cannot be written: {error}"));
    let views = gathering.tensors.iter().map(|(name, shape, bytes)| {
        TensorView::new(dtype, shape.clone(), bytes).map(|view| (name.as_str(), view)).map_err(failed)
    });
    // transformers before its version 5 refuses a file that does not say whose it is.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize(views.collect::<Result<Vec<_>, _>>()?, Some(metadata)).map_err(failed)
}

struct Gathering {
    path: Vec<String>,
    precision: Precision,
    tensors: Vec<(String, Vec<usize>, Vec<u8>)>,
    fault: Option<Fault>,
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
        let name = outer_name(&path);
        let data = parameter.val().into_data().convert_dtype(self.precision.dtype());
        if let Some(at) = data.iter::<f32>().position(|value| !value.is_finite()) {
            let precision = self.precision;
            self.fault.get_or_insert(Fault(format!("number {at} of tensor {name} is not finite in {precision:?}")));
        }
        self.tensors.push((name, parameter.val().dims().to_vec(), data.bytes().to_vec()));
    }
}
