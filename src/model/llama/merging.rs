//! Adapters taken into the weights beside them.

use burn::module::{Module, Param};
use burn_tensor::{DType, Tensor};

use super::linear::{Linear, widened};
use super::network::Llama;
use super::parameters::linears;

/// See [`Llama::merged`].
pub fn merged(model: Llama) -> Llama {
    let mut model = model.valid();
    for (_, linear) in linears(&mut model) {
        merge(linear);
    }
    model.set_require_grad(false)
}

fn merge(linear: &mut Linear) {
    if let Some(adapter) = linear.adapter.take() {
        replace(&mut linear.weight, |weight| weight + adapter.product().cast(DType::F32));
    }
    if let Some(factors) = linear.ia3.take() {
        replace(&mut linear.weight, |weight| factors.of_weight(weight));
        if let Some(bias) = &mut linear.bias {
            replace(bias, |bias| factors.of_outputs(bias.unsqueeze()).squeeze_dim(0));
        }
    }
}

/// Changes a parameter in single precision and rounds what comes out to the parameter's own, unless that is
/// quantised.
fn replace<const D: usize>(parameter: &mut Param<Tensor<D>>, change: impl FnOnce(Tensor<D>) -> Tensor<D>) {
    let value = parameter.val();
    let dtype = if let DType::QFloat(_) = value.dtype() { DType::F32 } else { value.dtype() };
    *parameter = Param::from_tensor(change(widened(value, DType::F32)).cast(dtype));
}
