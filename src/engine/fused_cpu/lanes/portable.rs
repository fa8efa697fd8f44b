//! Eight lanes as an array: any machine, and the definition that the others are tested against.

use super::{Eight, LANES, Lanes};

#[derive(Clone, Copy)]
pub struct Portable([f32; LANES]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Self, function: impl Fn(f32, f32) -> f32) -> Self {
        Self(core::array::from_fn(|lane| function(self.0[lane], other.0[lane])))
    }
}

super::operators!(Portable, |a, b| {
    add: a.zip(b, |a, b| a + b),
    sub: a.zip(b, |a, b| a - b),
    mul: a.zip(b, |a, b| a * b),
    div: a.zip(b, |a, b| a / b),
});

impl Lanes for Portable {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    fn load(from: &Eight) -> Self {
        Self(from.0)
    }

    #[inline(always)]
    fn store(self, to: &mut Eight) {
        to.0 = self.0;
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn where_positive(self, gate: Self) -> Self {
        self.zip(gate, |value, gate| if gate > 0.0 { value } else { 0.0 })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.map(f32::sqrt))
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        Self(self.0.map(|value| f32::from_bits(value.to_bits() << 23)))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}
