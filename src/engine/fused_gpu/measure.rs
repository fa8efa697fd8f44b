//! The kernel that reads off networks what an experiment reports.

use cubecl::prelude::*;

use super::step::{is_unbounded, output, real};
use super::table;
use crate::model::Activation;

/// Sums over the test inputs that a measurement begins with.
pub const SUMS: usize = 7;
/// Threads of a workgroup that measures.
pub const THREADS: usize = 256;

/// Sums over a network's test inputs, and its outputs on the grid.
///
/// The sums: (f - new label)^2, (f - old label)^2 and f over X1, (f - label)^2 and f over X2, the squared
/// distance of the parameters from `start`, and how many outputs on test inputs are unbounded.
///
/// # Shapes
/// - `start`: parameters, where [`table::START`] says
/// - `out`: [networks, [`SUMS`] + `grid`], from `out_at` on
#[cube(launch_unchecked)]
pub fn measure(
    theta: &[f32],
    start: &[f32],
    table: &[u32],
    data: &[f32],
    out: &mut [f32],
    out_at: u32,
    grid_at: u32,
    new_label: f32,
    old_label: f32,
    label: f32,
    #[comptime] grid: usize,
    #[comptime] activation: Activation,
) {
    let thread = UNIT_POS as usize;
    let row = &table[CUBE_POS * table::ROW..(CUBE_POS + 1) * table::ROW];
    let units = row[table::UNITS] as usize;
    let length = units * 3 + 4;
    let at = row[table::THETA] as usize;
    let parameters = &theta[at..at + length];
    let scale = real(row, table::OUTPUT_SCALE);
    let samples = row[table::EXAMPLES] as usize / 2;
    let test = row[table::TEST] as usize;
    let mut parts = Shared::<[f32]>::new_slice(comptime!(SUMS * THREADS));
    let mut own = Array::<f32>::new(comptime!(SUMS));
    #[unroll]
    for k in 0..comptime!(SUMS) {
        own[k] = 0.0f32;
    }
    let mut i = thread;
    while i < samples {
        let f = output(parameters, units, scale, data[test + i], activation);
        own[0usize] += (f - new_label) * (f - new_label);
        own[1usize] += (f - old_label) * (f - old_label);
        own[2usize] += f;
        let g = output(parameters, units, scale, data[test + samples + i], activation);
        own[3usize] += (g - label) * (g - label);
        own[4usize] += g;
        if is_unbounded(f) || is_unbounded(g) {
            own[6usize] += 1.0f32;
        }
        i += comptime!(THREADS);
    }
    let from = row[table::START] as usize;
    let mut p = thread;
    while p < length {
        let moved = parameters[p] - start[from + p];
        own[5usize] += moved * moved;
        p += comptime!(THREADS);
    }
    #[unroll]
    for k in 0..comptime!(SUMS) {
        parts[k * comptime!(THREADS) + thread] = own[k];
    }
    sync_cube();
    let to = out_at as usize + CUBE_POS * comptime!(SUMS + grid);
    if thread < comptime!(SUMS) {
        let mut sum = 0.0f32.runtime();
        for k in 0..comptime!(THREADS) {
            sum += parts[thread * comptime!(THREADS) + k];
        }
        out[to + thread] = sum;
    }
    let mut k = thread;
    while k < comptime!(grid) {
        out[to + comptime!(SUMS) + k] = output(parameters, units, scale, data[grid_at as usize + k], activation);
        k += comptime!(THREADS);
    }
}
