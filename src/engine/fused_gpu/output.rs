//! What networks answer.

use cubecl::prelude::*;

use super::activation::value;
use super::plan::{UNITS, turns};
use crate::model::Activation;

/// Bits of the largest magnitude that an output may have. As integers, infinities and NaN are larger,
/// whatever the device's compiler assumes about them as floating-point numbers.
const LARGEST_BITS: u32 = crate::engine::LARGEST_OUTPUT.to_bits();
const MAGNITUDE: u32 = 0x7fff_ffff;

/// Whether an output is beyond the largest magnitude, or no number.
#[cube]
pub fn is_unbounded(f: f32) -> bool {
    (u32::reinterpret(f) & MAGNITUDE) > LARGEST_BITS
}

/// f(x), where the first coordinate of x is `data[at]` and the next ones are `stride` apart.
#[cube]
pub fn output(
    parameters: &[f32],
    units: usize,
    scale: f32,
    data: &[f32],
    at: usize,
    stride: usize,
    #[comptime] inputs: usize,
    #[comptime] activation: Activation,
) -> f32 {
    let mut sum = 0.0f32.runtime();
    if comptime!(inputs == 1) {
        let x = data[at];
        for group in 0..units / comptime!(UNITS) {
            #[unroll]
            for k in 0..comptime!(UNITS) {
                let u = group * comptime!(UNITS) + k;
                sum += parameters[units * 2 + u] * value(parameters[u] * x + parameters[units + u], activation);
            }
        }
    } else {
        let (turns, turn) = comptime!(turns(inputs));
        let mut z = Array::<f32>::new(comptime!(UNITS));
        for group in 0..units / comptime!(UNITS) {
            let first = group * comptime!(UNITS);
            #[unroll]
            for k in 0..comptime!(UNITS) {
                z[k] = parameters[units * inputs + first + k];
            }
            #[unroll(comptime!(turns == 1))]
            for t in 0..turns {
                #[unroll]
                for n in 0..turn {
                    let c = t * turn + n;
                    let x = data[at + c * stride];
                    #[unroll]
                    for k in 0..comptime!(UNITS) {
                        z[k] += parameters[units * c + first + k] * x;
                    }
                }
            }
            #[unroll]
            for k in 0..comptime!(UNITS) {
                sum += parameters[units * comptime!(inputs + 1) + first + k] * value(z[k], activation);
            }
        }
    }
    scale * sum + parameters[units * comptime!(inputs + 2)]
}
