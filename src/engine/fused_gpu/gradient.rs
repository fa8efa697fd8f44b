//! The second half of a step: the gradient.

use cubecl::prelude::*;

use super::plan::{Plan, SPLITS};
use super::sums::{sum_group_in_space, sum_group_on_line};
use super::table;
use super::update::{step_b2, step_unit};

/// How many threads share the samples of one group of units.
#[cube]
fn splits(groups: usize, #[comptime] threads: usize) -> usize {
    min(max(threads / groups, 1usize), comptime!(SPLITS))
}

/// The gradient: whole groups are stepped at once, parts of groups are left in `partial`.
///
/// # Shapes
/// - `partial`: [[`super::plan::Tile::partials`], threads]
#[cube]
pub fn descend(
    parameters: &mut [f32],
    moments: &mut [f32],
    seen: &mut [f32],
    partial: &mut [f32],
    row: &[u32],
    schedule: &[u32],
    done: u32,
    thread: usize,
    #[comptime] plan: Plan,
) {
    let threads = comptime!(plan.threads);
    let units = row[table::UNITS] as usize;
    let count = row[table::COUNT] as usize;
    let tile = comptime!(plan.tile);
    let groups = units / comptime!(tile.units);
    let splits = splits(groups, threads);
    let mut sums = Array::<f32>::new(comptime!(tile.partials()));
    if splits > 1 {
        let group = thread / splits;
        if group < groups {
            sum_group(parameters, seen, units, count, group, thread % splits, splits, &mut sums, plan);
            #[unroll]
            for k in 0..comptime!(tile.partials()) {
                partial[k * threads + thread] = sums[k];
            }
        }
    } else {
        let mut group = thread;
        while group < groups {
            sum_group(parameters, seen, units, count, group, 0usize, 1usize, &mut sums, plan);
            #[unroll]
            for j in 0..comptime!(tile.units) {
                let u = group * comptime!(tile.units) + j;
                step_unit(parameters, moments, u, &sums, comptime!(tile.sums) * j, row, schedule, done, plan);
            }
            if group == 0 {
                step_b2(parameters, moments, sums[comptime!(tile.partials() - 1)], row, schedule, done, plan);
            }
            group += threads;
        }
    }
}

/// Adds up the parts of groups and steps their units.
#[cube]
pub fn gather(
    parameters: &mut [f32],
    moments: &mut [f32],
    partial: &[f32],
    row: &[u32],
    schedule: &[u32],
    done: u32,
    thread: usize,
    #[comptime] plan: Plan,
) {
    let threads = comptime!(plan.threads);
    let units = row[table::UNITS] as usize;
    let tile = comptime!(plan.tile);
    let splits = splits(units / comptime!(tile.units), threads);
    if splits > 1 {
        let mut sums = Array::<f32>::new(comptime!(tile.sums));
        let mut u = thread;
        while u < units {
            let at = comptime!(tile.sums) * (u % comptime!(tile.units)) * threads + u / comptime!(tile.units) * splits;
            #[unroll]
            for k in 0..comptime!(tile.sums) {
                sums[k] = 0.0f32;
            }
            for part in 0..splits {
                #[unroll]
                for k in 0..comptime!(tile.sums) {
                    sums[k] += partial[at + threads * k + part];
                }
            }
            step_unit(parameters, moments, u, &sums, 0usize, row, schedule, done, plan);
            u += threads;
        }
        if thread == threads - 1 {
            let mut sum = 0.0f32.runtime();
            for part in 0..splits {
                sum += partial[comptime!((tile.partials() - 1) * plan.threads) + part];
            }
            step_b2(parameters, moments, sum, row, schedule, done, plan);
        }
    }
}

/// Sums of a group over the samples `part`, `part + splits`, ...
#[cube]
fn sum_group(
    parameters: &mut [f32],
    seen: &mut [f32],
    units: usize,
    count: usize,
    group: usize,
    part: usize,
    splits: usize,
    sums: &mut Array<f32>,
    #[comptime] plan: Plan,
) {
    #[unroll]
    for k in 0..comptime!(plan.tile.partials()) {
        sums[k] = 0.0f32;
    }
    if comptime!(plan.inputs == 1) {
        sum_group_on_line(parameters, seen, units, count, group, part, splits, sums, plan);
    } else {
        sum_group_in_space(parameters, seen, units, count, group, part, splits, sums, plan);
    }
}
