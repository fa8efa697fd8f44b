//! The optimisers: what a gradient does to the parameters.

use super::block::Blocks;
use super::lanes::{Eight, Kernel, Lanes};
use crate::train::optimiser::{ADAM, MOMENTUM, OptimiserKind};

/// One step of `kind`; `rate` is the learning rate of w1, b1 and w2, `rate_b2` that of b2.
///
/// `first` and `second` are the moments; only those that [`moments_of`] counts are touched.
pub struct Update<'a> {
    pub kind: OptimiserKind,
    pub rate: f32,
    pub rate_b2: f32,
    /// Steps made before this one.
    pub step: u32,
    pub parameters: &'a mut Blocks,
    pub gradient: &'a Blocks,
    pub first: &'a mut Blocks,
    pub second: &'a mut Blocks,
}

/// How many moments an optimiser keeps.
pub fn moments_of(kind: OptimiserKind) -> usize {
    match kind {
        OptimiserKind::Gd | OptimiserKind::Sgd => 0,
        OptimiserKind::Momentum => 1,
        OptimiserKind::Adam => 2,
    }
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        match self.kind {
            OptimiserKind::Gd | OptimiserKind::Sgd => self.descend::<L>(),
            OptimiserKind::Momentum => self.roll::<L>(),
            OptimiserKind::Adam => self.adam::<L>(),
        }
    }
}

impl Update<'_> {
    /// theta <- theta - lr g.
    #[inline(always)]
    fn descend<L: Lanes>(self) {
        let rate = L::splat(self.rate);
        for (unit, g) in self.parameters.units.iter_mut().zip(&self.gradient.units) {
            descend(&mut unit.w1, rate * L::load(&g.w1));
            descend(&mut unit.b1, rate * L::load(&g.b1));
            descend(&mut unit.w2, rate * L::load(&g.w2));
        }
        for (parameter, g) in self.parameters.further.iter_mut().zip(&self.gradient.further) {
            descend(parameter, rate * L::load(g));
        }
        self.parameters.b2 -= self.rate_b2 * self.gradient.b2;
    }

    /// v <- beta v + g; theta <- theta - lr v.
    #[inline(always)]
    fn roll<L: Lanes>(self) {
        let rate = L::splat(self.rate);
        let units = self.parameters.units.iter_mut().zip(&self.gradient.units);
        for ((unit, g), v) in units.zip(&mut self.first.units) {
            descend(&mut unit.w1, rate * roll(&mut v.w1, L::load(&g.w1)));
            descend(&mut unit.b1, rate * roll(&mut v.b1, L::load(&g.b1)));
            descend(&mut unit.w2, rate * roll(&mut v.w2, L::load(&g.w2)));
        }
        let further = self.parameters.further.iter_mut().zip(&self.gradient.further);
        for ((parameter, g), v) in further.zip(&mut self.first.further) {
            descend(parameter, rate * roll(v, L::load(g)));
        }
        self.first.b2 = MOMENTUM * self.first.b2 + self.gradient.b2;
        self.parameters.b2 -= self.rate_b2 * self.first.b2;
    }

    /// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
    /// theta <- theta - lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
    #[inline(always)]
    fn adam<L: Lanes>(self) {
        let (beta1, beta2) = (f64::from(ADAM.0), f64::from(ADAM.1));
        let correction = 1.0 / (1.0 - power(beta1, self.step + 1));
        let root = (1.0 / (1.0 - power(beta2, self.step + 1)).sqrt()) as f32;
        let rate = L::splat((f64::from(self.rate) * correction) as f32);
        let units = self.parameters.units.iter_mut().zip(&self.gradient.units);
        for (((unit, g), m), v) in units.zip(&mut self.first.units).zip(&mut self.second.units) {
            descend(&mut unit.w1, rate * adapt(&mut m.w1, &mut v.w1, L::load(&g.w1), root));
            descend(&mut unit.b1, rate * adapt(&mut m.b1, &mut v.b1, L::load(&g.b1), root));
            descend(&mut unit.w2, rate * adapt(&mut m.w2, &mut v.w2, L::load(&g.w2), root));
        }
        let further = self.parameters.further.iter_mut().zip(&self.gradient.further);
        for (((parameter, g), m), v) in further.zip(&mut self.first.further).zip(&mut self.second.further) {
            descend(parameter, rate * adapt(m, v, L::load(g), root));
        }
        let g = self.gradient.b2;
        self.first.b2 = ADAM.0 * self.first.b2 + (1.0 - ADAM.0) * g;
        self.second.b2 = ADAM.1 * self.second.b2 + (1.0 - ADAM.1) * (g * g);
        let direction = self.first.b2 / (self.second.b2.sqrt() * root + ADAM.2);
        self.parameters.b2 -= (f64::from(self.rate_b2) * correction) as f32 * direction;
    }
}

/// theta <- theta - step.
#[inline(always)]
fn descend<L: Lanes>(parameter: &mut Eight, step: L) {
    (L::load(parameter) - step).store(parameter);
}

/// The new velocity.
#[inline(always)]
fn roll<L: Lanes>(velocity: &mut Eight, gradient: L) -> L {
    let new = L::splat(MOMENTUM) * L::load(velocity) + gradient;
    new.store(velocity);
    new
}

/// m / (sqrt(v) root + epsilon), with the new moments.
#[inline(always)]
fn adapt<L: Lanes>(first: &mut Eight, second: &mut Eight, gradient: L, root: f32) -> L {
    let m = L::splat(ADAM.0) * L::load(first) + L::splat(1.0 - ADAM.0) * gradient;
    let v = L::splat(ADAM.1) * L::load(second) + L::splat(1.0 - ADAM.1) * (gradient * gradient);
    m.store(first);
    v.store(second);
    m / (v.sqrt() * L::splat(root) + L::splat(ADAM.2))
}

/// base^exponent by squaring: the same bits everywhere, which `f64::powi` does not promise.
fn power(base: f64, exponent: u32) -> f64 {
    let (mut result, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    result
}
