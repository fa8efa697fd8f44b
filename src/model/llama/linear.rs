//! Linear layers: a weight, perhaps a bias, perhaps what adapts them.

use burn::module::{Module, Param};
use burn_tensor::{DType, Tensor, TensorData};

use super::ia3::Factors;
use super::lora::Adapter;
use super::network::Mode;
use crate::engine::operations::linear;

/// y = W x + b, and what its adapter adds or its factors change.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[out, in]`, as Hugging Face's.
    pub weight: Param<Tensor<2>>,
    /// `[out]`
    pub bias: Option<Param<Tensor<1>>>,
    pub adapter: Option<Adapter>,
    pub ia3: Option<Factors>,
}

impl Linear {
    /// # Shapes
    /// - `x`: `[rows, in]`
    /// - result: `[rows, out]`
    pub fn forward(&self, x: Tensor<2>, mode: &Mode) -> Tensor<2> {
        let factors = self.ia3.as_ref().filter(|_| mode.adapted);
        let x = if let Some(factors) = factors { factors.of_inputs(x) } else { x };
        let weight = widened(self.weight.val(), x.dtype());
        let adapter = self.adapter.as_ref().filter(|_| mode.adapted);
        if let (Some(adapter), None, None) = (adapter, factors, &self.bias) {
            return adapter.beside(x, weight, mode);
        }
        let mut y = linear(x.clone(), weight);
        if let Some(bias) = &self.bias {
            y = y + bias.val().unsqueeze();
        }
        let y = if let Some(factors) = factors { factors.of_outputs(y) } else { y };
        if let Some(adapter) = adapter { adapter.add(x, y, mode) } else { y }
    }

    /// Inputs and outputs.
    pub fn size(&self) -> [usize; 2] {
        let [out, inputs] = self.weight.val().dims();
        [inputs, out]
    }
}

/// A parameter in the precision that is computed in.
pub fn widened<const D: usize>(value: Tensor<D>, dtype: DType) -> Tensor<D> {
    let value = if let DType::QFloat(_) = value.dtype() { value.dequantize() } else { value };
    if value.dtype() == dtype { value } else { value.cast(dtype) }
}

/// Which of its inputs a pass keeps, each scaled by what keeps their mean.
///
/// # Shapes
/// result: as `x`
pub fn dropped(x: Tensor<2>, rate: f64, mut keeps: impl FnMut() -> bool) -> Tensor<2> {
    let shape = x.dims();
    let kept = (1.0 / (1.0 - rate)) as f32;
    let mask: Vec<f32> = (0..shape[0] * shape[1]).map(|_| if keeps() { kept } else { 0.0 }).collect();
    let mask = Tensor::<2>::from_data(TensorData::new(mask, shape), &x.device()).cast(x.dtype());
    x * mask
}
