//! Many networks on a GPU, in lockstep through one phase of training.

mod reading;

use super::device::{Gpu, GpuFault};
use super::launch::{self, Words};
use super::layout::{append, append_world};
use super::measure::{each, iterations_of_measurement};
use super::plan::{Plan, Shape, block, filled, filled_inputs};
use super::seen::Seen;
use super::table::{self, ROW};
pub use crate::engine::fleet::{Collected, Common, Measured, Network, World};
use crate::engine::fused_cpu::moments_of;
use crate::train::OptimiserKind;
use crate::train::optimiser::ADAM;

/// Bytes of measurements kept on the device before they are read at once.
const KEPT_BYTES: usize = 32 << 20;
/// Measurements kept at most.
const KEPT: usize = 16;

/// Steps of one dispatch at most: beyond that there is nothing to gain.
const MOST_STEPS: usize = 8192;
/// Drawn indices sent to the device at once, at most.
const BATCHES_KEPT: usize = 4 << 20;
/// Loop iterations of one thread in one dispatch that llvmpipe carries out, less those of copying what is kept on chip.
const LLVMPIPE_ITERATIONS: usize = 60_000;

/// Bytes that one network takes on a device, with what belongs to it alone; `samples` are what a step sees at most.
pub fn bytes_of(inputs: usize, width: usize, samples: usize, optimiser: OptimiserKind) -> u64 {
    let inputs = filled_inputs(inputs);
    let parameters = block(filled(width), inputs) * (2 + moments_of(optimiser));
    4 * (parameters + (1 + inputs) * samples + ROW) as u64
}

/// Bytes that the world of one seed takes there, but for its line.
pub fn bytes_of_world(inputs: usize, examples: usize) -> u64 {
    4 * ((2 * filled_inputs(inputs) + 3) * examples) as u64
}

/// Networks in training.
pub struct Fleet {
    gpu: Gpu,
    plan: Plan,
    common: Common,
    networks: Vec<Network>,
    rows: Vec<[u32; ROW]>,
    theta: Words,
    moments: Words,
    samples: Words,
    status: Words,
    table: Words,
    data: Words,
    start: Words,
    kept: Words,
    kept_most: usize,
    measured: usize,
    weights_at: usize,
    examples: usize,
    /// Of each task, whether pre-training taught other labels.
    relabels: Vec<bool>,
    /// Points of each world's line.
    line: usize,
    step: u32,
    /// Why nothing is asked of the device.
    fault: Option<GpuFault>,
}

