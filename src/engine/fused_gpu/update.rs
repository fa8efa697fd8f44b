//! What a gradient does to the parameters.

use cubecl::prelude::*;

use super::plan::{Plan, block, turns};
use super::table::{self, real};
use crate::train::OptimiserKind;
use crate::train::optimiser::{ADAM, MOMENTUM};

/// Steps w1, b1 and w2 of one unit, whose sums begin at `at`. Behind a gate act(z) = d z, so that on a line the
/// gradient of w2 follows from the other two sums.
#[cube]
pub fn step_unit(
    parameters: &mut [f32],
    moments: &mut [f32],
    u: usize,
    sums: &Array<f32>,
    at: usize,
    row: &[u32],
    schedule: &[u32],
    done: u32,
    #[comptime] plan: Plan,
) {
    let inputs = comptime!(plan.inputs);
    let units = row[table::UNITS] as usize;
    let scale = real(row, table::OUTPUT_SCALE);
    let rate = real(row, table::RATE);
    let b1_at = units * inputs + u;
    let w2_at = b1_at + units;
    let w2 = parameters[w2_at];
    let outer = if comptime!(plan.is_gated()) {
        parameters[u] * sums[at] + parameters[b1_at] * sums[at + 1]
    } else {
        sums[at + comptime!(inputs + 1)]
    };
    let (turns, turn) = comptime!(turns(inputs));
    #[unroll(comptime!(turns == 1))]
    for t in 0..turns {
        #[unroll]
        for n in 0..turn {
            let c = t * turn + n;
            step_one(parameters, moments, units * c + u, scale * w2 * sums[at + c], rate, row, schedule, done, plan);
        }
    }
    step_one(parameters, moments, b1_at, scale * w2 * sums[at + inputs], rate, row, schedule, done, plan);
    step_one(parameters, moments, w2_at, scale * outer, rate, row, schedule, done, plan);
}

#[cube]
pub fn step_b2(
    parameters: &mut [f32],
    moments: &mut [f32],
    gradient: f32,
    row: &[u32],
    schedule: &[u32],
    done: u32,
    #[comptime] plan: Plan,
) {
    let at = row[table::UNITS] as usize * comptime!(plan.inputs + 2);
    step_one(parameters, moments, at, gradient, real(row, table::RATE_B2), row, schedule, done, plan);
}

/// One parameter's step by its gradient.
#[cube]
fn step_one(
    parameters: &mut [f32],
    moments: &mut [f32],
    at: usize,
    gradient: f32,
    rate: f32,
    row: &[u32],
    schedule: &[u32],
    done: u32,
    #[comptime] plan: Plan,
) {
    if comptime!(plan.optimiser == OptimiserKind::Momentum) {
        let velocity = comptime!(MOMENTUM) * moments[at] + gradient;
        moments[at] = velocity;
        parameters[at] -= rate * velocity;
    } else if comptime!(plan.optimiser == OptimiserKind::Adam) {
        let length = row[table::UNITS] as usize * comptime!(plan.inputs + 2) + comptime!(block(0, plan.inputs));
        let second = length + at;
        let correction = f32::reinterpret(schedule[done as usize * 2]);
        let root = f32::reinterpret(schedule[done as usize * 2 + 1]);
        let m = comptime!(ADAM.0) * moments[at] + comptime!(1.0 - ADAM.0) * gradient;
        let v = comptime!(ADAM.1) * moments[second] + comptime!(1.0 - ADAM.1) * (gradient * gradient);
        moments[at] = m;
        moments[second] = v;
        parameters[at] -= rate * correction * (m / (f32::sqrt(v) * root + comptime!(ADAM.2)));
    } else {
        parameters[at] -= rate * gradient;
    }
}
