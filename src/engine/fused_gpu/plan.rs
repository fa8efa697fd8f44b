//! What a kernel is compiled for, and what fits into a workgroup's memory.

use crate::engine::fused_cpu::moments_of;
use crate::model::Activation;
use crate::train::OptimiserKind;

/// Units whose parameters one thread reads at a time. Widths are filled up to a multiple of it.
pub const UNITS: usize = 8;
/// Threads that share the samples of one group of units at most.
pub const SPLITS: usize = 16;

/// Numbers of the workgroup's memory that a network needs beside what is kept on chip.
const COMMON: usize = 64;

/// One variant of the training kernel; a device compiles it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    pub activation: Activation,
    pub optimiser: OptimiserKind,
    /// Threads of a workgroup, which trains one network.
    pub threads: usize,
    /// Samples whose outputs a thread sums at a time.
    pub samples_per_thread: usize,
    /// What of the gradient a thread sums at a time.
    pub tile: Tile,
    /// Room for one network's parameters in the workgroup's memory, in units; 0 leaves them in storage.
    pub units_on_chip: usize,
    /// Room for inputs and residuals there, in samples; 0 leaves them in storage.
    pub samples_on_chip: usize,
    /// Whether the optimiser's moments are there, too.
    pub moments_on_chip: bool,
    /// Whether batches are drawn.
    pub sampled: bool,
    /// Whether a stop rule holds.
    pub stops: bool,
}

/// Units and samples of the gradient that one thread has in its registers at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Units of a group; divides [`UNITS`].
    pub units: usize,
    /// Samples added to the group's sums in one turn.
    pub samples: usize,
}

impl Tile {
    /// A GPU has registers for the sums of eight units, so that every sample read serves eight times. A
    /// program that plays one has the processor's few, and does better with fewer sums and more samples in
    /// a turn: on SwiftShader two units and four samples take a fifth less time than eight and one.
    fn new(software: bool) -> Self {
        if software { Self { units: 2, samples: 4 } } else { Self { units: UNITS, samples: 1 } }
    }

    /// Sums that one thread hands on for its part of the samples: three for each unit, one for b2.
    pub const fn partials(self) -> usize {
        3 * self.units + 1
    }
}

/// What decides a [`Plan`].
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub activation: Activation,
    pub optimiser: OptimiserKind,
    /// Units of the widest network, filled up.
    pub units: usize,
    /// Most samples that one step sees.
    pub samples: usize,
    pub sampled: bool,
    pub stops: bool,
}

/// What a device offers a workgroup.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes of its memory.
    pub memory: usize,
    /// Threads.
    pub threads: usize,
    /// Whether a program plays the device.
    pub software: bool,
}

/// Length of one network's parameters: w1, b1 and w2 of `units` units, then b2 and three numbers that are 0.
pub const fn block(units: usize) -> usize {
    3 * units + 4
}

/// Units of a network, filled up.
pub const fn filled(width: usize) -> usize {
    width.div_ceil(UNITS) * UNITS
}

/// How many threads share the samples of one group of units.
pub fn splits(groups: usize, threads: usize) -> usize {
    (threads / groups).clamp(1, SPLITS)
}

impl Plan {
    /// What fits goes on chip: first inputs and residuals, which every thread reads, then parameters,
    /// then moments, which only their own thread reads. Capacities are powers of two, so that networks
    /// of similar width share a kernel.
    pub fn new(shape: &Shape, room: Room) -> Self {
        let wanted = match shape.units {
            0..=512 => 64,
            513..=2048 => 128,
            _ => 256,
        };
        let tile = Tile::new(room.software);
        // What threads hand on to each other takes memory, too: partial sums, and what outcomes are gathered in.
        let each_thread = tile.partials() + 2;
        let affordable = (room.memory / 4).saturating_sub(COMMON) / each_thread;
        let threads = wanted.min(previous_power_of_two(room.threads.min(affordable)));
        let mut left = (room.memory / 4).saturating_sub(each_thread * threads + COMMON);
        let mut take = |numbers: usize| {
            let fits = numbers <= left;
            left -= if fits { numbers } else { 0 };
            fits
        };
        let (units, samples) = (shape.units.next_power_of_two(), shape.samples.next_power_of_two());
        let samples_on_chip = if take(2 * samples) { samples } else { 0 };
        let units_on_chip = if take(block(units)) { units } else { 0 };
        let moments = moments_of(shape.optimiser);
        let moments_on_chip = moments > 0 && units_on_chip > 0 && take(moments * block(units));
        Self {
            activation: shape.activation,
            optimiser: shape.optimiser,
            threads,
            samples_per_thread: shape.samples.div_ceil(threads).clamp(1, 8).next_power_of_two(),
            tile,
            units_on_chip,
            samples_on_chip,
            moments_on_chip,
            sampled: shape.sampled,
            stops: shape.stops,
        }
    }
}

fn previous_power_of_two(n: usize) -> usize {
    1 << n.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fused_gpu::train::chip_moments;

    /// 16 KB and 256 threads are what every WebGPU device must offer.
    #[test]
    fn every_plan_fits_the_smallest_device() {
        for (memory, software) in [(16 << 10, false), (16 << 10, true), (32 << 10, false), (48 << 10, false)] {
            for width in (1..=4096).step_by(13).chain([4096]) {
                for (samples, optimiser) in
                    [(8192, OptimiserKind::Gd), (512, OptimiserKind::Adam), (2, OptimiserKind::Sgd)]
                {
                    let shape = Shape {
                        activation: Activation::Relu,
                        optimiser,
                        units: filled(width),
                        samples,
                        sampled: optimiser == OptimiserKind::Sgd,
                        stops: false,
                    };
                    let plan = Plan::new(&shape, Room { memory, threads: 256, software });
                    // As the kernel allocates it.
                    let kept = block(plan.units_on_chip) + chip_moments(&plan) + (2 * plan.samples_on_chip).max(1);
                    let bytes = 4 * (kept + (plan.tile.partials() + 2) * plan.threads);
                    assert!(bytes <= memory, "width {width}, {samples} samples: {bytes} of {memory} bytes, {plan:?}");
                    assert!(plan.threads >= 64, "{plan:?}");
                }
            }
        }
    }
}