impl Fleet {
    /// Puts networks on the device. All have made the same number of steps.
    ///
    /// # Panics
    /// If there are no networks, or shapes do not fit together.
    pub fn new(gpu: &Gpu, common: Common, worlds: &[World], networks: Vec<Network>) -> Self {
        let mlp = networks[0].mlp;
        let inputs = mlp.inputs;
        let (examples, tasks, line) = (worlds[0].y.len(), worlds[0].tests.len(), worlds[0].line.len() / inputs);
        let units = networks.iter().map(|network| filled(network.mlp.width)).max().unwrap_or(0);
        // Of a long sequence a step sees some tasks, of two tasks both or one.
        let skips = tasks > 2;
        let watched = common.stop.map_or(0, |stop| stop.examples);
        let samples = match common.batch {
            0 if skips => common.weights.iter().map(|row| Seen::of(row, watched, skips).count).max().unwrap_or(0),
            0 => examples,
            batch => batch,
        };
        let coordinates = filled_inputs(inputs);
        let shape = Shape {
            inputs: coordinates,
            activation: common.activation,
            optimiser: common.optimiser,
            units,
            samples,
            sampled: common.batch > 0,
            stops: common.stop.is_some(),
            skips,
        };
        let plan = Plan::new(&shape, gpu.room());

        let mut data: Vec<f32> = Vec::new();
        let mut worlds_at = Vec::with_capacity(worlds.len());
        for world in worlds {
            let alike = [world.y.len(), world.tests.len(), world.line.len()] == [examples, tasks, line * inputs];
            assert!(alike, "worlds of one shape");
            worlds_at.push(data.len());
            append_world(&mut data, world, inputs, mlp.hidden_scale(inputs));
        }
        let weights_at = data.len();
        data.extend(common.weights.iter().flatten().map(|weight| 2.0 * weight));

        let moments_each = moments_of(common.optimiser);
        let (mut theta, mut moments, mut start) = (Vec::new(), Vec::new(), Vec::new());
        let mut rows = Vec::with_capacity(networks.len());
        let mut samples_at = 0;
        for network in &networks {
            assert_eq!(network.mlp.inputs, inputs, "networks of one world");
            let mut row = [0u32; ROW];
            row[table::UNITS] = filled(network.mlp.width) as u32;
            row[table::THETA] = theta.len() as u32;
            row[table::MOMENTS] = moments.len() as u32;
            row[table::SAMPLES] = samples_at as u32;
            row[table::DATA] = worlds_at[network.world] as u32;
            row[table::EXAMPLES] = examples as u32;
            row[table::BATCHES] = network.batches as u32;
            row[table::RATE] = (network.learning_rate * network.mlp.rate_scale()).to_bits();
            row[table::RATE_B2] = network.learning_rate.to_bits();
            row[table::OUTPUT_SCALE] = network.mlp.output_scale().to_bits();
            row[table::START] = theta.len() as u32;
            row[table::TEST] = (worlds_at[network.world] + (coordinates + 1) * examples) as u32;
            if let Some(stop) = common.stop {
                row[table::WATCHED] = stop.examples as u32;
                row[table::LEVEL] = stop.level.to_bits();
            }
            if plan.samples_on_chip == 0 {
                samples_at += (1 + coordinates) * samples;
            }
            append(&mut theta, &network.mlp, &network.at.parameters);
            append(&mut start, &network.mlp, &network.start);
            assert_eq!(network.at.moments.len(), moments_each, "as many moments as the optimiser has");
            network.at.moments.iter().for_each(|moment| append(&mut moments, &network.mlp, moment));
            rows.push(row);
        }
        let each = each(tasks, line);
        let kept_most = (KEPT_BYTES / (4 * each * networks.len())).clamp(1, KEPT);
        let step = networks.first().map_or(0, |network| network.at.step);
        let statuses = vec![0u32; networks.len() * table::STATUS];
        let mut fleet = Self {
            plan,
            theta: launch::floats(gpu, &theta),
            moments: launch::floats(gpu, &moments),
            samples: launch::room(gpu, samples_at),
            status: launch::words(gpu, &statuses),
            table: launch::words(gpu, rows.as_flattened()),
            data: launch::floats(gpu, &data),
            start: launch::floats(gpu, &start),
            kept: launch::room(gpu, kept_most * each * networks.len()),
            kept_most,
            measured: 0,
            weights_at,
            examples,
            relabels: worlds[0].tests.iter().map(|test| test.before.is_some()).collect(),
            line,
            step,
            fault: None,
            rows,
            networks,
            common,
            gpu: gpu.clone(),
        };
        fleet.tabulate();
        fleet
    }

