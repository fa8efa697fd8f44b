//! Eight lanes as two SSE2 registers: the baseline of x86-64.
//!
//! # Safety
//! Every x86-64 processor has SSE2; the loads and stores are of an [`Eight`], aligned to 32 bytes.

use core::arch::x86_64::*;

use super::{Eight, Lanes};

#[derive(Clone, Copy)]
pub struct Sse2(__m128, __m128);

impl Sse2 {
    #[inline(always)]
    fn map(self, function: impl Fn(__m128) -> __m128) -> Self {
        Self(function(self.0), function(self.1))
    }

    #[inline(always)]
    fn zip(self, other: Self, function: impl Fn(__m128, __m128) -> __m128) -> Self {
        Self(function(self.0, other.0), function(self.1, other.1))
    }
}

super::operators!(Sse2, |a, b| {
    add: a.zip(b, |a, b| unsafe { _mm_add_ps(a, b) }),
    sub: a.zip(b, |a, b| unsafe { _mm_sub_ps(a, b) }),
    mul: a.zip(b, |a, b| unsafe { _mm_mul_ps(a, b) }),
    div: a.zip(b, |a, b| unsafe { _mm_div_ps(a, b) }),
});

impl Lanes for Sse2 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        let value = unsafe { _mm_set1_ps(value) };
        Self(value, value)
    }

    #[inline(always)]
    fn load(from: &Eight) -> Self {
        let from = from.0.as_ptr();
        unsafe { Self(_mm_load_ps(from), _mm_load_ps(from.add(4))) }
    }

    #[inline(always)]
    fn store(self, to: &mut Eight) {
        let to = to.0.as_mut_ptr();
        unsafe {
            _mm_store_ps(to, self.0);
            _mm_store_ps(to.add(4), self.1);
        }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| unsafe { _mm_min_ps(a, b) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| unsafe { _mm_max_ps(a, b) })
    }

    #[inline(always)]
    fn where_positive(self, gate: Self) -> Self {
        self.zip(gate, |value, gate| unsafe { _mm_and_ps(value, _mm_cmpgt_ps(gate, _mm_setzero_ps())) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(|a| unsafe { _mm_sqrt_ps(a) })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        self.map(|a| unsafe { _mm_castsi128_ps(_mm_slli_epi32::<23>(_mm_castps_si128(a))) })
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        unsafe {
            let halves = _mm_add_ps(self.0, self.1);
            let quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
            _mm_cvtss_f32(_mm_add_ss(quarters, _mm_shuffle_ps::<1>(quarters, quarters)))
        }
    }
}
