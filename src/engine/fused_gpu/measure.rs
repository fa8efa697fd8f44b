//! The kernel that reads off networks what an experiment reports.

use cubecl::prelude::*;

use super::output::{is_unbounded, output};
use super::plan::{block, iterations_of_output};
use super::table::{self, real};
use crate::model::Activation;

/// Sums over the test inputs of one task: (f - y)^2, (f - label before)^2, f, and how many outputs are unbounded.
pub const SUMS: usize = 4;
/// Threads of a workgroup that measures.
pub const THREADS: usize = 256;

/// Numbers that a measurement of one network has: the sums of every task, the squared distance of the parameters
/// from `start`, and the outputs on the line.
pub const fn each(tasks: usize, line: usize) -> usize {
    SUMS * tasks + 1 + line
}

/// Loop iterations of one thread in one measurement of a network of `units` that answers `samples` test inputs of a
/// task and `line` points.
pub fn iterations_of_measurement(units: usize, inputs: usize, samples: usize, line: usize) -> usize {
    let outputs = samples.div_ceil(THREADS) + line.div_ceil(THREADS);
    outputs * iterations_of_output(units, inputs) + block(units, inputs).div_ceil(THREADS) + THREADS
}

/// Measures networks, each by as many workgroups as there are tasks (dimension y); the first of them goes along the
/// line, too.
///
/// # Shapes
/// - `start`: parameters, where [`table::START`] says
/// - `out`: [networks, [`each`]], from `out_at` on
#[cube(launch_unchecked)]
pub fn measure(
    theta: &[f32],
    start: &[f32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    out_at: u32,
    #[comptime] line: usize,
    #[comptime] inputs: usize,
    #[comptime] activation: Activation,
) {
    let thread = UNIT_POS as usize;
    let network = CUBE_POS_X as usize;
    let task = CUBE_POS_Y as usize;
    let tasks = CUBE_COUNT_Y as usize;
    let row = &table[network * table::ROW..(network + 1) * table::ROW];
    let units = row[table::UNITS] as usize;
    let length = units * comptime!(inputs + 2) + comptime!(block(0, inputs));
    let at = row[table::THETA] as usize;
    let parameters = &theta[at..at + length];
    let scale = real(row, table::OUTPUT_SCALE);
    let examples = row[table::EXAMPLES] as usize;
    let samples = examples / tasks;
    let test = row[table::TEST] as usize;
    let labels = test + examples * inputs;
    let mut parts = Shared::<[f32]>::new_slice(comptime!((SUMS + 1) * THREADS));
    let mut own = Array::<f32>::new(comptime!(SUMS + 1));
    #[unroll]
    for k in 0..comptime!(SUMS + 1) {
        own[k] = 0.0f32;
    }
    let mut i = task * samples + thread;
    while i < (task + 1) * samples {
        let f = output(parameters, units, scale, data, test + i, examples, inputs, activation);
        let residual = f - data[labels + i];
        let before = f - data[labels + examples + i];
        own[0usize] += residual * residual;
        own[1usize] += before * before;
        own[2usize] += f;
        if is_unbounded(f) {
            own[3usize] += 1.0f32;
        }
        i += comptime!(THREADS);
    }
    let to = out_at as usize + network * (tasks * comptime!(SUMS) + comptime!(1 + line));
    if task == 0 {
        let from = row[table::START] as usize;
        let mut p = thread;
        while p < length {
            let moved = parameters[p] - start[from + p];
            own[comptime!(SUMS)] += moved * moved;
            p += comptime!(THREADS);
        }
        let mut k = thread;
        while k < comptime!(line) {
            let point = labels + examples * 2 + k;
            out[to + tasks * comptime!(SUMS) + 1 + k] =
                output(parameters, units, scale, data, point, comptime!(line), inputs, activation);
            k += comptime!(THREADS);
        }
    }
    #[unroll]
    for k in 0..comptime!(SUMS + 1) {
        parts[k * comptime!(THREADS) + thread] = own[k];
    }
    sync_cube();
    if thread < comptime!(SUMS + 1) {
        let mut sum = 0.0f32.runtime();
        for k in 0..comptime!(THREADS) {
            sum += parts[thread * comptime!(THREADS) + k];
        }
        if thread < comptime!(SUMS) {
            out[to + task * comptime!(SUMS) + thread] = sum;
        } else if task == 0 {
            out[to + tasks * comptime!(SUMS)] = sum;
        }
    }
}
