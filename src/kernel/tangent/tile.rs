//! Sums of outer products, sixteen by sixteen: the one loop in which all the time goes.
//!
//! Every product of matrices here is cut into tiles of 16 x 16 numbers, each of which sums over its k in
//! order, in stretches of [`STRETCH`]. An entry's value therefore depends neither on its place in the
//! matrix nor on the instruction set: equal points give equal bits, on every machine. Nothing is written
//! with intrinsics: the loops have fixed lengths, and the compiler keeps `HELD` rows of sums in registers.

use super::number::Number;
use super::vectors::{self, Vector};

/// Points (or units) that lie side by side.
pub const LANES: usize = 16;

/// Terms that are added up in order before their sum is added to the sums before: 256 rows of two factors
/// stay in the nearest cache, and rounding errors grow with the square root of shorter sums.
pub const STRETCH: usize = 256;

/// One number of each of sixteen points.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Row<F>(pub [F; LANES]);

/// Sixteen rows of sixteen sums.
pub type Tile<F> = [Row<F>; LANES];

/// A row of zeros.
pub const fn zeros<F: Number>() -> Row<F> {
    Row([F::ZERO; LANES])
}

/// sums\[r\]\[c\] += sum_k left\[k\]\[r\] right\[k\]\[c\] for pairs (left, right) of some `lefts` and `rights`, all of one
/// length, each pair with its own sums.
///
/// A stretch of all of them fits into the second cache, so it is fetched once for many pairs. Pairs are best ordered
/// by their right.
pub fn add_products<F: Number>(
    lefts: &[&[Row<F>]],
    rights: &[&[Row<F>]],
    pairs: &[(usize, usize)],
    sums: &mut [Tile<F>],
) {
    let length = rights.first().map_or(0, |right| right.len());
    for first in (0..length).step_by(STRETCH) {
        let stretch = first..(first + STRETCH).min(length);
        for (&(left, right), sums) in pairs.iter().zip(sums.iter_mut()) {
            F::accumulate(&lefts[left][stretch.clone()], &rights[right][stretch.clone()], sums);
        }
    }
}

/// `HELD` rows of sums at a time, each in `PARTS` registers.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "see within")]
fn accumulate<F: Number, V: Vector<F>, const PARTS: usize, const HELD: usize>(
    left: &[Row<F>],
    right: &[Row<F>],
    sums: &mut Tile<F>,
) {
    // Indices and no iterators: adaptors that hold vectors are not always inlined into a function with more
    // instructions than theirs, and a call here costs more than the work.
    let lanes = const { LANES / PARTS };
    for first in (0..LANES).step_by(HELD) {
        let mut held = [[V::splat(F::ZERO); PARTS]; HELD];
        for k in 0..left.len().min(right.len()) {
            let factors = &left[k].0;
            let mut terms = [V::splat(F::ZERO); PARTS];
            for part in 0..PARTS {
                terms[part] = V::load(&right[k].0[part * lanes..]);
            }
            for row in 0..HELD {
                let factor = V::splat(factors[first + row]);
                for part in 0..PARTS {
                    held[row][part] = held[row][part].plus_product(factor, terms[part]);
                }
            }
        }
        for row in 0..HELD {
            for part in 0..PARTS {
                let sums = &mut sums[first + row].0[part * lanes..];
                V::load(sums).plus_product(V::splat(F::ONE), held[row][part]).store(sums);
            }
        }
    }
}

/// The loop, compiled for each instruction set: (its vectors, registers in a row, rows held).
macro_rules! on_each_set {
    ($name:ident, $number:ty, $avx512:ident $avx512_parts:literal $avx512_held:literal,
     $avx:ident $avx_parts:literal $avx_held:literal, $sse2:ident, $simd:ident $parts:literal $held:literal) => {
        #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "calls what the processor was asked for"))]
        pub fn $name(left: &[Row<$number>], right: &[Row<$number>], sums: &mut Tile<$number>) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn with_avx512(left: &[Row<$number>], right: &[Row<$number>], sums: &mut Tile<$number>) {
                    accumulate::<_, vectors::x86::$avx512, $avx512_parts, $avx512_held>(left, right, sums);
                }
                #[target_feature(enable = "avx")]
                fn with_avx(left: &[Row<$number>], right: &[Row<$number>], sums: &mut Tile<$number>) {
                    accumulate::<_, vectors::x86::$avx, $avx_parts, $avx_held>(left, right, sums);
                }
                if std::arch::is_x86_feature_detected!("avx512f") {
                    // SAFETY: this processor has AVX-512.
                    unsafe { with_avx512(left, right, sums) }
                } else if std::arch::is_x86_feature_detected!("avx") {
                    // SAFETY: this processor has AVX.
                    unsafe { with_avx(left, right, sums) }
                } else {
                    accumulate::<_, vectors::x86::$sse2, $parts, $held>(left, right, sums);
                }
            }
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            accumulate::<_, vectors::wasm::$simd, $parts, $held>(left, right, sums);
            #[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
            accumulate::<_, vectors::portable::One<$number>, LANES, 1>(left, right, sums);
        }
    };
}

on_each_set!(accumulate_f32, f32, Avx512F32 1 16, AvxF32 2 4, Sse2F32, SimdF32 4 2);
on_each_set!(accumulate_f64, f64, Avx512F64 2 8, AvxF64 4 2, Sse2F64, SimdF64 8 1);
