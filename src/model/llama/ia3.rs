//! Infused adapters: learned factors of keys, values and what a feed-forward layer puts out (Liu et al. 2022,
//! arXiv 2205.05638), laid out as PEFT's.

use burn::module::{Module, Param};
use burn_tensor::{DType, Device, Tensor, TensorData};

use super::targets::Targets;
use crate::error::Problem;

/// Which layers have factors, and of what: PEFT's `IA3Config`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ia3 {
    pub targets: Targets,
    /// The targets whose inputs are multiplied and not their outputs. A name is one of these by its end, whatever
    /// stands before.
    pub feed_forward: Targets,
    /// Layers that have no factors although they are targets.
    pub excluded: Option<Targets>,
}

impl Default for Ia3 {
    /// PEFT's defaults for Llama.
    fn default() -> Self {
        Self {
            targets: Targets::named(&["k_proj", "v_proj", "down_proj"]),
            feed_forward: Targets::named(&["down_proj"]),
            excluded: None,
        }
    }
}

impl Ia3 {
    /// What the factors of the layer at a path multiply, if it has any.
    ///
    /// # Errors
    /// A pattern that takes too many attempts.
    pub fn place(&self, path: &str) -> Result<Option<Place>, Problem> {
        if !self.targets.include(path)? {
            return Ok(None);
        }
        if let Some(excluded) = &self.excluded
            && excluded.include(path)?
        {
            return Ok(None);
        }
        let of_inputs = match &self.feed_forward {
            Targets::Named(names) => names.iter().any(|name| path.ends_with(name.as_str())),
            other => other.include(path)?,
        };
        Ok(Some(if of_inputs { Place::Inputs } else { Place::Outputs }))
    }
}

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
pub enum Place {
    Inputs,
    Outputs,
}

impl Place {
    /// The shape of the factors of a layer of so many inputs and outputs.
    pub fn shape(self, [inputs, outputs]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Inputs => [1, inputs],
            Self::Outputs => [outputs, 1],
        }
    }
}

impl Factors {
    /// Factors 1 of the inputs or the outputs of a layer.
    pub fn new(place: Place, size: [usize; 2], device: &Device) -> Self {
        let ones = Tensor::ones(place.shape(size), (device, DType::F32));
        Self { l: Param::from_tensor(ones).set_require_grad(true), place }
    }

    /// These factors, in single precision.
    ///
    /// # Shapes
    /// `l`: as [`Place::shape`] says
    pub fn of(place: Place, l: TensorData, device: &Device) -> Self {
        let l = Tensor::from_data(l, (device, DType::F32));
        Self { l: Param::from_tensor(l).set_require_grad(true), place }
    }

    /// What they multiply.
    pub fn place(&self) -> Place {
        self.place
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

    /// The weight whose layer does without factors what it did with them.
    ///
    /// # Shapes
    /// `weight` and result: `[out, in]`
    pub fn of_weight(&self, weight: Tensor<2>) -> Tensor<2> {
        weight * self.l.val()
    }
}
