//! What is read off a network without training it.

use super::activation::{Activate, Erf, Linear, Relu, Tanh};
use super::block::{Block, Blocks};
use super::lanes::{Eight, Kernel, Lanes};
use super::tile::{TILE, Tile, Tiles};
use crate::model::Activation;

/// z = w1 . x + b1 of a block for the samples of a tile, coordinate by coordinate.
#[inline(always)]
pub fn reached<L: Lanes>(unit: &Block, weights: &[Eight], tile: &Tile, coordinates: &[[f32; TILE]]) -> [L; TILE] {
    let (w1, b1) = (L::load(&unit.w1), L::load(&unit.b1));
    let mut z = [b1; TILE];
    for (z, &x) in z.iter_mut().zip(&tile.x) {
        *z = w1 * L::splat(x) + b1;
    }
    for (weight, x) in weights.iter().zip(coordinates) {
        let weight = L::load(weight);
        for (z, &x) in z.iter_mut().zip(x) {
            *z = *z + weight * L::splat(x);
        }
    }
    z
}

/// f(x) for the points in `tiles`; `out` may end within the last tile.
pub struct Predict<'a> {
    pub activation: Activation,
    pub output_scale: f32,
    pub parameters: &'a Blocks,
    pub tiles: &'a Tiles,
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
        let more = self.tiles.more();
        for ((i, tile), out) in self.tiles.tiles.iter().enumerate().zip(self.out.chunks_mut(TILE)) {
            let coordinates = self.tiles.further(i);
            let mut sums = [L::splat(0.0); TILE];
            for (j, unit) in self.parameters.units.iter().enumerate() {
                let w2 = L::load(&unit.w2);
                let z = reached::<L>(unit, self.parameters.further(j, more), tile, coordinates);
                for (sum, z) in sums.iter_mut().zip(z) {
                    *sum = *sum + w2 * A::value(z);
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = self.output_scale * sum.sum() + self.parameters.b2;
            }
        }
    }
}

/// The gradient of f at one point: s a for w2, s w2 d for b1, s w2 d x for w1 and 1 for b2, s being the output scale.
///
/// `x` carries the hidden scale already.
pub struct Slope<'a> {
    pub activation: Activation,
    pub output_scale: f32,
    pub parameters: &'a Blocks,
    pub x: &'a [f32],
    pub out: &'a mut Blocks,
}

impl Kernel for Slope<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.activation {
            Activation::Tanh => self.write::<L, Tanh>(),
            Activation::Erf => self.write::<L, Erf>(),
            Activation::Relu => self.write::<L, Relu>(),
            Activation::Linear => self.write::<L, Linear>(),
        }
    }
}

impl Slope<'_> {
    #[inline(always)]
    fn write<L: Lanes, A: Activate>(self) {
        let (more, scale) = (self.x.len() - 1, L::splat(self.output_scale));
        self.out.b2 = 1.0;
        for (j, (unit, out)) in self.parameters.units.iter().zip(&mut self.out.units).enumerate() {
            let (a, inner) = felt::<L, A>(unit, self.parameters.further(j, more), self.x);
            let inner = scale * inner;
            (scale * a).store(&mut out.w2);
            inner.store(&mut out.b1);
            (inner * L::splat(self.x[0])).store(&mut out.w1);
            for (out, &x) in self.out.further[j * more..].iter_mut().zip(&self.x[1..]) {
                (inner * L::splat(x)).store(out);
            }
        }
    }
}

/// a and w2 d of a block at one point.
#[inline(always)]
fn felt<L: Lanes, A: Activate>(unit: &Block, weights: &[Eight], x: &[f32]) -> (L, L) {
    let mut z = L::load(&unit.w1) * L::splat(x[0]) + L::load(&unit.b1);
    for (weight, &x) in weights.iter().zip(&x[1..]) {
        z = z + L::load(weight) * L::splat(x);
    }
    let a = A::value(z);
    (a, L::load(&unit.w2) * A::slope(z, a))
}

/// sum over units of a^2 + (w2 d)^2 (1 + |x|^2) for each point: the squared gradient of f / s.
///
/// `x` carries the hidden scale already: `[points, inputs]`.
pub struct SquaredGradient<'a> {
    pub activation: Activation,
    pub parameters: &'a Blocks,
    pub inputs: usize,
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
        for (x, out) in self.x.chunks_exact(self.inputs).zip(self.out) {
            let square = x[1..].iter().fold(x[0] * x[0], |sum, x| sum + x * x);
            let mut sum = L::splat(0.0);
            for (j, unit) in self.parameters.units.iter().enumerate() {
                let (a, inner) = felt::<L, A>(unit, self.parameters.further(j, self.inputs - 1), x);
                sum = sum + (a * a + inner * inner * L::splat(1.0 + square));
            }
            *out = sum.sum();
        }
    }
}
