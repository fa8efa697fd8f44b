//! The first half of a step: outputs and residuals.

#![expect(clippy::collapsible_if, reason = "what is known when a kernel is compiled is asked apart")]

use cubecl::prelude::*;

use super::activation::value;
use super::output::is_unbounded;
use super::plan::{Plan, UNITS, UNITS_IN_SPACE, turns};
use super::table::{self, real};
use super::workgroup::visited;

/// Outputs and residuals of this thread's samples: `seen[i]` becomes 2 weight (f - y). Returns the sum of
/// (f - y)^2 over those of them that the stop rule watches.
///
/// # Shapes
/// - `parameters`: [`super::plan::block`]; w1, b1, w2, b2
/// - `seen`: [(1 + inputs) count]; residuals, then the inputs coordinate by coordinate
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
    let examples = row[table::EXAMPLES] as usize;
    let inputs = row[table::DATA] as usize;
    let targets = inputs + examples * comptime!(plan.inputs);
    let pulls = row[table::PULLS] as usize;
    let scale = real(row, table::OUTPUT_SCALE);
    let b2 = parameters[units * comptime!(plan.inputs + 2)];
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
                #[unroll(comptime!(turns(plan.inputs).0 == 1))]
                for c in 0..comptime!(plan.inputs) {
                    seen[count * (c + 1) + i] = data[inputs + examples * c + example[j] as usize];
                }
            } else {
                example[j] = visited(row, i, plan);
            }
            x[j] = seen[count + i];
            f[j] = 0.0f32;
        }
        if comptime!(plan.inputs == 1) {
            add_units_on_line(parameters, units, &x, &mut f, plan);
        } else {
            add_units_in_space(parameters, units, seen, count, base, &mut x, &mut f, plan);
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

/// Adds w2 . act(w1 x + b1) for the samples at `x`.
#[cube]
fn add_units_on_line(parameters: &mut [f32], units: usize, x: &Array<f32>, f: &mut Array<f32>, #[comptime] plan: Plan) {
    for group in 0..units / comptime!(UNITS) {
        #[unroll]
        for k in 0..comptime!(UNITS) {
            let u = group * comptime!(UNITS) + k;
            let w1 = parameters[u];
            let b1 = parameters[units + u];
            let w2 = parameters[units * 2 + u];
            #[unroll]
            for j in 0..comptime!(plan.samples_per_thread) {
                f[j] += w2 * value(w1 * x[j] + b1, comptime!(plan.activation));
            }
        }
    }
}

/// Adds w2 . act(W1 x + b1) for this thread's samples from `base` on; `x` has room for one coordinate of each.
#[cube]
fn add_units_in_space(
    parameters: &mut [f32],
    units: usize,
    seen: &mut [f32],
    count: usize,
    base: usize,
    x: &mut Array<f32>,
    f: &mut Array<f32>,
    #[comptime] plan: Plan,
) {
    let inputs = comptime!(plan.inputs);
    let (turns, turn) = comptime!(turns(inputs));
    let each = comptime!(plan.samples_per_thread);
    let mut z = Array::<f32>::new(comptime!(UNITS_IN_SPACE * each));
    for group in 0..units / comptime!(UNITS_IN_SPACE) {
        let first = group * comptime!(UNITS_IN_SPACE);
        #[unroll]
        for k in 0..comptime!(UNITS_IN_SPACE) {
            let b1 = parameters[units * inputs + first + k];
            #[unroll]
            for j in 0..each {
                z[k * each + j] = b1;
            }
        }
        #[unroll(comptime!(turns == 1))]
        for t in 0..turns {
            #[unroll]
            for n in 0..turn {
                let c = t * turn + n;
                #[unroll]
                for j in 0..each {
                    x[j] = seen[count * (c + 1) + min(base + j * comptime!(plan.threads), count - 1)];
                }
                #[unroll]
                for k in 0..comptime!(UNITS_IN_SPACE) {
                    let w1 = parameters[units * c + first + k];
                    #[unroll]
                    for j in 0..each {
                        z[k * each + j] += w1 * x[j];
                    }
                }
            }
        }
        #[unroll]
        for k in 0..comptime!(UNITS_IN_SPACE) {
            let w2 = parameters[units * comptime!(inputs + 1) + first + k];
            #[unroll]
            for j in 0..each {
                f[j] += w2 * value(z[k * each + j], comptime!(plan.activation));
            }
        }
    }
}
