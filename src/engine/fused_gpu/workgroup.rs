//! What all threads of a workgroup do together.

use cubecl::prelude::*;

use super::plan::{Plan, turns};
use super::table;

/// All threads meet here, and see what the others have written to wherever this plan writes.
#[cube]
pub fn meet(#[comptime] plan: Plan) {
    if comptime!(plan.units_on_chip > 0 && plan.samples_on_chip > 0) {
        sync_cube();
    } else {
        sync_storage();
    }
}

/// All threads copy, side by side.
#[cube]
pub fn copy(from: &[f32], to: &mut [f32], length: usize, thread: usize, #[comptime] threads: usize) {
    let mut i = thread;
    while i < length {
        to[i] = from[i];
        i += threads;
    }
}

/// All threads put the inputs that a step of the full batch sees behind the residuals.
///
/// # Shapes
/// `seen`: [(1 + inputs) count]; residuals, then the inputs coordinate by coordinate
#[cube]
pub fn lay_out(seen: &mut [f32], row: &[u32], data: &[f32], thread: usize, #[comptime] plan: Plan) {
    let count = row[table::COUNT] as usize;
    let mut i = thread;
    while i < count {
        let from = row[table::DATA] as usize + visited(row, i, plan) as usize;
        #[unroll(comptime!(turns(plan.inputs).0 == 1))]
        for c in 0..comptime!(plan.inputs) {
            seen[count * (c + 1) + i] = data[from + c * row[table::EXAMPLES] as usize];
        }
        i += comptime!(plan.threads);
    }
}

/// The example that a step of the full batch sees as its `i`th.
#[cube]
pub fn visited(row: &[u32], i: usize, #[comptime] plan: Plan) -> u32 {
    let at = row[table::FIRST] + i as u32;
    if comptime!(plan.skips) { at + select(i as u32 >= row[table::BEFORE_SKIP], row[table::SKIP], 0u32) } else { at }
}
