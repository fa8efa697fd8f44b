//! Many networks in lockstep through one phase of training.

use std::sync::Arc;

use burn_tensor::Device;

use super::forward::forward;
use super::measure::Kept;
use super::member::{Member, Standing};
use super::shape::Shape;
use super::squad::{Fault, Setting, Squad, read};
use super::task::tensor;
use crate::engine::fleet::{Collected, Common, Measured, World};
use crate::engine::fused_cpu::{Snapshot, moments_of};
use crate::engine::threads::{at_once, for_each};
use crate::model::Mlp;
use crate::train::OptimiserKind;

/// Values of one layer's activations of the networks that the CPU takes together: few enough to stay in a
/// near cache, many enough that small networks do not spend their time on asking.
const TOGETHER_ON_CPU: usize = 1 << 15;
/// The same on any other device, whose buffers have an end.
const TOGETHER_ELSEWHERE: usize = 1 << 24;
/// Bytes of measurements kept before they are read at once.
const KEPT_BYTES: usize = 32 << 20;
/// Measurements kept at most.
const KEPT: usize = 16;
/// Drawn indices given at once, at most.
const BATCHES_KEPT: usize = 4 << 20;

/// Bytes that one network with one output takes on a device, about: parameters, gradient, the start and moments, and of
/// each layer what its gradient needs of the examples; `samples` are what a step or a measurement sees at most.
pub fn bytes_of(mlp: &Mlp, samples: usize, optimiser: OptimiserKind) -> u64 {
    let of_layer = if mlp.block.has_norm() { 8 } else { 4 };
    let of_sample = mlp.inputs + of_layer * mlp.depth * mlp.width;
    4 * (mlp.parameter_count() * (4 + 2 * moments_of(optimiser)) + samples * of_sample) as u64
}

/// Networks in training, of any shapes.
///
/// ```
/// use lethe::engine::autodiff::{Device, Fleet, Member, Shape, Standing, at_once};
/// use lethe::engine::fleet::{Common, World};
/// use lethe::model::{Activation, Block, Mlp, Parameterisation};
/// use lethe::train::OptimiserKind;
///
/// let mlp = Mlp { depth: 3, block: Block::Residual, ..Mlp::on_a_line(16, Activation::Tanh, Parameterisation::Ntk) };
/// let start: Vec<f32> = mlp.init(&mut lethe::seed::Seed::new(0).stream()).iter().collect();
/// let line = World { x: vec![-1.0, 1.0], y: vec![0.0, 1.0], ..World::default() };
/// let common = Common {
///     activation: Activation::Tanh,
///     optimiser: OptimiserKind::Gd,
///     batch: 0,
///     stop: None,
///     weights: vec![vec![0.5, 0.5]],
/// };
/// let member = Member {
///     shape: Shape::scalar(mlp),
///     learning_rate: 0.05,
///     at: Standing::at_start(start.clone(), OptimiserKind::Gd),
///     start,
///     world: 0,
///     weights: 0,
///     batches: 0,
/// };
/// let mut fleet = Fleet::new(&Device::flex(), 1, common, vec![line], &[member]);
/// at_once(fleet.train(200, &[])).unwrap();
/// let f = at_once(fleet.predict(&[-1.0, 1.0])).unwrap();
/// assert!(f[0][0].abs() < 1e-2 && (f[0][1] - 1.0).abs() < 1e-2);
/// ```
pub struct Fleet {
    setting: Arc<Setting>,
    threads: usize,
    squads: Vec<Squad>,
    members: Vec<Member>,
    /// One entry per measurement that has not been read.
    kept: Vec<Vec<Kept>>,
    step: u32,
}

