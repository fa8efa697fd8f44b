//! The activations, on eight lanes.

use super::elementary::{erf, exp, tanh};
use super::lanes::Lanes;

/// act and its derivative.
pub trait Activate {
    /// act(z).
    fn value<L: Lanes>(z: L) -> L;

    /// act'(z), given `a` = act(z).
    fn slope<L: Lanes>(z: L, a: L) -> L;
}

/// An activation that is z behind an open gate and 0 behind a closed one.
pub trait Gated: Activate {
    /// `value` where the gate of `z` is open, else 0.
    fn gate<L: Lanes>(value: L, z: L) -> L;
}

pub struct Tanh;
pub struct Erf;
pub struct Relu;
pub struct Linear;

impl Activate for Tanh {
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        tanh(z)
    }

    #[inline(always)]
    fn slope<L: Lanes>(_: L, a: L) -> L {
        L::splat(1.0) - a * a
    }
}

impl Activate for Erf {
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        erf(z)
    }

    /// 2 / sqrt(pi) exp(-z^2).
    #[inline(always)]
    fn slope<L: Lanes>(z: L, _: L) -> L {
        L::splat(core::f32::consts::FRAC_2_SQRT_PI) * exp(L::splat(0.0) - z * z)
    }
}

impl Activate for Relu {
    /// In this order NaN stays NaN, and divergence is found.
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        L::splat(0.0).max(z)
    }

    /// 0 at z = 0, as in PyTorch and JAX.
    #[inline(always)]
    fn slope<L: Lanes>(z: L, _: L) -> L {
        Self::gate(L::splat(1.0), z)
    }
}

impl Gated for Relu {
    #[inline(always)]
    fn gate<L: Lanes>(value: L, z: L) -> L {
        value.where_positive(z)
    }
}

impl Activate for Linear {
    #[inline(always)]
    fn value<L: Lanes>(z: L) -> L {
        z
    }

    #[inline(always)]
    fn slope<L: Lanes>(_: L, _: L) -> L {
        L::splat(1.0)
    }
}

impl Gated for Linear {
    #[inline(always)]
    fn gate<L: Lanes>(value: L, _: L) -> L {
        value
    }
}
