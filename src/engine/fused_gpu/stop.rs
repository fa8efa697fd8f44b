//! The stop rule.

#![expect(clippy::needless_range_loop, reason = "kernels index their arrays")]

use cubecl::prelude::*;

use super::output::output;
use super::plan::{Plan, block};
use super::table::{self, real};

/// This thread's part of the sum of (f - y)^2 over the watched examples, by a pass of its own.
#[cube]
pub fn watched_error(parameters: &mut [f32], row: &[u32], data: &[f32], thread: usize, #[comptime] plan: Plan) -> f32 {
    let units = row[table::UNITS] as usize;
    let examples = row[table::EXAMPLES] as usize;
    let inputs = row[table::DATA] as usize;
    let targets = inputs + examples * comptime!(plan.inputs);
    let length = units * comptime!(plan.inputs + 2) + comptime!(block(0, plan.inputs));
    let mut sum = 0.0f32.runtime();
    let mut i = thread;
    while i < row[table::WATCHED] as usize {
        let f = output(
            &parameters[..length],
            units,
            real(row, table::OUTPUT_SCALE),
            data,
            inputs + i,
            examples,
            comptime!(plan.inputs),
            comptime!(plan.activation),
        );
        let residual = f - data[targets + i];
        sum += residual * residual;
        i += comptime!(plan.threads);
    }
    sum
}

/// Whether the stop rule holds, from every thread's part of the watched error. The same answer in every
/// thread.
#[cube]
pub fn holds(own: f32, watch: &mut [f32], row: &[u32], thread: usize, #[comptime] plan: Plan) -> bool {
    watch[thread] = own;
    sync_cube();
    let mut sum = 0.0f32.runtime();
    for k in 0..comptime!(plan.threads) {
        sum += watch[k];
    }
    sync_cube();
    sum <= real(row, table::LEVEL) * f32::cast_from(row[table::WATCHED])
}
