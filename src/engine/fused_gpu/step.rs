//! The halves of one training step, as device code.

#![expect(clippy::collapsible_if, reason = "what is known when a kernel is compiled is asked apart")]
#![expect(clippy::needless_range_loop, reason = "kernels index their arrays")]

use cubecl::prelude::*;

use super::activation::{slope, value};
use super::plan::{Plan, SPLITS, UNITS};
use super::table;
use crate::model::Activation;
use crate::train::OptimiserKind;
use crate::train::optimiser::{ADAM, MOMENTUM};

/// Bits of the largest magnitude that an output may have. As integers, infinities and NaN are larger,
/// whatever the device's compiler assumes about them as floating-point numbers.
const LARGEST_BITS: u32 = crate::engine::LARGEST_OUTPUT.to_bits();
const MAGNITUDE: u32 = 0x7fff_ffff;

/// Whether an output is beyond the largest magnitude, or no number.
#[cube]
pub fn is_unbounded(f: f32) -> bool {
    (u32::reinterpret(f) & MAGNITUDE) > LARGEST_BITS
}

/// An f32 of a row.
#[cube]
pub fn real(row: &[u32], #[comptime] at: usize) -> f32 {
    f32::reinterpret(row[at])
}

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

/// Outputs and residuals of this thread's samples: `seen[i]` becomes 2 weight (f - y). Returns the sum of
/// (f - y)^2 over those of them that the stop rule watches.
///
/// # Shapes
/// - `parameters`: [`super::plan::block`]; w1, b1, w2, b2
/// - `seen`: [2 count]; residuals, then inputs
#[cube]
pub fn forward(
    parameters: &mut [f32],
    seen: &mut [f32],
    row: &[u32],
    data: &[f32],
    schedule: &[u32],
    steps: u32,
    done: u32,
    step: u32,
    diverged: &mut u32,
    thread: usize,
    #[comptime] plan: Plan,
) -> f32 {
    let units = row[table::UNITS] as usize;
    let count = row[table::COUNT] as usize;
    let first = row[table::FIRST] as usize;
    let inputs = row[table::DATA] as usize;
    let targets = inputs + row[table::EXAMPLES] as usize;
    let pulls = row[table::PULLS] as usize;
    let scale = real(row, table::OUTPUT_SCALE);
    let b2 = parameters[units * 3];
    let threads = comptime!(plan.threads);
    let each = comptime!(plan.samples_per_thread);
    let mut watched = 0.0f32.runtime();
    let mut base = thread;
    while base < count {
        let mut x = Array::<f32>::new(each);
        let mut f = Array::<f32>::new(each);
        let mut example = Array::<u32>::new(each);
        #[unroll]
        for j in 0..each {
            let i = min(base + j * threads, count - 1);
            if comptime!(plan.sampled) {
                let drawn = row[table::BATCHES] as usize * steps as usize + done as usize;
                let batch = steps as usize * 2 + drawn * count;
                example[j] = schedule[batch + i];
                x[j] = data[inputs + example[j] as usize];
                seen[count + i] = x[j];
            } else {
                example[j] = (first + i) as u32;
                x[j] = seen[count + i];
            }
            f[j] = 0.0f32;
        }
        for group in 0..units / comptime!(UNITS) {
            #[unroll]
            for k in 0..comptime!(UNITS) {
                let u = group * comptime!(UNITS) + k;
                let w1 = parameters[u];
                let b1 = parameters[units + u];
                let w2 = parameters[units * 2 + u];
                #[unroll]
                for j in 0..each {
                    f[j] += w2 * value(w1 * x[j] + b1, comptime!(plan.activation));
                }
            }
        }
        #[unroll]
        for j in 0..each {
            let i = base + j * threads;
            if i < count {
                let output = scale * f[j] + b2;
                let residual = output - data[targets + example[j] as usize];
                if comptime!(plan.sampled) {
                    seen[i] = residual * (2.0f32 / f32::cast_from(count));
                } else {
                    seen[i] = residual * data[pulls + example[j] as usize];
                }
                if is_unbounded(output) {
                    *diverged = min(*diverged, step);
                }
                if comptime!(plan.stops && !plan.sampled) {
                    if example[j] < row[table::WATCHED] {
                        watched += residual * residual;
                    }
                }
            }
        }
        base += each * threads;
    }
    watched
}

/// This thread's part of the sum of (f - y)^2 over the watched examples, by a pass of its own.
#[cube]
pub fn watched_error(parameters: &mut [f32], row: &[u32], data: &[f32], thread: usize, #[comptime] plan: Plan) -> f32 {
    let units = row[table::UNITS] as usize;
    let inputs = row[table::DATA] as usize;
    let targets = inputs + row[table::EXAMPLES] as usize;
    let mut sum = 0.0f32.runtime();
    let mut i = thread;
    while i < row[table::WATCHED] as usize {
        let f = output(
            &parameters[..units * 3 + 4],
            units,
            real(row, table::OUTPUT_SCALE),
            data[inputs + i],
            comptime!(plan.activation),
        );
        let residual = f - data[targets + i];
        sum += residual * residual;
        i += comptime!(plan.threads);
    }
    sum
}

