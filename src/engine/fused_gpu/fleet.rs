//! Many networks on a GPU, in lockstep through one phase of training.

use super::device::{Gpu, GpuFault};
use super::launch::{self, Words};
use super::measure::SUMS;
use super::plan::{self, Plan, Shape, block, filled};
use super::table::{self, ROW};
use crate::engine::Outcome;
pub use crate::engine::fleet::{Collected, Common, Measured, Network, World};
use crate::engine::fused_cpu::{Snapshot, moments_of};
use crate::model::Parameters;
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
/// Loop iterations of one thread in one dispatch that llvmpipe carries out, less those of copying.
const LLVMPIPE_ITERATIONS: usize = 60_000;

/// Bytes that one network takes on a device, with what belongs to it alone.
pub fn bytes_of(width: usize, samples: usize, optimiser: OptimiserKind) -> u64 {
    let parameters = block(filled(width)) * (2 + moments_of(optimiser));
    4 * (parameters + 2 * samples + ROW) as u64
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
    grid_at: usize,
    weights_at: usize,
    examples: usize,
    step: u32,
}

impl Fleet {
    /// Puts networks on the device. All have made the same number of steps.
    ///
    /// # Panics
    /// If there are no networks, or shapes do not fit together.
    pub fn new(gpu: &Gpu, common: Common, worlds: &[World], networks: Vec<Network>) -> Self {
        let examples = worlds[0].x.len();
        let units = networks.iter().map(|network| filled(network.mlp.width)).max().unwrap_or(0);
        let samples = if common.batch > 0 { common.batch } else { examples };
        let shape = Shape {
            activation: common.activation,
            optimiser: common.optimiser,
            units,
            samples,
            sampled: common.batch > 0,
            stops: common.stop.is_some(),
        };
        let plan = Plan::new(&shape, gpu.room());

        let mut data: Vec<f32> = Vec::new();
        for world in worlds {
            assert!(world.x.len() == examples && world.y.len() == examples && world.test.len() == examples);
            data.extend(world.x.iter().chain(&world.y).chain(&world.test));
        }
        let grid_at = data.len();
        data.extend(&common.grid);
        let weights_at = data.len();
        data.extend(common.weights.iter().flatten().map(|weight| 2.0 * weight));

        let moments_each = moments_of(common.optimiser);
        let (mut theta, mut moments, mut start) = (Vec::new(), Vec::new(), Vec::new());
        let mut rows = Vec::with_capacity(networks.len());
        let mut samples_at = 0;
        for network in &networks {
            let mut row = [0u32; ROW];
            row[table::UNITS] = filled(network.mlp.width) as u32;
            row[table::THETA] = theta.len() as u32;
            row[table::MOMENTS] = moments.len() as u32;
            row[table::SAMPLES] = samples_at as u32;
            row[table::DATA] = (network.world * 3 * examples) as u32;
            row[table::EXAMPLES] = examples as u32;
            row[table::BATCHES] = network.batches as u32;
            row[table::RATE] = (network.learning_rate * network.mlp.rate_scale()).to_bits();
            row[table::RATE_B2] = network.learning_rate.to_bits();
            row[table::OUTPUT_SCALE] = network.mlp.output_scale().to_bits();
            row[table::START] = theta.len() as u32;
            row[table::TEST] = (network.world * 3 * examples + 2 * examples) as u32;
            if let Some(stop) = common.stop {
                row[table::WATCHED] = stop.examples as u32;
                row[table::LEVEL] = stop.level.to_bits();
            }
            if plan.samples_on_chip == 0 {
                samples_at += 2 * samples;
            }
            append(&mut theta, &network.at.parameters);
            append(&mut start, &network.start);
            assert_eq!(network.at.moments.len(), moments_each, "as many moments as the optimiser has");
            network.at.moments.iter().for_each(|moment| append(&mut moments, moment));
            rows.push(row);
        }
        let each = SUMS + common.grid.len();
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
            grid_at,
            weights_at,
            examples,
            step,
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
        let batch = self.common.batch;
        for (network, row) in self.networks.iter().zip(&mut self.rows) {
            let weights = &self.common.weights[network.weights];
            let watched = self.common.stop.map_or(0, |stop| stop.examples);
            let seen = |&(i, &weight): &(usize, &f32)| i < watched || weight != 0.0;
            let mut active = weights.iter().enumerate().filter(seen).map(|(i, _)| i);
            let first = active.next().unwrap_or(0);
            let last = active.next_back().unwrap_or(first);
            row[table::PULLS] = (self.weights_at + network.weights * self.examples) as u32;
            row[table::FIRST] = if batch > 0 { 0 } else { first as u32 };
            row[table::COUNT] = if batch > 0 { batch as u32 } else { (last + 1 - first) as u32 };
        }
        // A new buffer, not a write to the old one: a write may overtake dispatches that are enqueued.
        self.table = launch::words(&self.gpu, self.rows.as_flattened());
    }

