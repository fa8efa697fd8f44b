//! Weights in eight or four bits, widened where they are used.

use burn::module::Param;
use burn_tensor::DType;
use burn_tensor::quantization::{QuantScheme, QuantValue, ScaleDtype};

use super::linear::widened;
use super::network::Llama;
use super::parameters::linears;

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
}

/// See [`Llama::quantised`].
pub fn quantised(mut model: Llama, bits: Bits) -> Llama {
    let value = match bits {
        Bits::Eight => QuantValue::Q8S,
        Bits::Four => QuantValue::Q4S,
    };
    for (_, linear) in linears(&mut model) {
        let weight = widened(linear.weight.val(), DType::F32);
        let scheme = QuantScheme::default().with_value(value).per_block([1, block(weight.dims()[1])], ScaleDtype::F32);
        linear.weight = Param::from_tensor(weight.quantize_dynamic(&scheme));
    }
    model
}

/// The largest power of two up to [`BLOCK`] that divides a row.
fn block(row: usize) -> u8 {
    (1 << row.trailing_zeros().min(BLOCK.trailing_zeros())) as u8
}
