//! The gate of Llama's feed-forward layers.

use burn_dispatch::backends::flex::FlexTensor;
use burn_tensor::{DType, Tensor};

use super::fused::{Fused, apply, is_on_cpu};
use crate::engine::fused_cpu::elementary::exp;
use crate::engine::fused_cpu::lanes::{Instructions, Kernel, LANES, Lanes, dispatch, filled, loaded, stored};

/// silu(gate) up, with silu(z) = z / (1 + e^-z); Shazeer 2020 (arXiv 2002.05202).
///
/// # Shapes
/// all `[rows, units]`
pub fn swiglu(gate: Tensor<2>, up: Tensor<2>) -> Tensor<2> {
    if is_on_cpu(&gate) && gate.dtype() == DType::F32 {
        return apply(SwiGlu, [gate.into(), up.into()]);
    }
    burn_tensor::activation::silu(gate) * up
}

#[derive(Clone, Copy, Debug)]
struct SwiGlu;

impl Fused<2> for SwiGlu {
    type Kept = [FlexTensor; 2];

    fn forward(&self, [gate, up]: [FlexTensor; 2]) -> (FlexTensor, Self::Kept) {
        let mut y = up.clone();
        dispatch(Instructions::fastest(), Forward { gate: gate.storage(), y: y.storage_mut() });
        (y, [gate, up])
    }

    fn backward(&self, [mut gate, mut up]: Self::Kept, pull: FlexTensor, wanted: [bool; 2]) -> [Option<FlexTensor>; 2] {
        let slopes = Slopes { pull: pull.storage(), gate: gate.storage_mut(), up: up.storage_mut() };
        dispatch(Instructions::fastest(), slopes);
        [wanted[0].then_some(gate), wanted[1].then_some(up)]
    }
}

/// One over 1 + e^-z.
#[inline(always)]
fn sigmoid<L: Lanes>(z: L) -> L {
    L::splat(1.0) / (L::splat(1.0) + exp(L::splat(0.0) - z))
}

/// silu(gate) up.
#[inline(always)]
fn gated<L: Lanes>(gate: &[f32; LANES], up: &[f32; LANES]) -> [f32; LANES] {
    let gate = loaded::<L>(gate);
    stored(gate * sigmoid(gate) * loaded::<L>(up))
}

/// pull up silu'(gate) and pull silu(gate), with silu' = s (1 + z (1 - s)) and s the sigmoid.
#[inline(always)]
fn slopes<L: Lanes>(pull: &[f32; LANES], gate: &[f32; LANES], up: &[f32; LANES]) -> [[f32; LANES]; 2] {
    let (pull, gate) = (loaded::<L>(pull), loaded::<L>(gate));
    let (one, s) = (L::splat(1.0), sigmoid(gate));
    let by_gate = pull * loaded::<L>(up) * s * (one + gate * (one - s));
    [stored(by_gate), stored(pull * gate * s)]
}

/// y <- silu(gate) y.
struct Forward<'a> {
    gate: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (gates, gates_rest) = self.gate.as_chunks::<LANES>();
        let (y, y_rest) = self.y.as_chunks_mut::<LANES>();
        for (gate, y) in gates.iter().zip(y) {
            *y = gated::<L>(gate, y);
        }
        let last = gated::<L>(&filled(gates_rest), &filled(y_rest));
        y_rest.copy_from_slice(&last[..y_rest.len()]);
    }
}

/// gate <- pull up silu'(gate), up <- pull silu(gate).
struct Slopes<'a> {
    pull: &'a [f32],
    gate: &'a mut [f32],
    up: &'a mut [f32],
}

impl Kernel for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (pulls, pulls_rest) = self.pull.as_chunks::<LANES>();
        let (gates, gates_rest) = self.gate.as_chunks_mut::<LANES>();
        let (ups, ups_rest) = self.up.as_chunks_mut::<LANES>();
        for ((pull, gate), up) in pulls.iter().zip(gates).zip(ups) {
            [*gate, *up] = slopes::<L>(pull, gate, up);
        }
        let [gate, up] = slopes::<L>(&filled(pulls_rest), &filled(gates_rest), &filled(ups_rest));
        gates_rest.copy_from_slice(&gate[..gates_rest.len()]);
        ups_rest.copy_from_slice(&up[..ups_rest.len()]);
    }
}