/// f(x).
#[cube]
pub fn output(parameters: &[f32], units: usize, scale: f32, x: f32, #[comptime] activation: Activation) -> f32 {
    let mut sum = 0.0f32.runtime();
    for group in 0..units / comptime!(UNITS) {
        #[unroll]
        for k in 0..comptime!(UNITS) {
            let u = group * comptime!(UNITS) + k;
            sum += parameters[units * 2 + u] * value(parameters[u] * x + parameters[units + u], activation);
        }
    }
    scale * sum + parameters[units * 3]
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
                step_unit(
                    parameters,
                    moments,
                    u,
                    sums[3 * j],
                    sums[3 * j + 1],
                    sums[3 * j + 2],
                    row,
                    schedule,
                    done,
                    plan,
                );
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
        let mut u = thread;
        while u < units {
            let at = 3 * (u % comptime!(tile.units)) * threads + u / comptime!(tile.units) * splits;
            let mut g1 = 0.0f32.runtime();
            let mut g0 = 0.0f32.runtime();
            let mut g2 = 0.0f32.runtime();
            for part in 0..splits {
                g1 += partial[at + part];
                g0 += partial[at + threads + part];
                g2 += partial[at + threads * 2 + part];
            }
            step_unit(parameters, moments, u, g1, g0, g2, row, schedule, done, plan);
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

/// Sums over samples `part`, `part + splits`, ...: for each unit of a group sum r d x, sum r d and
/// sum r a (for gated activations the last is left 0), then sum r.
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
    let gated = comptime!(matches!(plan.activation, Activation::Relu | Activation::Linear));
    let tile = comptime!(plan.tile);
    let mut w1 = Array::<f32>::new(comptime!(tile.units));
    let mut b1 = Array::<f32>::new(comptime!(tile.units));
    #[unroll]
    for k in 0..comptime!(tile.partials()) {
        sums[k] = 0.0f32;
    }
    #[unroll]
    for j in 0..comptime!(tile.units) {
        w1[j] = parameters[group * comptime!(tile.units) + j];
        b1[j] = parameters[units + group * comptime!(tile.units) + j];
    }
    let mut first = part;
    while first < count {
        #[unroll]
        for k in 0..comptime!(tile.samples) {
            let own = first + k * splits;
            // Beyond the last sample a residual counts as 0.
            let i = if comptime!(tile.samples > 1) { min(own, count - 1) } else { own };
            let r = if comptime!(tile.samples > 1) { select(own < count, seen[i], 0.0f32) } else { seen[i] };
            let x = seen[count + i];
            #[unroll]
            for j in 0..comptime!(tile.units) {
                let z = w1[j] * x + b1[j];
                if gated {
                    let open = r * slope(z, z, comptime!(plan.activation));
                    sums[3 * j] += open * x;
                    sums[3 * j + 1] += open;
                } else {
                    let a = value(z, comptime!(plan.activation));
                    let rd = r * slope(z, a, comptime!(plan.activation));
                    sums[3 * j] += rd * x;
                    sums[3 * j + 1] += rd;
                    sums[3 * j + 2] += r * a;
                }
            }
            sums[comptime!(tile.partials() - 1)] += r;
        }
        first += comptime!(tile.samples) * splits;
    }
}

/// Steps w1, b1 and w2 of one unit. Behind a gate act(z) = d z, so that the gradient of w2 follows from
/// the other two sums.
#[cube]
fn step_unit(
    parameters: &mut [f32],
    moments: &mut [f32],
    u: usize,
    g1: f32,
    g0: f32,
    g2: f32,
    row: &[u32],
    schedule: &[u32],
    done: u32,
    #[comptime] plan: Plan,
) {
    let gated = comptime!(matches!(plan.activation, Activation::Relu | Activation::Linear));
    let units = row[table::UNITS] as usize;
    let scale = real(row, table::OUTPUT_SCALE);
    let rate = real(row, table::RATE);
    let w1 = parameters[u];
    let b1 = parameters[units + u];
    let w2 = parameters[units * 2 + u];
    let outer = if gated { w1 * g1 + b1 * g0 } else { g2 };
    step_one(parameters, moments, u, scale * w2 * g1, rate, row, schedule, done, plan);
    step_one(parameters, moments, units + u, scale * w2 * g0, rate, row, schedule, done, plan);
    step_one(parameters, moments, units * 2 + u, scale * outer, rate, row, schedule, done, plan);
}

#[cube]
fn step_b2(
    parameters: &mut [f32],
    moments: &mut [f32],
    gradient: f32,
    row: &[u32],
    schedule: &[u32],
    done: u32,
    #[comptime] plan: Plan,
) {
    let at = row[table::UNITS] as usize * 3;
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
        let second = row[table::UNITS] as usize * 3 + 4 + at;
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
