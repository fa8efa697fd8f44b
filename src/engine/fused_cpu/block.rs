//! Parameters in blocks of eight units, and whatever else has their shape: gradients, moments.

use super::lanes::{Eight, LANES};
use crate::model::Parameters;

/// w1, b1 and w2 of eight hidden units.
///
/// The last block of a network is filled up with units whose parameters are all 0. They stay 0: their
/// activation is 0 (so w2 has no gradient) and the gradients of w1 and b1 have the factor w2.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Block {
    pub w1: Eight,
    pub b1: Eight,
    pub w2: Eight,
}

impl Block {
    pub const ZERO: Self = Self { w1: Eight::ZERO, b1: Eight::ZERO, w2: Eight::ZERO };
}

/// All parameters of a network, or one number for each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocks {
    pub units: Vec<Block>,
    pub b2: f32,
}

impl Blocks {
    /// Zeros for a network of `width` units.
    pub fn zeros(width: usize) -> Self {
        Self { units: vec![Block::ZERO; width.div_ceil(LANES)], b2: 0.0 }
    }

    /// # Panics
    /// If w1, b1 and w2 differ in length.
    pub fn pack(parameters: &Parameters) -> Self {
        let width = parameters.w1.len();
        assert_eq!((width, width), (parameters.b1.len(), parameters.w2.len()), "w1, b1 and w2 have one length");
        let mut blocks = Self { b2: parameters.b2, ..Self::zeros(width) };
        for unit in 0..width {
            let block = &mut blocks.units[unit / LANES];
            block.w1.0[unit % LANES] = parameters.w1[unit];
            block.b1.0[unit % LANES] = parameters.b1[unit];
            block.w2.0[unit % LANES] = parameters.w2[unit];
        }
        blocks
    }

    /// The first `width` units; what fills up the last block is left out.
    pub fn unpack(&self, width: usize) -> Parameters {
        let row = |of: fn(&Block) -> &Eight| self.units.iter().flat_map(|block| of(block).0).take(width).collect();
        let (w1, b1, w2) = (row(|block| &block.w1), row(|block| &block.b1), row(|block| &block.w2));
        Parameters { w1, b1, middle: Vec::new(), w2, b2: self.b2 }
    }
}
