//! The sums over samples that a gradient is made of. With r = 2 weight (f - y), a = act(z) and d = act'(z) they are
//! for each unit sum r d x, coordinate by coordinate, then sum r d and sum r a; at last, for b2, sum r.

use cubecl::prelude::*;

use super::activation::{slope, value};
use super::plan::{Plan, turns};

/// Adds the samples `part`, `part + splits`, ... to the sums of a group of units, where points have one coordinate.
/// Behind a gate the sum r a is left 0.
#[cube]
pub fn sum_group_on_line(
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
    let gated = comptime!(plan.is_gated());
    let tile = comptime!(plan.tile);
    let mut w1 = Array::<f32>::new(comptime!(tile.units));
    let mut b1 = Array::<f32>::new(comptime!(tile.units));
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

/// The same for points of several coordinates: they are gone through twice, for z and for sum r d x.
#[cube]
pub fn sum_group_in_space(
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
    let tile = comptime!(plan.tile);
    let (inputs, each) = comptime!((plan.inputs, tile.samples));
    let (turns, turn) = comptime!(turns(inputs));
    let unit = group * comptime!(tile.units);
    let mut w1 = Array::<f32>::new(comptime!(tile.units));
    // z, then r d.
    let mut z = Array::<f32>::new(comptime!(tile.units * tile.samples));
    let mut first = part;
    while first < count {
        #[unroll]
        for j in 0..comptime!(tile.units) {
            let b1 = parameters[units * inputs + unit + j];
            #[unroll]
            for k in 0..each {
                z[j * each + k] = b1;
            }
        }
        #[unroll(comptime!(turns == 1))]
        for t in 0..turns {
            #[unroll]
            for n in 0..turn {
                let c = t * turn + n;
                #[unroll]
                for j in 0..comptime!(tile.units) {
                    w1[j] = parameters[units * c + unit + j];
                }
                #[unroll]
                for k in 0..each {
                    let x = seen[count * (c + 1) + place(first + k * splits, count, plan)];
                    #[unroll]
                    for j in 0..comptime!(tile.units) {
                        z[j * each + k] += w1[j] * x;
                    }
                }
            }
        }
        #[unroll]
        for k in 0..each {
            let own = first + k * splits;
            // Beyond the last sample a residual counts as 0.
            let seen = seen[place(own, count, plan)];
            let r = if comptime!(tile.samples > 1) { select(own < count, seen, 0.0f32) } else { seen };
            #[unroll]
            for j in 0..comptime!(tile.units) {
                let a = value(z[j * each + k], comptime!(plan.activation));
                let rd = r * slope(z[j * each + k], a, comptime!(plan.activation));
                z[j * each + k] = rd;
                sums[comptime!(tile.sums) * j + inputs] += rd;
                sums[comptime!(tile.sums) * j + comptime!(inputs + 1)] += r * a;
            }
            sums[comptime!(tile.partials() - 1)] += r;
        }
        #[unroll(comptime!(turns == 1))]
        for t in 0..turns {
            #[unroll]
            for n in 0..turn {
                let c = t * turn + n;
                #[unroll]
                for k in 0..each {
                    let x = seen[count * (c + 1) + place(first + k * splits, count, plan)];
                    #[unroll]
                    for j in 0..comptime!(tile.units) {
                        sums[comptime!(tile.sums) * j + c] += z[j * each + k] * x;
                    }
                }
            }
        }
        first += each * splits;
    }
}

/// Where a sample is, or the last one for those beyond it.
#[cube]
fn place(own: usize, count: usize, #[comptime] plan: Plan) -> usize {
    if comptime!(plan.tile.samples > 1) { min(own, count - 1) } else { own }
}
