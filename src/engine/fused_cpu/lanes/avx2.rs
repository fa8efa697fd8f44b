//! Eight lanes as one AVX register.
//!
//! # Safety
//! Every method assumes a processor with AVX2 and fused multiply-adds. The type never leaves `lanes`: [`super::dispatch`] alone
//! names it, inside a function compiled for both and called only where the processor has them.

use core::arch::x86_64::*;

use super::{Eight, Lanes};

#[derive(Clone, Copy)]
pub struct Avx2(__m256);

super::operators!(Avx2, |a, b| {
    add: Self(unsafe { _mm256_add_ps(a.0, b.0) }),
    sub: Self(unsafe { _mm256_sub_ps(a.0, b.0) }),
    mul: Self(unsafe { _mm256_mul_ps(a.0, b.0) }),
    div: Self(unsafe { _mm256_div_ps(a.0, b.0) }),
});

impl Lanes for Avx2 {
    const SUMS: usize = 8;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    fn load(from: &Eight) -> Self {
        Self(unsafe { _mm256_load_ps(from.0.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut Eight) {
        unsafe { _mm256_store_ps(to.0.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn where_positive(self, gate: Self) -> Self {
        Self(unsafe { _mm256_and_ps(self.0, _mm256_cmp_ps::<_CMP_GT_OQ>(gate.0, _mm256_setzero_ps())) })
    }

    #[inline(always)]
    fn times_plus(self, factor: Self, sum: Self) -> Self {
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(unsafe { _mm256_sqrt_ps(self.0) })
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        Self(unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(self.0))) })
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        unsafe {
            let halves = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
            _mm_cvtss_f32(_mm_add_ss(quarters, _mm_shuffle_ps::<1>(quarters, quarters)))
        }
    }
}