impl Fleet {
    /// Puts networks on a device; on the CPU they train on `threads` threads. All have made the same number
    /// of steps.
    ///
    /// # Panics
    /// If there are no networks, or shapes do not fit together.
    pub fn new(device: &Device, threads: usize, common: Common, worlds: Vec<World>, members: &[Member]) -> Self {
        assert!(!members.is_empty(), "a fleet has networks");
        for member in members {
            let (shape, moments) = (&member.shape, &member.at.moments);
            let world = &worlds[member.world];
            let examples = common.weights[member.weights].len();
            assert_eq!(world.x.len(), examples * shape.mlp.inputs, "as many inputs as weights");
            assert_eq!(world.y.len(), examples * shape.outputs, "as many targets as weights");
            assert_eq!(moments.len(), moments_of(common.optimiser), "as many moments as the optimiser has");
            assert_eq!(member.at.step, members[0].at.step, "networks in lockstep");
        }
        let samples = if common.batch > 0 { common.batch } else { common.weights[0].len() };
        let measured = |world: &World| {
            let values = world.tests.iter().map(|test| test.x.len()).sum::<usize>() + world.line.len();
            values / members[0].shape.mlp.inputs
        };
        let points = samples.max(worlds.first().map_or(0, measured));
        let setting = Arc::new(Setting { common, worlds, device: device.clone() });
        let on_cpu = *device == Device::flex();
        let most = |shape: &Shape| {
            let (width, units) = (shape.mlp.width, shape.mlp.width.max(shape.mlp.inputs).max(shape.outputs));
            if on_cpu {
                (TOGETHER_ON_CPU / (samples * width)).clamp(1, members.len().div_ceil(threads.max(1)))
            } else {
                (TOGETHER_ELSEWHERE / (points.max(width) * units)).max(1)
            }
        };
        let mut groups: Vec<Vec<(usize, &Member)>> = Vec::new();
        for (place, member) in members.iter().enumerate() {
            let open =
                groups.iter_mut().find(|group| group[0].1.shape == member.shape && group.len() < most(&member.shape));
            match open {
                Some(group) => group.push((place, member)),
                None => groups.push(vec![(place, member)]),
            }
        }
        Self {
            squads: groups.iter().map(|group| Squad::new(&setting, group)).collect(),
            threads: if on_cpu { threads } else { 1 },
            step: members[0].at.step,
            members: members.to_vec(),
            kept: Vec::new(),
            setting,
        }
    }

    /// Reads outputs, and so finds what has stopped or diverged, after so many steps at a time, at least one.
    ///
    /// It changes the speed and no result; by default it is what the device is best at.
    pub fn reading_outputs_every(mut self, steps: u32) -> Self {
        self.squads.iter_mut().for_each(|squad| squad.steps_unread = steps.max(1));
        self
    }

    /// Steps made in this phase by those that have not ended.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Networks.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Gives each network its row of weights from here on.
    pub fn weigh(&mut self, weights: &[usize]) {
        for (member, &weights) in self.members.iter_mut().zip(weights) {
            member.weights = weights;
        }
        self.squads.iter_mut().for_each(|squad| squad.weigh(weights));
    }

    /// Most steps that [`Self::train`] may be asked for at once: batches must stay small.
    pub fn most_steps(&self) -> u32 {
        let rows = self.members.iter().map(|member| member.batches + 1).max().unwrap_or(1);
        BATCHES_KEPT.checked_div(rows * self.setting.common.batch).map_or(u32::MAX, |steps| steps.max(1) as u32)
    }

    /// Sample x weight x steps of one step of one network: about a sixth of its floating-point operations.
    pub fn work_per_step(&self, network: usize) -> f64 {
        let member = &self.members[network];
        let common = &self.setting.common;
        let watched = common.stop.map_or(0, |stop| stop.examples);
        let weights = common.weights[member.weights].iter().enumerate();
        let counted = weights.filter(|&(i, &weight)| i < watched || weight != 0.0).count();
        let samples = if common.batch > 0 { common.batch } else { counted };
        samples as f64 * member.shape.parameter_count() as f64
    }

