//! Parameters in blocks of eight units, and whatever else has their shape: gradients, moments.

use super::lanes::{Eight, LANES};
use crate::model::{Mlp, Parameters};

/// b1, w2 and the first coordinate of w1 of eight hidden units.
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
    /// w1 from its second coordinate on, block by block: `[blocks, inputs - 1]`, empty on a line.
    pub further: Vec<Eight>,
    pub b2: f32,
}

impl Blocks {
    /// Zeros for a network of `width` units.
    pub fn zeros(width: usize, inputs: usize) -> Self {
        let blocks = width.div_ceil(LANES);
        Self { units: vec![Block::ZERO; blocks], further: vec![Eight::ZERO; blocks * (inputs - 1)], b2: 0.0 }
    }

    /// Everything to 0.
    pub fn clear(&mut self) {
        self.units.fill(Block::ZERO);
        self.further.fill(Eight::ZERO);
        self.b2 = 0.0;
    }

    /// # Panics
    /// If w1, b1 and w2 do not have the network's lengths.
    pub fn pack(mlp: &Mlp, parameters: &Parameters) -> Self {
        assert!(parameters.fit(mlp), "parameters have the network's shape");
        let more = mlp.inputs - 1;
        let mut blocks = Self { b2: parameters.b2, ..Self::zeros(mlp.width, mlp.inputs) };
        for (unit, w1) in parameters.w1.chunks_exact(mlp.inputs).enumerate() {
            let (at, lane) = (unit / LANES, unit % LANES);
            let block = &mut blocks.units[at];
            block.w1.0[lane] = w1[0];
            block.b1.0[lane] = parameters.b1[unit];
            block.w2.0[lane] = parameters.w2[unit];
            for (further, &w1) in blocks.further[at * more..].iter_mut().zip(&w1[1..]) {
                further.0[lane] = w1;
            }
        }
        blocks
    }

    /// The network's units; what fills up the last block is left out.
    pub fn unpack(&self, mlp: &Mlp) -> Parameters {
        let row = |of: fn(&Block) -> &Eight| self.units.iter().flat_map(|block| of(block).0).take(mlp.width).collect();
        let (first, b1, w2): (Vec<f32>, _, _) =
            (row(|block| &block.w1), row(|block| &block.b1), row(|block| &block.w2));
        if mlp.inputs == 1 {
            return Parameters { w1: first, b1, middle: Vec::new(), w2, b2: self.b2 };
        }
        let more = mlp.inputs - 1;
        let w1 = first.into_iter().enumerate().flat_map(|(unit, first)| {
            let further = &self.further[unit / LANES * more..][..more];
            [first].into_iter().chain(further.iter().map(move |coordinate| coordinate.0[unit % LANES]))
        });
        Parameters { w1: w1.collect(), b1, middle: Vec::new(), w2, b2: self.b2 }
    }

    /// Everything but b2, eight by eight.
    pub fn eights(&self) -> impl Iterator<Item = &Eight> {
        let units = self.units.iter().flat_map(|block| [&block.w1, &block.b1, &block.w2]);
        units.chain(&self.further)
    }

    /// Everything but b2, eight by eight.
    pub fn eights_mut(&mut self) -> impl Iterator<Item = &mut Eight> {
        let units = self.units.iter_mut().flat_map(|block| [&mut block.w1, &mut block.b1, &mut block.w2]);
        units.chain(&mut self.further)
    }

    /// w1 of a block from its second coordinate on, where points have `more` coordinates beyond the first.
    #[inline(always)]
    pub fn further(&self, block: usize, more: usize) -> &[Eight] {
        &self.further[block * more..][..more]
    }
}