    /// Most steps that [`Self::train`] may be asked for at once.
    ///
    /// Mesa's llvmpipe ends every loop of a thread, without a word, once the thread has gone through
    /// 65,535 iterations of any loops in one dispatch; elsewhere only the batches must stay small.
    pub fn most_steps(&self) -> u32 {
        let threads = self.plan.threads;
        let iterations = |row: &[u32; ROW]| {
            let (units, count) = (row[table::UNITS] as usize, row[table::COUNT] as usize);
            let rounds = count.div_ceil(threads * self.plan.samples_per_thread);
            let tile = self.plan.tile;
            let groups = units / tile.units;
            let splits = plan::splits(groups, threads);
            let first = rounds * (1 + units / plan::UNITS);
            let second = groups.div_ceil(threads).max(1) * (1 + count.div_ceil(splits * tile.samples))
                + (1 + splits) * units.div_ceil(threads);
            1 + first + second + if self.plan.stops { threads + first } else { 0 }
        };
        let worst = self.rows.iter().map(iterations).max().unwrap_or(1);
        let by_loops = if self.gpu.facts().is_llvmpipe() { (LLVMPIPE_ITERATIONS / worst).max(1) } else { usize::MAX };
        let rows = self.networks.iter().map(|network| network.batches + 1).max().unwrap_or(1);
        let by_batches = BATCHES_KEPT.checked_div(rows * self.common.batch).unwrap_or(MOST_STEPS).max(1);
        MOST_STEPS.min(by_loops).min(by_batches) as u32
    }

    /// Sample x unit x steps of one step of one network.
    pub fn work_per_step(&self, network: usize) -> f64 {
        f64::from(self.rows[network][table::COUNT]) * self.networks[network].mlp.width as f64
    }

    /// Enqueues `steps` steps of every network, in dispatches of at most about `most` sample x unit x steps,
    /// but at least one network and one step. `batches` has a row for each number in
    /// [`Network::batches`], [steps x batch] each.
    pub fn train(&mut self, steps: u32, batches: &[Vec<u32>], most: f64) {
        if steps == 0 {
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

    /// Whether another measurement has room before the next [`Self::collect`].
    pub fn has_room(&self) -> bool {
        self.measured < self.kept_most
    }

    /// Enqueues a measurement of every network.
    ///
    /// # Panics
    /// If there is no room.
    pub fn measure(&mut self) {
        assert!(self.has_room(), "measurements are read before there are too many");
        let each = SUMS + self.common.grid.len();
        let at = self.measured * each * self.networks.len();
        launch::measure(
            &self.gpu,
            [&self.theta, &self.start],
            &self.table,
            &self.data,
            &self.kept,
            self.networks.len(),
            [at, self.grid_at, self.common.grid.len()],
            self.common.labels,
            self.common.activation,
        );
        self.measured += 1;
    }

    /// Waits for everything enqueued, and reads how networks stand and what was measured.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn collect(&mut self) -> Result<Collected, GpuFault> {
        let each = SUMS + self.common.grid.len();
        let (count, measured) = (self.networks.len(), self.measured);
        self.measured = 0;
        let mut wanted = vec![self.status.handle.clone()];
        if measured > 0 {
            wanted.push(self.kept.front(measured * each * count));
        }
        let mut read = launch::read(&self.gpu, wanted).await?.into_iter();
        let statuses: Vec<u32> = read.next().as_ref().map(launch::as_words).unwrap_or_default();
        let outcomes = statuses
            .chunks_exact(table::STATUS)
            .map(|status| match status[0] {
                table::STOPPED => Some(Outcome::Stopped { step: status[1] }),
                table::DIVERGED => Some(Outcome::Diverged { step: status[1] }),
                _ => None,
            })
            .collect();
        let values: Vec<f32> = read.next().as_ref().map(launch::as_floats).unwrap_or_default();
        let samples = (self.examples / 2) as f32;
        let mut of_networks = values.chunks_exact(each).map(|values| Measured {
            means: [values[0], values[1], values[2], values[3], values[4]].map(|sum| sum / samples),
            distance: values[5].sqrt(),
            bounded: values[6] == 0.0,
            function: values[SUMS..].to_vec(),
        });
        let measured = (0..measured).map(|_| of_networks.by_ref().take(count).collect()).collect();
        Ok(Collected { outcomes, measured })
    }

    /// Where every network stands.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>, GpuFault> {
        let read = launch::read(&self.gpu, vec![self.theta.handle.clone(), self.moments.handle.clone()]).await?;
        let [theta, moments] = [0, 1].map(|k| read.get(k).map(launch::as_floats).unwrap_or_default());
        let each = moments_of(self.common.optimiser);
        let snapshot = |(network, row): (&Network, &[u32; ROW])| {
            let (width, units) = (network.mlp.width, row[table::UNITS] as usize);
            let parameters = extract(&theta[row[table::THETA] as usize..], width, units);
            let moments = (0..each)
                .map(|k| extract(&moments[row[table::MOMENTS] as usize + k * block(units)..], width, units))
                .collect();
            Snapshot { parameters, step: self.step, moments }
        };
        Ok(self.networks.iter().zip(&self.rows).map(snapshot).collect())
    }
}

/// Adam's corrections of the step after `step`: on the rate, and on the root of the second moment.
fn corrections(step: u32) -> [f32; 2] {
    let t = f64::from(step) + 1.0;
    let correction = |beta: f32| 1.0 - libm::pow(f64::from(beta), t);
    [(1.0 / correction(ADAM.0)) as f32, (1.0 / libm::sqrt(correction(ADAM.1))) as f32]
}

fn append(to: &mut Vec<f32>, parameters: &Parameters) {
    let width = parameters.w1.len();
    for row in [&parameters.w1, &parameters.b1, &parameters.w2] {
        to.extend(row);
        to.extend(core::iter::repeat_n(0.0, filled(width) - width));
    }
    to.extend([parameters.b2, 0.0, 0.0, 0.0]);
}

fn extract(from: &[f32], width: usize, units: usize) -> Parameters {
    let row = |k: usize| from[k * units..k * units + width].to_vec();
    Parameters { w1: row(0), b1: row(1), middle: Vec::new(), w2: row(2), b2: from[3 * units] }
}
