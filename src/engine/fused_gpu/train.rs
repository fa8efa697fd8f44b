//! The training kernel: one workgroup trains one network for many steps.
//!
//! A step has two halves with a barrier after each. In the first, threads own samples: they sum the
//! outputs over all units and leave the residuals where everyone can read them. In the second, threads
//! own groups of units ([`super::plan::Tile`]): they sum the gradient over the samples and step. Where
//! there are fewer groups than threads, several threads share the samples of a group and a third short half
//! adds up their parts. Activations are computed in both halves: keeping them would take more memory than a
//! workgroup has, and reading them back more time than the few operations of a tanh.
//!
//! Barriers stand in the loop over steps only, whose length is a launch argument: which network is
//! still running is a matter of predicates, since a barrier must be met by all threads or none.

#![expect(clippy::collapsible_if, reason = "what is known when a kernel is compiled is asked apart")]
#![expect(clippy::manual_is_multiple_of, reason = "the method is no device code")]

use cubecl::prelude::*;

use super::forward::forward;
use super::gradient::{descend, gather};
use super::plan::{Plan, block};
use super::stop::{holds, watched_error};
use super::table;
use super::workgroup::{copy, lay_out, meet};
use crate::engine::fused_cpu::moments_of;

/// Trains networks `first..` of the table for `steps` steps, the first of which is `first_step`.
///
/// # Shapes
/// - `theta`: parameters of all networks, [`block`] numbers each
/// - `moments`: as many, once for each moment
/// - `samples`: room for residuals and inputs that do not fit on chip
/// - `status`: [networks, [`table::STATUS`]]
/// - `table`: [networks, [`table::ROW`]]
/// - `data`: worlds and weights, where the table says
/// - `schedule`: Adam's two corrections (f32) for each step, then the batches
#[cube(launch_unchecked)]
pub fn train(
    theta: &mut [f32],
    moments: &mut [f32],
    samples: &mut [f32],
    status: &mut [u32],
    table: &[u32],
    data: &[f32],
    schedule: &[u32],
    first: u32,
    first_step: u32,
    steps: u32,
    epoch: u32,
    #[comptime] plan: Plan,
) {
    let threads = comptime!(plan.threads);
    let thread = UNIT_POS as usize;
    let network = CUBE_POS + first as usize;
    let row = &table[network * table::ROW..(network + 1) * table::ROW];
    let units = row[table::UNITS] as usize;
    let count = row[table::COUNT] as usize;
    let length = units * comptime!(plan.inputs + 2) + comptime!(block(0, plan.inputs));
    let seen_length = count * comptime!(1 + plan.inputs);
    let theta_at = row[table::THETA] as usize;
    let moments_at = row[table::MOMENTS] as usize;
    let moments_length = comptime!(moments_of(plan.optimiser)) * length;
    let samples_at = row[table::SAMPLES] as usize;

    let mut chip_theta = Shared::<[f32]>::new_slice(comptime!(plan.chip_parameters()));
    let mut chip_moments = Shared::<[f32]>::new_slice(comptime!(plan.chip_moments()));
    let mut chip_samples = Shared::<[f32]>::new_slice(comptime!(plan.chip_samples()));
    let mut partial = Shared::<[f32]>::new_slice(comptime!(plan.tile.partials() * plan.threads));
    let mut watch = Shared::<[f32]>::new_slice(comptime!(plan.threads));
    let mut fall = Shared::<[u32]>::new_slice(comptime!(plan.threads));

    if comptime!(plan.units_on_chip > 0) {
        copy(&theta[theta_at..theta_at + length], &mut chip_theta[..length], length, thread, threads);
    }
    if comptime!(plan.moments_on_chip) {
        copy(
            &moments[moments_at..moments_at + moments_length],
            &mut chip_moments[..moments_length],
            moments_length,
            thread,
            threads,
        );
    }
    let parameters = if comptime!(plan.units_on_chip > 0) {
        &mut chip_theta[..length]
    } else {
        &mut theta[theta_at..theta_at + length]
    };
    let state = if comptime!(plan.moments_on_chip) {
        &mut chip_moments[..moments_length]
    } else {
        &mut moments[moments_at..moments_at + moments_length]
    };
    let seen = if comptime!(plan.samples_on_chip > 0) {
        &mut chip_samples[..seen_length]
    } else {
        &mut samples[samples_at..samples_at + seen_length]
    };

    let mut running = status[network * table::STATUS] == table::RUNNING;
    let mut stopped = u32::MAX.runtime();
    let mut diverged = u32::MAX.runtime();

    if comptime!(!plan.sampled) {
        lay_out(seen, row, data, thread, plan);
    }
    meet(plan);

    for done in 0..steps {
        let step = first_step + done;
        if comptime!(plan.stops && plan.sampled) {
            if step % epoch == 0 {
                let mut own = 0.0f32.runtime();
                if running {
                    own = watched_error(parameters, row, data, thread, plan);
                }
                if holds(own, &mut watch, row, thread, plan) && running {
                    running = false;
                    stopped = step;
                }
            }
        }
        let mut own = 0.0f32.runtime();
        if running {
            own = forward(parameters, seen, row, data, schedule, steps, done, step, &mut diverged, thread, plan);
        }
        meet(plan);
        if comptime!(plan.stops && !plan.sampled) {
            if holds(own, &mut watch, row, thread, plan) && running {
                running = false;
                stopped = step;
            }
        }
        if running {
            descend(parameters, state, seen, &mut partial, row, schedule, done, thread, plan);
        }
        meet(plan);
        if running {
            gather(parameters, state, &partial, row, schedule, done, thread, plan);
        }
        meet(plan);
    }

    fall[thread] = diverged;
    sync_cube();
    if thread == 0 {
        let mut first_fall = u32::MAX.runtime();
        for k in 0..threads {
            first_fall = min(first_fall, fall[k]);
        }
        if first_fall != u32::MAX && first_fall <= stopped {
            status[network * table::STATUS] = table::DIVERGED;
            status[network * table::STATUS + 1] = first_fall;
        } else if stopped != u32::MAX {
            status[network * table::STATUS] = table::STOPPED;
            status[network * table::STATUS + 1] = stopped;
        }
    }
    if comptime!(plan.units_on_chip > 0) {
        copy(&chip_theta[..length], &mut theta[theta_at..theta_at + length], length, thread, threads);
    }
    if comptime!(plan.moments_on_chip) {
        copy(
            &chip_moments[..moments_length],
            &mut moments[moments_at..moments_at + moments_length],
            moments_length,
            thread,
            threads,
        );
    }
}
