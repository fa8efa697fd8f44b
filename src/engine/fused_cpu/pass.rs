//! One pass over the samples: outputs, residuals and the gradient, fused tile by tile.
//!
//! With r_i = 2 weight_i (f_i - y_i) s, a = act(w1 x + b1) and d = act'(w1 x + b1) the gradient is
//! sum_i r_i a_i for w2, w2 sum_i r_i d_i for b1 and w2 sum_i r_i d_i x_i for w1: the factor w2 waits
//! until the samples are through. Sums over samples run in their order, sums over units block by block
//! and then in the tree of [`Lanes::sum`]. Here points lie on a line; those of several coordinates are in `space`.

mod space;

use super::super::examples::LARGEST_OUTPUT;
use super::activation::{Activate, Erf, Gated, Linear, Relu, Tanh};
use super::block::Blocks;
use super::lanes::{Eight, Kernel, Lanes};
use super::tile::{TILE, Tile, Tiles};
use crate::model::Activation;

/// Activations of one block on one tile, or their slopes.
pub type Kept = [Eight; TILE];

/// What a pass finds besides the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// sum of (f - y)^2 over the watched samples.
    pub watched: f64,
    /// Whether every output was within [`LARGEST_OUTPUT`].
    pub bounded: bool,
}

/// The gradient of the loss over `tiles`; writes `gradient`, uses `kept` and `slopes` (one per block; the
/// latter only where points have several coordinates) as scratch.
pub struct Pass<'a> {
    pub activation: Activation,
    pub output_scale: f32,
    pub parameters: &'a Blocks,
    pub tiles: &'a Tiles,
    pub gradient: &'a mut Blocks,
    pub kept: &'a mut [Kept],
    pub slopes: &'a mut [Kept],
}

impl Kernel for Pass<'_> {
    type Output = Found;

    #[inline(always)]
    fn run<L: Lanes>(mut self) -> Found {
        self.gradient.clear();
        let on_a_line = self.tiles.more() == 0;
        match self.activation {
            Activation::Tanh if !on_a_line => self.in_space::<L, Tanh>(),
            Activation::Erf if !on_a_line => self.in_space::<L, Erf>(),
            Activation::Relu if !on_a_line => self.in_space::<L, Relu>(),
            Activation::Linear if !on_a_line => self.in_space::<L, Linear>(),
            Activation::Tanh => self.curved::<L, Tanh>(),
            Activation::Erf => self.curved::<L, Erf>(),
            Activation::Relu => self.gated::<L, Relu>(),
            Activation::Linear => self.gated::<L, Linear>(),
        }
    }
}

impl Pass<'_> {
    /// Activations are kept from the forward to the backward half of each tile.
    #[inline(always)]
    fn curved<L: Lanes, A: Activate>(&mut self) -> Found {
        let mut found = Found { watched: 0.0, bounded: true };
        for tile in &self.tiles.tiles {
            let mut sums = [L::splat(0.0); TILE];
            for (unit, kept) in self.parameters.units.iter().zip(self.kept.iter_mut()) {
                let (w1, b1, w2) = (L::load(&unit.w1), L::load(&unit.b1), L::load(&unit.w2));
                for k in 0..TILE {
                    let a = A::value(w1 * L::splat(tile.x[k]) + b1);
                    a.store(&mut kept[k]);
                    sums[k] = sums[k] + w2 * a;
                }
            }
            let r = self.residuals(tile, sums, &mut found);
            let units = self.parameters.units.iter().zip(self.kept.iter());
            for ((unit, kept), sum) in units.zip(self.gradient.units.iter_mut()) {
                let (w1, b1) = (L::load(&unit.w1), L::load(&unit.b1));
                let (mut g1, mut g0, mut g2) = (L::load(&sum.w1), L::load(&sum.b1), L::load(&sum.w2));
                for k in 0..TILE {
                    let (x, r, a) = (L::splat(tile.x[k]), L::splat(r[k]), L::load(&kept[k]));
                    let rd = r * A::slope(w1 * x + b1, a);
                    g2 = g2 + r * a;
                    g0 = g0 + rd;
                    g1 = g1 + rd * x;
                }
                g1.store(&mut sum.w1);
                g0.store(&mut sum.b1);
                g2.store(&mut sum.w2);
            }
        }
        for (unit, sum) in self.parameters.units.iter().zip(self.gradient.units.iter_mut()) {
            let w2 = L::load(&unit.w2);
            (L::load(&sum.w1) * w2).store(&mut sum.w1);
            (L::load(&sum.b1) * w2).store(&mut sum.b1);
        }
        found
    }

    /// Behind a gate, act(z) = d z: activations need not be kept, and the gradient of w2 is
    /// w1 sum_i r_i d_i x_i + b1 sum_i r_i d_i, from the two sums that the others need anyway.
    #[inline(always)]
    fn gated<L: Lanes, A: Gated>(&mut self) -> Found {
        let mut found = Found { watched: 0.0, bounded: true };
        for tile in &self.tiles.tiles {
            let mut sums = [L::splat(0.0); TILE];
            for unit in &self.parameters.units {
                let (w1, b1, w2) = (L::load(&unit.w1), L::load(&unit.b1), L::load(&unit.w2));
                for (sum, &x) in sums.iter_mut().zip(&tile.x) {
                    *sum = *sum + w2 * A::value(w1 * L::splat(x) + b1);
                }
            }
            let r = self.residuals(tile, sums, &mut found);
            let mut rx = r;
            for k in 0..TILE {
                rx[k] = r[k] * tile.x[k];
            }
            for (unit, sum) in self.parameters.units.iter().zip(self.gradient.units.iter_mut()) {
                let (w1, b1) = (L::load(&unit.w1), L::load(&unit.b1));
                let (mut g1, mut g0) = (L::load(&sum.w1), L::load(&sum.b1));
                for k in 0..TILE {
                    let z = w1 * L::splat(tile.x[k]) + b1;
                    g0 = g0 + A::gate(L::splat(r[k]), z);
                    g1 = g1 + A::gate(L::splat(rx[k]), z);
                }
                g1.store(&mut sum.w1);
                g0.store(&mut sum.b1);
            }
        }
        for (unit, sum) in self.parameters.units.iter().zip(self.gradient.units.iter_mut()) {
            let (w1, b1, w2) = (L::load(&unit.w1), L::load(&unit.b1), L::load(&unit.w2));
            let (g1, g0) = (L::load(&sum.w1), L::load(&sum.b1));
            (w1 * g1 + b1 * g0).store(&mut sum.w2);
            (g1 * w2).store(&mut sum.w1);
            (g0 * w2).store(&mut sum.b1);
        }
        found
    }

    /// 2 weight (f - y) s of a tile, from its sums over units.
    #[inline(always)]
    fn residuals<L: Lanes>(&mut self, tile: &Tile, sums: [L; TILE], found: &mut Found) -> [f32; TILE] {
        let mut r = [0.0; TILE];
        for k in 0..TILE {
            let f = self.output_scale * sums[k].sum() + self.parameters.b2;
            let residual = f - tile.y[k];
            let pull = tile.pull[k] * residual;
            found.bounded &= f.abs() <= LARGEST_OUTPUT;
            found.watched += f64::from(tile.watch[k] * (residual * residual));
            self.gradient.b2 += pull;
            r[k] = pull * self.output_scale;
        }
        r
    }
}
