//! Engine 1's exp, tanh and erf as device code: the same polynomials, the same clamps.
//!
//! The built-in ones differ from device to device, and WGSL's tanh may overflow. What a compiler does
//! with the additions and multiplications here (it may fuse or reorder them) stays within rounding.

use cubecl::prelude::*;

use crate::engine::fused_cpu::elementary::{ERF_BOTTOM, ERF_END, ERF_TOP, EXP_REST, TANH_BOTTOM, TANH_END, TANH_TOP};

#[cube]
pub fn tanh(x: f32) -> f32 {
    odd(x, TANH_END, comptime!(TANH_TOP.as_slice()), comptime!(TANH_BOTTOM.as_slice()))
}

#[cube]
pub fn erf(x: f32) -> f32 {
    odd(x, ERF_END, comptime!(ERF_TOP.as_slice()), comptime!(ERF_BOTTOM.as_slice()))
}

/// x P(x^2) / Q(x^2) for |x| <= end, and its value at the nearer end beyond: of the magnitude, which then
/// takes the sign of x.
#[cube]
fn odd(x: f32, end: f32, #[comptime] top: &'static [f32], #[comptime] bottom: &'static [f32]) -> f32 {
    let bits = i32::reinterpret(x);
    let magnitude = bits & i32::MAX;
    let sign = bits ^ magnitude;
    let x = at_most(f32::reinterpret(magnitude), end);
    let u = x * x;
    let bottom = polynomial(u, bottom);
    let value = at_most(x * polynomial(u, top), bottom) / bottom;
    f32::reinterpret(i32::reinterpret(value) | sign)
}

/// e^x for -87 <= x <= 88. The exponent comes from an integer conversion, not from the rounding trick of
/// engine 1, which a compiler that reorders additions would undo.
#[cube]
pub fn exp(x: f32) -> f32 {
    let x = max(-87.0f32, min(88.0f32, x));
    let n = f32::floor(x * core::f32::consts::LOG2_E + 0.5f32);
    let r = x - n * 0.693_359_4f32 + n * 2.121_944_4e-4f32;
    let power = f32::reinterpret(u32::cast_from(n + 127.0f32) << 23u32);
    (polynomial(r, comptime!(EXP_REST.as_slice())) * (r * r) + r + 1.0f32) * power
}

/// The smaller of two numbers that are not negative, `end` if `x` is no number. Such numbers are in the
/// order of their bits. On SwiftShader clamps by minima of integers take a fifth less of a step's time than
/// by comparisons with choices, and minima of floating-point numbers, which mind NaN, half as much again.
#[cube]
fn at_most(x: f32, end: f32) -> f32 {
    f32::reinterpret(min(i32::reinterpret(x), i32::reinterpret(end)))
}

/// sum_k c_k u^k by Horner's rule.
#[cube]
fn polynomial(u: f32, #[comptime] coefficients: &'static [f32]) -> f32 {
    let degree = comptime!(coefficients.len() - 1);
    let mut value = comptime!(coefficients[degree]).runtime();
    #[unroll]
    for k in 0..degree {
        value = value * u + comptime!(coefficients[degree - 1 - k]);
    }
    value
}
