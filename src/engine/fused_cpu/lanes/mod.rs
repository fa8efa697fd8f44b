//! Eight f32 lanes: the logical vector of the engine, the same on every machine.
//!
//! Every operation is one correctly rounded IEEE operation per lane, sums run in a fixed tree, and no
//! multiplication is fused with an addition but by [`Lanes::times_plus`], which networks of one hidden layer never
//! ask for. So there the instruction set changes the speed and nothing else. (Arrays left to the compiler's vectoriser were measured too: 1.5 to 2 times slower with AVX2.)

/// The four operators of a type of lanes, each from one expression.
macro_rules! operators {
    ($lanes:ident, |$a:ident, $b:ident| { add: $add:expr, sub: $sub:expr, mul: $mul:expr, div: $div:expr, }) => {
        super::operators!(@one $lanes, Add, add, $a, $b, $add);
        super::operators!(@one $lanes, Sub, sub, $a, $b, $sub);
        super::operators!(@one $lanes, Mul, mul, $a, $b, $mul);
        super::operators!(@one $lanes, Div, div, $a, $b, $div);
    };
    (@one $lanes:ident, $operator:ident, $method:ident, $a:ident, $b:ident, $value:expr) => {
        impl core::ops::$operator for $lanes {
            type Output = Self;

            #[inline(always)]
            fn $method(self, $b: Self) -> Self {
                let $a = self;
                $value
            }
        }
    };
}
use operators;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "SIMD intrinsics, each sound where the instructions exist")]
mod avx2;
#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "calls what the processor was asked for"))]
mod dispatch;
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[expect(unsafe_code, reason = "SIMD intrinsics, each sound where the instructions exist")]
mod simd128;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "SIMD intrinsics, each sound where the instructions exist")]
mod sse2;

use core::ops::{Add, Div, Mul, Sub};

pub use dispatch::Instructions;
pub(in crate::engine) use dispatch::{Kernel, dispatch};
pub use portable::Portable;

/// Number of lanes.
pub const LANES: usize = 8;

/// Eight numbers at rest.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(32))]
pub struct Eight(pub [f32; LANES]);

impl Eight {
    pub const ZERO: Self = Self([0.0; LANES]);
}

/// Eight numbers in registers.
pub trait Lanes: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> {
    /// Sums for which there are registers, a power of two.
    const SUMS: usize = 4;

    /// The same number in every lane.
    fn splat(value: f32) -> Self;

    /// From memory.
    fn load(from: &Eight) -> Self;

    /// To memory.
    fn store(self, to: &mut Eight);

    /// `self < other ? self : other`; where one is NaN, `other`.
    fn min(self, other: Self) -> Self;

    /// `self > other ? self : other`; where one is NaN, `other`.
    fn max(self, other: Self) -> Self;

    /// `self` where `gate` is above zero, else +0.
    fn where_positive(self, gate: Self) -> Self;

    /// `self * factor + sum`, rounded once where the instructions have that, else twice: the bits depend on them, as
    /// those of burn's products of matrices do.
    #[inline(always)]
    fn times_plus(self, factor: Self, sum: Self) -> Self {
        self * factor + sum
    }

    /// Square roots.
    fn sqrt(self) -> Self;

    /// 2^n where `self` is 1.5 * 2^23 + 127 + n, -126 <= n <= 127: its bits moved up into the exponent.
    fn power_of_two(self) -> Self;

    /// The sum over lanes as a tree: halves, then quarters, then the last two.
    fn sum(self) -> f32;
}

/// Eight numbers of a slice, in registers.
#[cfg(feature = "autodiff")]
#[inline(always)]
pub(in crate::engine) fn loaded<L: Lanes>(from: &[f32; LANES]) -> L {
    L::load(&Eight(*from))
}

/// Eight numbers from registers, for a slice.
#[cfg(feature = "autodiff")]
#[inline(always)]
pub(in crate::engine) fn stored<L: Lanes>(lanes: L) -> [f32; LANES] {
    let mut eight = Eight::ZERO;
    lanes.store(&mut eight);
    eight.0
}

/// Fewer than eight numbers, and 0 in the lanes beyond.
#[cfg(feature = "autodiff")]
#[inline(always)]
pub(in crate::engine) fn filled(rest: &[f32]) -> [f32; LANES] {
    let mut eight = [0.0; LANES];
    eight[..rest.len()].copy_from_slice(rest);
    eight
}
