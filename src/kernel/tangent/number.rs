//! The two kinds of numbers that a kernel can be computed in.

use core::fmt::Debug;
use core::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use super::tile::{Row, Tile, accumulate_f32, accumulate_f64};

/// f32 or f64.
pub trait Number:
    Copy
    + Debug
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Send
    + Sync
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// The nearest number of this kind.
    fn nearest(value: f64) -> Self;

    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// sums\[r\]\[c\] += sum_k left\[k\]\[r\] right\[k\]\[c\], on the fastest instructions of this machine.
    fn accumulate(left: &[Row<Self>], right: &[Row<Self>], sums: &mut Tile<Self>);
}

impl Number for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn nearest(value: f64) -> Self {
        value as f32
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn accumulate(left: &[Row<Self>], right: &[Row<Self>], sums: &mut Tile<Self>) {
        accumulate_f32(left, right, sums);
    }
}

impl Number for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn nearest(value: f64) -> Self {
        value
    }

    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn accumulate(left: &[Row<Self>], right: &[Row<Self>], sums: &mut Tile<Self>) {
        accumulate_f64(left, right, sums);
    }
}
