//! Vectors of each instruction set, with the three operations that a sum of products needs.
//!
//! (Arrays left to the compiler's vectoriser were tried: 15 times slower, because it keeps the sums in memory.)
//!
//! # Safety
//! A type is named only inside a function that is compiled for its instructions, and that is called only where
//! the processor has them: in [`super::tile`].

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use super::number::Number;

/// Some numbers in one register.
pub trait Vector<F>: Copy {
    /// The same number everywhere.
    fn splat(value: F) -> Self;

    /// From memory, which holds at least as many numbers.
    fn load(from: &[F]) -> Self;

    /// To memory, which holds at least as many numbers.
    fn store(self, to: &mut [F]);

    /// `self` + `a` `b`, rounded twice: fused, it would differ between machines.
    fn plus_product(self, a: Self, b: Self) -> Self;
}

/// A vector type from its intrinsics; the brackets say whether arithmetic among them counts as unsafe.
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
macro_rules! vector {
    ($name:ident, $number:ty, $lanes:literal, $register:ty, $splat:ident, $load:ident, $store:ident, $multiply:ident, $add:ident, [$($arithmetic:tt)?]) => {
        #[derive(Clone, Copy)]
        pub struct $name($register);

        #[expect(unsafe_code, reason = "SIMD intrinsics, each sound where the instructions exist")]
        impl Vector<$number> for $name {
            #[inline(always)]
            fn splat(value: $number) -> Self {
                Self($($arithmetic)? { $splat(value) })
            }

            #[inline(always)]
            fn load(from: &[$number]) -> Self {
                let from = &from[..$lanes];
                Self(unsafe { $load(from.as_ptr().cast()) })
            }

            #[inline(always)]
            fn store(self, to: &mut [$number]) {
                let to = &mut to[..$lanes];
                unsafe { $store(to.as_mut_ptr().cast(), self.0) }
            }

            #[inline(always)]
            fn plus_product(self, a: Self, b: Self) -> Self {
                Self($($arithmetic)? { $add(self.0, $multiply(a.0, b.0)) })
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use super::Vector;
    use core::arch::x86_64::*;

    vector!(Avx512F32, f32, 16, __m512, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_mul_ps, _mm512_add_ps, [unsafe]);
    vector!(Avx512F64, f64, 8, __m512d, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_mul_pd, _mm512_add_pd, [unsafe]);
    vector!(AvxF32, f32, 8, __m256, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_mul_ps, _mm256_add_ps, [unsafe]);
    vector!(AvxF64, f64, 4, __m256d, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_mul_pd, _mm256_add_pd, [unsafe]);
    vector!(Sse2F32, f32, 4, __m128, _mm_set1_ps, _mm_loadu_ps, _mm_storeu_ps, _mm_mul_ps, _mm_add_ps, [unsafe]);
    vector!(Sse2F64, f64, 2, __m128d, _mm_set1_pd, _mm_loadu_pd, _mm_storeu_pd, _mm_mul_pd, _mm_add_pd, [unsafe]);
}

/// WebAssembly vectors (no relaxed instructions: those differ between machines).
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub mod wasm {
    use super::Vector;
    use core::arch::wasm32::*;

    vector!(SimdF32, f32, 4, v128, f32x4_splat, v128_load, v128_store, f32x4_mul, f32x4_add, []);
    vector!(SimdF64, f64, 2, v128, f64x2_splat, v128_load, v128_store, f64x2_mul, f64x2_add, []);
}

/// Any other machine.
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pub mod portable {
    use super::{Number, Vector};

    /// One number.
    #[derive(Clone, Copy)]
    pub struct One<F>(F);

    impl<F: Number> Vector<F> for One<F> {
        #[inline(always)]
        fn splat(value: F) -> Self {
            Self(value)
        }

        #[inline(always)]
        fn load(from: &[F]) -> Self {
            Self(from[0])
        }

        #[inline(always)]
        fn store(self, to: &mut [F]) {
            to[0] = self.0;
        }

        #[inline(always)]
        fn plus_product(self, a: Self, b: Self) -> Self {
            Self(self.0 + a.0 * b.0)
        }
    }
}
