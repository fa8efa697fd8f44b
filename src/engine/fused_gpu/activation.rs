//! The activations as device code.

use cubecl::prelude::*;

use super::elementary::{erf, exp, tanh};
use crate::model::Activation;

/// act(z).
#[cube]
pub fn value(z: f32, #[comptime] activation: Activation) -> f32 {
    if comptime!(activation == Activation::Tanh) {
        tanh(z)
    } else if comptime!(activation == Activation::Erf) {
        erf(z)
    } else if comptime!(activation == Activation::Relu) {
        select(z > 0.0f32, z, 0.0f32)
    } else {
        z
    }
}

/// act'(z), given `a` = act(z).
#[cube]
pub fn slope(z: f32, a: f32, #[comptime] activation: Activation) -> f32 {
    if comptime!(activation == Activation::Tanh) {
        1.0f32 - a * a
    } else if comptime!(activation == Activation::Erf) {
        core::f32::consts::FRAC_2_SQRT_PI * exp(-(z * z))
    } else if comptime!(activation == Activation::Relu) {
        select(z > 0.0f32, 1.0f32, 0.0f32)
    } else {
        1.0f32.runtime()
    }
}
