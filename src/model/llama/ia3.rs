//! Infused adapters: learned factors of keys, values and what a feed-forward layer puts out (Liu et al. 2022,
//! arXiv 2205.05638), laid out as PEFT's.

use burn::module::{Module, Param};
use burn_tensor::{Device, Tensor};

/// Factors of a layer's inputs or of its outputs.
#[derive(Module, Debug)]
pub struct Factors {
    /// `[1, in]` or `[out, 1]`
    pub l: Param<Tensor<2>>,
    #[module(skip)]
    place: Place,
}

/// What is multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Inputs,
    Outputs,
}

impl Factors {
    /// Factors 1 of the layer of this name, if it is one that has them.
    pub fn new(name: &str, [inputs, outputs]: [usize; 2], device: &Device) -> Option<Self> {
        let (shape, place) = match name {
            "k_proj" | "v_proj" => ([outputs, 1], Place::Outputs),
            "down_proj" => ([1, inputs], Place::Inputs),
            _ => return None,
        };
        Some(Self { l: Param::from_tensor(Tensor::ones(shape, device)).set_require_grad(true), place })
    }

    /// # Shapes
    /// `x` and result: `[rows, in]`
    pub fn of_inputs(&self, x: Tensor<2>) -> Tensor<2> {
        if self.place == Place::Inputs { x * self.l.val() } else { x }
    }

    /// # Shapes
    /// `y` and result: `[rows, out]`
    pub fn of_outputs(&self, y: Tensor<2>) -> Tensor<2> {
        if self.place == Place::Outputs { y * self.l.val().transpose() } else { y }
    }
}
