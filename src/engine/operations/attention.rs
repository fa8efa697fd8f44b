//! Causal attention of several heads with rotary positions.

mod pass;
mod remembered;
mod tensors;

use std::sync::Arc;

use burn_dispatch::backends::flex::FlexTensor;
use burn_tensor::{DType, Tensor};

use self::pass::{Backwards, Forwards, Layout};
pub use self::remembered::{Extension, Remembered};
use super::fused::{Fused, apply, is_on_cpu};
use crate::engine::fused_cpu::lanes::{Instructions, dispatch};

/// The shape of a layer's heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Heads that ask.
    pub queries: usize,
    /// Heads that answer, each to `queries / keys` of those (grouped-query attention, arXiv 2305.13245).
    pub keys: usize,
    /// Units of a head, an even number.
    pub units: usize,
}

/// Cosines and sines by which queries and keys are turned.
///
/// # Shapes
/// both `[sequences * time, units / 2]`, a row for each position
#[derive(Clone, Debug)]
pub struct Turns {
    pub cos: Vec<f32>,
    pub sin: Vec<f32>,
}

/// Which of the positions before it a position sees.
#[derive(Clone, Debug)]
pub struct Sight {
    pub sequences: usize,
    pub time: usize,
    pub turns: Turns,
    /// Where several texts share a sequence: a position sees those of its own number only. `[sequences * time]`
    pub segments: Option<Vec<u32>>,
}

/// softmax(R(q) R(k)^T / sqrt(units)) v over each position's past and itself, where R turns the pairs (i, i + units / 2)
/// of a head by its position: the layout of Hugging Face's Llama (rotary positions: Su et al. 2021, arXiv 2104.09864).
/// Softmax is in single precision whatever q is in.
///
/// # Shapes
/// - `q`: `[sequences * time, queries * units]`
/// - `k`, `v`: `[sequences * time, keys * units]`
/// - result: as `q`
pub fn attend(q: Tensor<2>, k: Tensor<2>, v: Tensor<2>, heads: Heads, sight: &Arc<Sight>) -> Tensor<2> {
    if is_on_cpu(&q) && q.dtype() == DType::F32 {
        return apply(Attention { heads, sight: sight.clone() }, [q.into(), k.into(), v.into()]);
    }
    tensors::attend(q, k, v, heads, sight)
}

#[derive(Clone, Debug)]
struct Attention {
    heads: Heads,
    sight: Arc<Sight>,
}

impl Fused<3> for Attention {
    /// Turned queries, turned keys, values, and what each head keeps of its softmax; see [`Forwards`].
    type Kept = ([FlexTensor; 3], Vec<f32>);

    fn forward(&self, [mut q, mut k, v]: [FlexTensor; 3]) -> (FlexTensor, Self::Kept) {
        let layout = Layout { heads: self.heads, sight: &self.sight };
        layout.turn(q.storage_mut(), self.heads.queries, 1.0);
        layout.turn(k.storage_mut(), self.heads.keys, 1.0);
        let mut output = q.clone();
        let mut kept = vec![0.0; layout.rows() * self.heads.queries];
        let forwards = Forwards {
            layout,
            q: q.storage(),
            k: k.storage(),
            v: v.storage(),
            output: output.storage_mut(),
            kept: &mut kept,
        };
        dispatch(Instructions::fastest(), forwards);
        (output, ([q, k, v], kept))
    }

    fn backward(&self, ([q, k, v], kept): Self::Kept, pull: FlexTensor, _: [bool; 3]) -> [Option<FlexTensor>; 3] {
        let layout = Layout { heads: self.heads, sight: &self.sight };
        let (mut by_q, mut by_k, mut by_v) = (q.clone(), k.clone(), v.clone());
        let backwards = Backwards {
            layout,
            q: q.storage(),
            k: k.storage(),
            v: v.storage(),
            kept: &kept,
            pull: pull.storage(),
            by_q: by_q.storage_mut(),
            by_k: by_k.storage_mut(),
            by_v: by_v.storage_mut(),
        };
        dispatch(Instructions::fastest(), backwards);
        layout.turn(by_q.storage_mut(), self.heads.queries, -1.0);
        layout.turn(by_k.storage_mut(), self.heads.keys, -1.0);
        [Some(by_q), Some(by_k), Some(by_v)]
    }
}
