//! The shape of a network with any number of outputs, and its parameters as tensors.

use burn_tensor::{Device, Tensor, TensorData};

use crate::model::Mlp;

/// A network: `mlp` up to its last hidden layer, then `outputs` linear readouts of that.
///
/// Its parameters in one row are w1, b1, middle, w2, b2 as in [`crate::model::Parameters`], with w2
/// `[outputs, width]` and b2 `[outputs]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    pub mlp: Mlp,
    pub outputs: usize,
}

/// One tensor of parameters, `[fan_in, fan_out]` for each network; a row of parameters holds it `[fan_out, fan_in]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub fan_in: usize,
    pub fan_out: usize,
    /// Where it begins in the row.
    pub at: usize,
}

impl Slot {
    pub fn len(&self) -> usize {
        self.fan_in * self.fan_out
    }
}

impl Shape {
    /// A network with one output.
    pub fn scalar(mlp: Mlp) -> Self {
        Self { mlp, outputs: 1 }
    }

    /// How many parameters it has in all.
    pub fn parameter_count(&self) -> usize {
        self.mlp.parameter_count() + (self.outputs - 1) * (self.mlp.width + 1)
    }

    /// Its tensors in the order of the row: W and b of each hidden layer, followed by gamma and beta where it
    /// is normalised, then w2 and b2.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let Mlp { inputs, width, depth, block, .. } = self.mlp;
        let mut dims = Vec::new();
        for layer in 0..depth {
            dims.extend([(if layer == 0 { inputs } else { width }, width), (1, width)]);
            if block.has_norm() {
                dims.extend([(1, width), (1, width)]);
            }
        }
        dims.extend([(width, self.outputs), (1, self.outputs)]);
        let mut at = 0;
        let slot = |(fan_in, fan_out)| {
            let slot = Slot { fan_in, fan_out, at };
            at += slot.len();
            slot
        };
        dims.into_iter().map(slot).collect()
    }

    /// Rows of parameters, one for each network, as tensors `[networks, fan_in, fan_out]`.
    pub(super) fn tensors(&self, rows: &[&[f32]], device: &Device) -> Vec<Tensor<3>> {
        let tensor = |slot: Slot| {
            let mut values: Vec<f32> = Vec::with_capacity(rows.len() * slot.len());
            for row in rows {
                let part = &row[slot.at..slot.at + slot.len()];
                values.extend((0..slot.fan_in).flat_map(|i| part.iter().skip(i).step_by(slot.fan_in)));
            }
            Tensor::from_data(TensorData::new(values, [rows.len(), slot.fan_in, slot.fan_out]), device)
        };
        self.slots().into_iter().map(tensor).collect()
    }

    /// What [`Self::tensors`] made, or tensors like it, as one tensor `[networks, parameters]`.
    pub(super) fn rows(&self, tensors: &[Tensor<3>]) -> Tensor<2> {
        let row = |tensor: &Tensor<3>| {
            let [networks, fan_in, fan_out] = tensor.dims();
            tensor.clone().swap_dims(1, 2).reshape([networks, fan_in * fan_out])
        };
        Tensor::cat(tensors.iter().map(row).collect(), 1)
    }
}
