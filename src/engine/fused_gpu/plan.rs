//! What a kernel is compiled for, and what fits into a workgroup's memory.

use crate::engine::fused_cpu::moments_of;
use crate::model::Activation;
use crate::train::OptimiserKind;

/// Units whose parameters one thread reads at a time. Widths are filled up to a multiple of it.
pub const UNITS: usize = 8;
/// Units whose z one thread sums at a time, where points have several coordinates.
pub const UNITS_IN_SPACE: usize = UNITS / 2;
/// Coordinates of a point that kernels go through in one turn. A kernel that has no turns but says 64 coordinates one
/// after the other takes minutes to compile.
const COORDINATES: usize = 8;
/// Threads that share the samples of one group of units at most.
pub const SPLITS: usize = 16;

/// Numbers of the workgroup's memory that a network needs beside what is kept on chip.
const COMMON: usize = 64;

/// One variant of the training kernel; a device compiles it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// Coordinates of a point, filled up. Where there is one, points lie on a line, and much is simpler.
    pub inputs: usize,
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
    /// Whether a step of the full batch may leave out examples between those it sees.
    pub skips: bool,
}

/// Units and samples of the gradient that one thread has in its registers at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tile {
    /// Units of a group; divides [`UNITS`].
    pub units: usize,
    /// Samples added to the group's sums in one turn.
    pub samples: usize,
    /// Sums of one unit: one for each parameter.
    pub sums: usize,
}

/// Sums of one thread at most, as long as a group has more than one unit.
const MOST_SUMS: usize = 41;

impl Tile {
    /// A GPU has registers for the sums of eight units, so that every sample read serves eight times. A
    /// program that plays one has the processor's few, and does better with fewer sums and more samples in
    /// a turn: on SwiftShader two units and four samples take a fifth less time than eight and one.
    ///
    /// A unit of many inputs has many sums. Then a group has fewer of them, and more samples take its place, so that
    /// every weight read serves them.
    fn new(software: bool, inputs: usize) -> Self {
        let sums = inputs + 2;
        let Some(most) = [8, 4, 2].into_iter().find(|units| units * sums < MOST_SUMS).filter(|_| !software) else {
            return Self { units: if software && 2 * sums < MOST_SUMS { 2 } else { 1 }, samples: 4, sums };
        };
        Self { units: most, samples: (UNITS / most).min(4), sums }
    }

    /// Sums that one thread hands on for its part of the samples: those of its units, and one for b2.
    pub const fn partials(self) -> usize {
        self.sums * self.units + 1
    }
}

/// What decides a [`Plan`].
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Coordinates of a point, filled up.
    pub inputs: usize,
    pub activation: Activation,
    pub optimiser: OptimiserKind,
    /// Units of the widest network, filled up.
    pub units: usize,
    /// Most samples that one step sees.
    pub samples: usize,
    pub sampled: bool,
    pub stops: bool,
    pub skips: bool,
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
pub const fn block(units: usize, inputs: usize) -> usize {
    (inputs + 2) * units + 4
}

/// Units of a network, filled up.
pub const fn filled(width: usize) -> usize {
    width.div_ceil(UNITS) * UNITS
}

/// Coordinates of a point, filled up: to a multiple of [`COORDINATES`] where there are more. Those beyond the point's
/// own are 0, and so are their weights.
pub const fn filled_inputs(inputs: usize) -> usize {
    if inputs > COORDINATES { inputs.next_multiple_of(COORDINATES) } else { inputs }
}

/// Turns in which kernels go through so many coordinates, and coordinates of each.
pub const fn turns(inputs: usize) -> (usize, usize) {
    if inputs > COORDINATES { (inputs / COORDINATES, COORDINATES) } else { (1, inputs) }
}