    /// Makes `steps` steps of every network that has not ended. `batches` has a row for each number in
    /// [`Member::batches`], `[steps x batch]` indices each; none for the full batch.
    ///
    /// # Errors
    /// If the device gives no answer.
    ///
    /// # Panics
    /// If there are too few indices, or one is out of range.
    pub async fn train(&mut self, steps: u32, batches: &[Vec<u32>]) -> Result<(), Fault> {
        let mut ended = Vec::new();
        if self.threads > 1 {
            let mut squads: Vec<_> = self.squads.iter_mut().map(|squad| (squad, Ok(Vec::new()))).collect();
            for_each(&mut squads, self.threads, |(squad, ended)| *ended = at_once(squad.train(steps, batches)));
            for (_, part) in squads {
                ended.extend(part?);
            }
        } else {
            for squad in &mut self.squads {
                ended.extend(squad.train(steps, batches).await?);
            }
        }
        self.squads.retain(|squad| !squad.places.is_empty());
        self.squads.extend(ended);
        self.step += steps;
        Ok(())
    }

    /// Whether another measurement has room before the next [`Self::collect`].
    pub fn has_room(&self) -> bool {
        let outputs = |member: &Member| {
            let world = &self.setting.worlds[member.world];
            let tests: usize = world.tests.iter().map(|test| test.y.len()).sum();
            4 * (tests + world.line.len() / member.shape.mlp.inputs)
        };
        let each: usize = self.members.iter().map(outputs).sum();
        self.kept.len() < (KEPT_BYTES / each.max(1)).clamp(1, KEPT)
    }

    /// Enqueues a measurement of every network.
    ///
    /// # Panics
    /// If there is no room, or networks have several outputs.
    pub fn measure(&mut self) {
        assert!(self.has_room(), "measurements are read before there are too many");
        let mut squads: Vec<_> = self.squads.iter().map(|squad| (squad, None)).collect();
        for_each(&mut squads, self.threads, |(squad, kept)| *kept = Some(Kept::of(squad)));
        self.kept.push(squads.into_iter().filter_map(|(_, kept)| kept).collect());
    }

    /// Reads how networks stand and what was measured.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn collect(&mut self) -> Result<Collected, Fault> {
        let mut measured = Vec::new();
        for kept in core::mem::take(&mut self.kept) {
            let mut all: Vec<(usize, Measured)> = Vec::with_capacity(self.len());
            for part in kept {
                all.extend(part.measured(&self.setting.worlds).await?);
            }
            all.sort_by_key(|&(place, _)| place);
            measured.push(all.into_iter().map(|(_, measured)| measured).collect());
        }
        let mut outcomes = vec![None; self.len()];
        for squad in &self.squads {
            squad.places.iter().for_each(|&place| outcomes[place] = squad.outcome);
        }
        Ok(Collected { outcomes, measured })
    }

    /// Where every network stands; one that has ended, where it ended.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn standings(&self) -> Result<Vec<Standing>, Fault> {
        let mut all = Vec::with_capacity(self.len());
        for squad in &self.squads {
            all.extend(squad.places.iter().copied().zip(squad.standings().await?));
        }
        all.sort_by_key(|&(place, _)| place);
        Ok(all.into_iter().map(|(_, standing)| standing).collect())
    }

    /// [`Self::standings`] as the fused engines have them.
    ///
    /// # Errors
    /// If the device gives no answer.
    ///
    /// # Panics
    /// If a network has several outputs.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>, Fault> {
        let standings = self.standings().await?;
        let snapshot = |(standing, member): (&Standing, &Member)| {
            standing.snapshot(&member.shape).expect("a snapshot is of a network with one output")
        };
        Ok(standings.iter().zip(&self.members).map(snapshot).collect())
    }

    /// Each network's outputs at `x`, `[points, inputs]` row by row: `[points, outputs]`.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn predict(&self, x: &[f32]) -> Result<Vec<Vec<f32>>, Fault> {
        let mut all = vec![Vec::new(); self.len()];
        for squad in &self.squads {
            let (networks, inputs) = (squad.places.len(), squad.shape.mlp.inputs);
            let x = tensor(x.repeat(networks), [networks, x.len() / inputs, inputs], &self.setting.device);
            let values = read(forward(&squad.shape, &squad.theta, x).reshape([-1])).await?;
            let each = values.len() / networks;
            squad.places.iter().enumerate().for_each(|(k, &place)| all[place] = values[k * each..][..each].to_vec());
        }
        Ok(all)
    }
}