    /// Steps made in this phase.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Networks.
    pub fn len(&self) -> usize {
        self.networks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Gives each network its row of weights from here on.
    pub fn weigh(&mut self, weights: &[usize]) {
        for (network, &weights) in self.networks.iter_mut().zip(weights) {
            network.weights = weights;
        }
        self.tabulate();
    }

    fn tabulate(&mut self) {
        let watched = self.common.stop.map_or(0, |stop| stop.examples);
        for (network, row) in self.networks.iter().zip(&mut self.rows) {
            let seen = match self.common.batch {
                0 => Seen::of(&self.common.weights[network.weights], watched, self.plan.skips),
                batch => Seen { first: 0, count: batch, before_skip: 0, skip: 0 },
            };
            row[table::PULLS] = (self.weights_at + network.weights * self.examples) as u32;
            row[table::FIRST] = seen.first as u32;
            row[table::COUNT] = seen.count as u32;
            row[table::BEFORE_SKIP] = seen.before_skip as u32;
            row[table::SKIP] = seen.skip as u32;
        }
        // A new buffer, not a write to the old one: a write may overtake dispatches that are enqueued.
        self.table = launch::words(&self.gpu, self.rows.as_flattened());
        self.fault = self.too_much();
    }

    /// Most steps that [`Self::train`] may be asked for at once.
    ///
    /// Mesa's llvmpipe ends every loop of a thread, without a word, once the thread has gone through
    /// 65,535 iterations of any loops in one dispatch; elsewhere only the batches must stay small.
    pub fn most_steps(&self) -> u32 {
        let by_loops = if self.gpu.facts().is_llvmpipe() {
            let left = LLVMPIPE_ITERATIONS.saturating_sub(self.iterations_of_laying_out());
            (left / self.iterations_of_step()).max(1)
        } else {
            usize::MAX
        };
        let rows = self.networks.iter().map(|network| network.batches + 1).max().unwrap_or(1);
        let by_batches = BATCHES_KEPT.checked_div(rows * self.common.batch).unwrap_or(MOST_STEPS).max(1);
        MOST_STEPS.min(by_loops).min(by_batches) as u32
    }

    /// Loop iterations of one thread in one step, at most.
    fn iterations_of_step(&self) -> usize {
        let iterations = |row: &[u32; ROW]| {
            let [units, count, watched] = [table::UNITS, table::COUNT, table::WATCHED].map(|at| row[at] as usize);
            self.plan.iterations_of_step(units, count, watched)
        };
        self.rows.iter().map(iterations).max().unwrap_or(1)
    }

    /// Loop iterations of one thread before the first step of a dispatch, at most.
    fn iterations_of_laying_out(&self) -> usize {
        let iterations = |row: &[u32; ROW]| self.plan.iterations_of_laying_out(row[table::COUNT] as usize);
        self.rows.iter().map(iterations).max().unwrap_or(0)
    }

    /// What is too much for llvmpipe even in a dispatch of its own (see [`Self::most_steps`]).
    fn too_much(&self) -> Option<GpuFault> {
        let units = self.rows.iter().map(|row| row[table::UNITS] as usize).max().unwrap_or(0);
        let samples = self.examples / self.relabels.len().max(1);
        let measurement = iterations_of_measurement(units, self.plan.inputs, samples, self.line);
        let worst = (self.iterations_of_laying_out() + self.iterations_of_step()).max(measurement);
        let too_much = self.gpu.facts().is_llvmpipe() && worst > LLVMPIPE_ITERATIONS;
        too_much.then(|| {
            GpuFault(format!(
                "llvmpipe ends loops after 65,535 iterations, and networks of {units} units on points of {} coordinates \
                 take {worst} in one step or measurement",
                self.plan.inputs
            ))
        })
    }

    /// Sample x unit x steps of one step of one network, in units on a line, which have three parameters.
    fn work_per_step(&self, network: usize) -> f64 {
        let mlp = &self.networks[network].mlp;
        f64::from(self.rows[network][table::COUNT]) * (mlp.width * (mlp.inputs + 2)) as f64 / 3.0
    }

    /// Enqueues `steps` steps of every network, in dispatches of at most about `most` sample x unit x steps,
    /// but at least one network and one step. `batches` has a row for each number in
    /// [`Network::batches`], [steps x batch] each.
    pub fn train(&mut self, steps: u32, batches: &[Vec<u32>], most: f64) {
        if steps == 0 || self.fault.is_some() {
            return;
        }
        let mut schedule: Vec<u32> = Vec::with_capacity(2 * steps as usize);
        for step in self.step..self.step + steps {
            schedule.extend(corrections(step).map(f32::to_bits));
        }
        for row in batches {
            assert_eq!(row.len(), steps as usize * self.common.batch, "a batch for every step");
            schedule.extend(row);
        }
        let schedule = launch::words(&self.gpu, &schedule);
        let epoch = if self.common.batch > 0 { self.examples.div_ceil(self.common.batch).max(1) as u32 } else { 1 };
        let mut first = 0;
        while first < self.networks.len() {
            let mut last = first;
            let mut work = 0.0;
            while last < self.networks.len() && (last == first || work < most) {
                work += f64::from(steps) * self.work_per_step(last);
                last += 1;
            }
            launch::train(
                &self.gpu,
                self.plan,
                [&self.theta, &self.moments, &self.samples],
                &self.status,
                &self.table,
                &self.data,
                &schedule,
                first..last,
                [self.step, steps, epoch],
            );
            first = last;
        }
        self.step += steps;
    }
}

/// Adam's corrections of the step after `step`: on the rate, and on the root of the second moment.
fn corrections(step: u32) -> [f32; 2] {
    let t = f64::from(step) + 1.0;
    let correction = |beta: f32| 1.0 - libm::pow(f64::from(beta), t);
    [(1.0 / correction(ADAM.0)) as f32, (1.0 / libm::sqrt(correction(ADAM.1))) as f32]
}
