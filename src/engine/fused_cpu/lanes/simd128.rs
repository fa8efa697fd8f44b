//! Eight lanes as two WebAssembly vectors (no relaxed instructions: those differ between machines).

use core::arch::wasm32::*;

use super::{Eight, Lanes};

#[derive(Clone, Copy)]
pub struct Simd128(v128, v128);

impl Simd128 {
    #[inline(always)]
    fn map(self, function: impl Fn(v128) -> v128) -> Self {
        Self(function(self.0), function(self.1))
    }

    #[inline(always)]
    fn zip(self, other: Self, function: impl Fn(v128, v128) -> v128) -> Self {
        Self(function(self.0, other.0), function(self.1, other.1))
    }
}

super::operators!(Simd128, |a, b| {
    add: a.zip(b, |a, b| f32x4_add(a, b)),
    sub: a.zip(b, |a, b| f32x4_sub(a, b)),
    mul: a.zip(b, |a, b| f32x4_mul(a, b)),
    div: a.zip(b, |a, b| f32x4_div(a, b)),
});

impl Lanes for Simd128 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        let value = f32x4_splat(value);
        Self(value, value)
    }

    #[inline(always)]
    fn load(from: &Eight) -> Self {
        let from = from.0.as_ptr().cast::<v128>();
        // SAFETY: `Eight` is two aligned v128.
        unsafe { Self(v128_load(from), v128_load(from.add(1))) }
    }

    #[inline(always)]
    fn store(self, to: &mut Eight) {
        let to = to.0.as_mut_ptr().cast::<v128>();
        // SAFETY: `Eight` is two aligned v128.
        unsafe {
            v128_store(to, self.0);
            v128_store(to.add(1), self.1);
        }
    }

    /// `f32x4.pmin(b, a)` is `a < b ? a : b`, one instruction on x86.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| f32x4_pmin(b, a))
    }

    /// `f32x4.pmax(b, a)` is `b < a ? a : b`.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| f32x4_pmax(b, a))
    }

    #[inline(always)]
    fn where_positive(self, gate: Self) -> Self {
        self.zip(gate, |value, gate| v128_and(value, f32x4_gt(gate, f32x4_splat(0.0))))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(|a| f32x4_sqrt(a))
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        self.map(|a| i32x4_shl(a, 23))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        let halves = f32x4_add(self.0, self.1);
        let quarters = f32x4_add(halves, i32x4_shuffle::<2, 3, 2, 3>(halves, halves));
        f32x4_extract_lane::<0>(quarters) + f32x4_extract_lane::<1>(quarters)
    }
}