/// How many threads share the samples of one group of units.
fn splits(groups: usize, threads: usize) -> usize {
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
        let tile = Tile::new(room.software, shape.inputs);
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
        let samples_on_chip = if take((1 + shape.inputs) * samples) { samples } else { 0 };
        let parameters = block(units, shape.inputs);
        let units_on_chip = if take(parameters) { units } else { 0 };
        let moments = moments_of(shape.optimiser);
        let moments_on_chip = moments > 0 && units_on_chip > 0 && take(moments * parameters);
        // In space a thread also has the inputs of several units of all its samples in registers.
        let most_samples = if shape.inputs == 1 { 8 } else { 4 };
        Self {
            inputs: shape.inputs,
            activation: shape.activation,
            optimiser: shape.optimiser,
            threads,
            samples_per_thread: shape.samples.div_ceil(threads).clamp(1, most_samples).next_power_of_two(),
            tile,
            units_on_chip,
            samples_on_chip,
            moments_on_chip,
            sampled: shape.sampled,
            stops: shape.stops,
            skips: shape.skips,
        }
    }

    /// Loop iterations of one thread that puts the inputs of `count` examples where a step of the full batch sees them,
    /// once in a dispatch.
    pub fn iterations_of_laying_out(&self, count: usize) -> usize {
        let each = 1 + if turns(self.inputs).0 > 1 { self.inputs } else { 0 };
        if self.sampled { 0 } else { count.div_ceil(self.threads) * each }
    }

    /// Loop iterations of one thread in one step of a network of `units` that sees `count` examples and stops by
    /// `watched` of them.
    pub fn iterations_of_step(&self, units: usize, count: usize, watched: usize) -> usize {
        let Self { threads, tile, .. } = *self;
        let rounds = count.div_ceil(threads * self.samples_per_thread);
        let groups = units / tile.units;
        let splits = splits(groups, threads);
        let at_a_time = if self.inputs == 1 { UNITS } else { UNITS_IN_SPACE };
        let turns = iterations_of_turns(self.inputs);
        let drawn = if self.sampled && turns > 0 { self.samples_per_thread * self.inputs } else { 0 };
        let first = rounds * (1 + drawn + units / at_a_time * (1 + turns));
        let second = groups.div_ceil(threads).max(1) * (1 + count.div_ceil(splits * tile.samples) * (1 + 2 * turns))
            + (1 + splits + turns) * units.div_ceil(threads);
        let watch = if self.sampled { watched.div_ceil(threads) * iterations_of_output(units, self.inputs) } else { 0 };
        1 + first + second + if self.stops { threads + watch } else { 0 }
    }

    /// Whether act(z) = act'(z) z serves the gradient. It saves one sum of three on a line, and little in space.
    pub const fn is_gated(&self) -> bool {
        self.inputs == 1 && matches!(self.activation, Activation::Relu | Activation::Linear)
    }

    /// Numbers of the parameters kept on chip; a workgroup's array has at least one.
    pub const fn chip_parameters(&self) -> usize {
        block(self.units_on_chip, self.inputs)
    }

    /// Numbers of the moments kept on chip; at least one.
    pub fn chip_moments(&self) -> usize {
        if self.moments_on_chip { moments_of(self.optimiser) * self.chip_parameters() } else { 1 }
    }

    /// Numbers of residuals and inputs kept on chip; at least one.
    pub fn chip_samples(&self) -> usize {
        ((1 + self.inputs) * self.samples_on_chip).max(1)
    }
}

/// Loop iterations of one output of a network, and of going on to the next.
pub const fn iterations_of_output(units: usize, inputs: usize) -> usize {
    1 + units / UNITS * (1 + iterations_of_turns(inputs))
}

/// Iterations of the loop over coordinates; where there is one turn, there is no loop.
const fn iterations_of_turns(inputs: usize) -> usize {
    let (turns, _) = turns(inputs);
    if turns > 1 { turns } else { 0 }
}

fn previous_power_of_two(n: usize) -> usize {
    1 << n.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 16 KB and 256 threads are what every WebGPU device must offer.
    #[test]
    fn every_plan_fits_the_smallest_device() {
        for (memory, software) in [(16 << 10, false), (16 << 10, true), (32 << 10, false), (48 << 10, false)] {
            for (inputs, width) in
                [1, 2, 3, 5, 8, 16, 64].into_iter().flat_map(|d| (1..=4096).step_by(13).map(move |w| (d, w)))
            {
                for (samples, optimiser) in
                    [(8192, OptimiserKind::Gd), (512, OptimiserKind::Adam), (2, OptimiserKind::Sgd)]
                {
                    let shape = Shape {
                        inputs,
                        activation: Activation::Relu,
                        optimiser,
                        units: filled(width),
                        samples,
                        sampled: optimiser == OptimiserKind::Sgd,
                        stops: false,
                        skips: false,
                    };
                    let plan = Plan::new(&shape, Room { memory, threads: 256, software });
                    // As the kernel allocates it.
                    let kept = plan.chip_parameters() + plan.chip_moments() + plan.chip_samples();
                    let bytes = 4 * (kept + (plan.tile.partials() + 2) * plan.threads);
                    let name = format!("{inputs} inputs, width {width}, {samples} samples");
                    assert!(bytes <= memory, "{name}: {bytes} of {memory} bytes, {plan:?}");
                    assert!(plan.threads >= if inputs <= 8 { 64 } else { 32 }, "{name}: {plan:?}");
                }
            }
        }
    }

    #[test]
    fn on_a_line_a_tile_is_what_it_was_measured_to_be() {
        let tile = |software| Tile::new(software, 1);
        assert_eq!([tile(false).units, tile(false).samples, tile(false).partials()], [8, 1, 25]);
        assert_eq!([tile(true).units, tile(true).samples, tile(true).partials()], [2, 4, 7]);
    }
}
