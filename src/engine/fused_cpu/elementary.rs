//! exp, tanh and erf on eight lanes, from additions, multiplications and one division only.
//!
//! The coefficients are those printed by `scripts/fit_elementary.py`. The errors stated hold for every
//! f32 (all 2^32 were tried once) and are tested over a dense set in `tests/engine/elementary.rs`. NaN
//! gives NaN: hence the order of operands in every clamp.

use super::lanes::Lanes;

// tanh, |x| <= 9.02: relative error of the fit 4.3e-8.
pub const TANH_END: f32 = 9.0;
pub const TANH_TOP: [f32; 5] = [1.0, 1.3379714e-1, 3.4940299e-3, 2.0583404e-5, 1.3318968e-8];
pub const TANH_BOTTOM: [f32; 5] = [1.0, 4.671303e-1, 2.5871055e-2, 3.283085e-4, 7.761976e-7];

// erf, |x| <= 3.84: relative error of the fit 5.4e-8.
pub const ERF_END: f32 = 3.84;
#[expect(clippy::approx_constant, reason = "fitted: the f32 below 2 / sqrt(pi)")]
pub const ERF_TOP: [f32; 6] = [1.1283791, 1.8756025e-1, 5.244461e-2, 3.6617946e-3, 2.8582578e-4, 2.1167425e-6];
pub const ERF_BOTTOM: [f32; 6] = [1.0, 4.9955383e-1, 1.1299809e-1, 1.4760588e-2, 1.1433223e-3, 3.8826627e-5];

// e^r = 1 + r + r^2 P(r), |r| <= ln(2) / 2: relative error of the fit 3.8e-9.
pub const EXP_REST: [f32; 5] = [4.9999994e-1, 1.6666521e-1, 4.166839e-2, 8.36871e-3, 1.3814613e-3];

/// tanh(x): relative error below 4e-7, never beyond 1.
#[inline(always)]
pub fn tanh<L: Lanes>(x: L) -> L {
    odd(x, TANH_END, &TANH_TOP, &TANH_BOTTOM)
}

/// erf(x): relative error below 4e-7, never beyond 1.
#[inline(always)]
pub fn erf<L: Lanes>(x: L) -> L {
    odd(x, ERF_END, &ERF_TOP, &ERF_BOTTOM)
}

/// e^x for -87 <= x <= 88: relative error below 9e-8. Other x count as the nearer end.
#[inline(always)]
pub fn exp<L: Lanes>(x: L) -> L {
    // Adding 1.5 * 2^23 rounds to an integer, which stays in the low bits; 127 is the exponent's bias.
    const ROUND: f32 = 12_582_912.0 + 127.0;
    // ln 2 in two parts; the first has 9 bits, so that n times it is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = L::splat(-87.0).max(L::splat(88.0).min(x));
    let rounded = x * L::splat(core::f32::consts::LOG2_E) + L::splat(ROUND);
    let n = rounded - L::splat(ROUND);
    let r = x - n * L::splat(LN_2_HIGH) - n * L::splat(LN_2_LOW);
    (polynomial(&EXP_REST, r) * (r * r) + r + L::splat(1.0)) * rounded.power_of_two()
}

/// x P(x^2) / Q(x^2) for |x| <= end, and its value at the nearer end beyond.
#[inline(always)]
fn odd<L: Lanes, const N: usize>(x: L, end: f32, top: &[f32; N], bottom: &[f32; N]) -> L {
    let x = L::splat(-end).max(L::splat(end).min(x));
    let square = x * x;
    let (top, bottom) = (x * polynomial(top, square), polynomial(bottom, square));
    // Rounding alone could carry a saturated value to 1 + 4e-7, and a slope 1 - a^2 below 0. (Clamped before
    // the division because LLVM compiles a clamp that is then stored to eight wasm instructions, not two.)
    (L::splat(0.0) - bottom).max(bottom.min(top)) / bottom
}

/// sum_k c_k u^k by Horner's rule.
#[inline(always)]
fn polynomial<L: Lanes, const N: usize>(coefficients: &[f32; N], u: L) -> L {
    let mut value = L::splat(coefficients[N - 1]);
    for &coefficient in coefficients[..N - 1].iter().rev() {
        value = value * u + L::splat(coefficient);
    }
    value
}
