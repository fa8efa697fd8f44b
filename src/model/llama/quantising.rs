//! Weights in eight or four bits, widened where they are used.

use burn_tensor::Tensor;
use burn_tensor::quantization::{QuantScheme, QuantValue, ScaleDtype};

use super::precision::Precision;

/// Numbers of a row that share a scale, where the row's length is a multiple.
const BLOCK: usize = 64;

/// How wide a quantised weight is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// Whole numbers from -127 to 127, times the scale of their block.
    Eight,
    /// Whole numbers from -7 to 7, times the scale of their block.
    Four,
}

impl Bits {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Eight, Self::Four];

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eight => "q8",
            Self::Four => "q4",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bits| bits.name() == name)
    }

    /// A weight, each number the nearest multiple of the largest magnitude of its block over 127 or 7.
    ///
    /// # Shapes
    /// - `weight`: `[out, in]`, in single precision
    /// - result: the same
    pub(super) fn of(self, weight: Tensor<2>) -> Tensor<2> {
        let value = match self {
            Self::Eight => QuantValue::Q8S,
            Self::Four => QuantValue::Q4S,
        };
        let scheme = QuantScheme::default().with_value(value).per_block([1, block(weight.dims()[1])], ScaleDtype::F32);
        weight.quantize_dynamic(&scheme)
    }
}

/// The largest power of two up to [`BLOCK`] that divides a row.
fn block(row: usize) -> u8 {
    (1 << row.trailing_zeros().min(BLOCK.trailing_zeros())) as u8
}

/// How a model's matrices are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// All of them in one precision.
    Whole(Precision),
    /// The weights of the blocks' linear layers in few bits, in blocks of 64 numbers (fewer where rows are no multiple);
    /// embedding and head in single precision. The few bits are widened wherever they are used, and cannot be trained;
    /// adapters beside them can. On burn's CPU backend four bits take the memory of eight.
    Few(Bits),
}

impl Storage {
    /// Of what is not in few bits.
    pub fn precision(self) -> Precision {
        match self {
            Self::Whole(precision) => precision,
            Self::Few(_) => Precision::F32,
        }
    }

    /// Of the blocks' linear layers.
    pub fn bits(self) -> Option<Bits> {
        match self {
            Self::Whole(_) => None,
            Self::Few(bits) => Some(bits),
        }
    }
}

impl From<Precision> for Storage {
    fn from(precision: Precision) -> Self {
        Self::Whole(precision)
    }
}

impl From<Bits> for Storage {
    fn from(bits: Bits) -> Self {
        Self::Few(bits)
    }
}
