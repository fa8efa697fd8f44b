//! What is read off a network without training it.

use super::activation::{Activate, Erf, Linear, Relu, Tanh};
use super::block::Blocks;
use super::lanes::{Kernel, Lanes};
use super::tile::{TILE, Tile};
use crate::model::Activation;

/// f(x) for the inputs in `tiles`; `out` may end within the last tile.
pub struct Predict<'a> {
    pub activation: Activation,
    pub output_scale: f32,
    pub parameters: &'a Blocks,
    pub tiles: &'a [Tile],
    pub out: &'a mut [f32],
}

impl Kernel for Predict<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            Activation::Tanh => self.forward::<L, Tanh>(),
            Activation::Erf => self.forward::<L, Erf>(),
            Activation::Relu => self.forward::<L, Relu>(),
            Activation::Linear => self.forward::<L, Linear>(),
        }
    }
}

impl Predict<'_> {
    #[inline(always)]
    fn forward<L: Lanes, A: Activate>(self) {
        for (tile, out) in self.tiles.iter().zip(self.out.chunks_mut(TILE)) {
            let mut sums = [L::splat(0.0); TILE];
            for unit in &self.parameters.units {
                let (w1, b1, w2) = (L::load(&unit.w1), L::load(&unit.b1), L::load(&unit.w2));
                for (sum, &x) in sums.iter_mut().zip(&tile.x) {
                    *sum = *sum + w2 * A::value(w1 * L::splat(x) + b1);
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = self.output_scale * sum.sum() + self.parameters.b2;
            }
        }
    }
}

/// sum over units of a^2 + (w2 d)^2 (1 + x^2) for each of `x`: the squared gradient of f / s.
pub struct SquaredGradient<'a> {
    pub activation: Activation,
    pub parameters: &'a Blocks,
    pub x: &'a [f32],
    pub out: &'a mut [f32],
}

impl Kernel for SquaredGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            Activation::Tanh => self.sum::<L, Tanh>(),
            Activation::Erf => self.sum::<L, Erf>(),
            Activation::Relu => self.sum::<L, Relu>(),
            Activation::Linear => self.sum::<L, Linear>(),
        }
    }
}

impl SquaredGradient<'_> {
    #[inline(always)]
    fn sum<L: Lanes, A: Activate>(self) {
        for (&x, out) in self.x.iter().zip(self.out) {
            let mut sum = L::splat(0.0);
            for unit in &self.parameters.units {
                let z = L::load(&unit.w1) * L::splat(x) + L::load(&unit.b1);
                let a = A::value(z);
                let inner = L::load(&unit.w2) * A::slope(z, a);
                sum = sum + (a * a + inner * inner * L::splat(1.0 + x * x));
            }
            *out = sum.sum();
        }
    }
}
