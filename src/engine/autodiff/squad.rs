//! Networks of one shape in lockstep, as one batch of tensors.

use std::sync::Arc;

use burn_tensor::{Device, Int, Tensor, TensorData};

use super::forward::forward;
use super::member::{Member, Standing};
use super::shape::Shape;
use super::task::Task;
use super::update::Update;
use crate::engine::fleet::{Common, World};
use crate::engine::{LARGEST_OUTPUT, Outcome};

/// Why a device gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the device gives no answer: {}", self.0)
    }
}

/// Outputs read at once, at most, where reading them takes a device's time.
const OUTPUTS_READ: usize = 1 << 20;
/// Steps made before outputs are read, at most.
const STEPS_UNREAD: usize = 64;

/// What does not change while networks train.
pub struct Setting {
    pub common: Common,
    pub worlds: Vec<World>,
    pub device: Device,
}

/// Networks of one shape that have made the same number of steps and all go on, or have all ended here.
pub struct Squad {
    pub shape: Shape,
    pub setting: Arc<Setting>,
    /// Which of the fleet's networks they are.
    pub places: Vec<usize>,
    pub step: u32,
    pub outcome: Option<Outcome>,
    pub theta: Vec<Tensor<3>>,
    pub start: Vec<Tensor<3>>,
    pub worlds: Vec<usize>,
    moments: Vec<Vec<Tensor<3>>>,
    rates: Vec<[f32; 2]>,
    weights: Vec<usize>,
    batches: Vec<usize>,
    full: Option<Full>,
    /// Steps made before outputs are read.
    pub steps_unread: u32,
}

/// The examples of the full batch: those that matter to any of the networks.
#[derive(Clone)]
struct Full {
    task: Task,
    /// Whether an example matters to a network, `[networks, examples]`.
    counted: Vec<bool>,
}

/// Outputs before a step, and what they are asked.
struct Seen {
    outputs: Tensor<3>,
    asked: Asked,
}

#[derive(Clone, Copy, PartialEq)]
enum Asked {
    /// Full batch: whether they are within bounds, then the stop rule.
    Both,
    /// Whether they are within bounds.
    Bounds,
    /// Outputs on the watched examples alone: the stop rule.
    Stop,
}

impl Squad {
    /// # Panics
    /// If shapes do not fit together.
    pub fn new(setting: &Arc<Setting>, members: &[(usize, &Member)]) -> Self {
        let shape = members[0].1.shape;
        let count = shape.parameter_count();
        assert!(
            members.iter().all(|(_, m)| m.at.parameters.len() == count && m.start.len() == count),
            "parameters have the network's shape"
        );
        let tensors = |rows: Vec<&[f32]>| shape.tensors(&rows, &setting.device);
        let each = members[0].1.at.moments.len();
        let moment = |k: usize| tensors(members.iter().map(|(_, m)| &m.at.moments[k][..]).collect());
        let rates = |m: &Member| [m.learning_rate * shape.mlp.rate_scale(), m.learning_rate];
        Self {
            shape,
            places: members.iter().map(|(place, _)| *place).collect(),
            step: members[0].1.at.step,
            outcome: None,
            theta: tensors(members.iter().map(|(_, m)| &m.at.parameters[..]).collect()),
            start: tensors(members.iter().map(|(_, m)| &m.start[..]).collect()),
            moments: (0..each).map(moment).collect(),
            rates: members.iter().map(|(_, m)| rates(m)).collect(),
            worlds: members.iter().map(|(_, m)| m.world).collect(),
            weights: members.iter().map(|(_, m)| m.weights).collect(),
            batches: members.iter().map(|(_, m)| m.batches).collect(),
            full: None,
            steps_unread: steps_unread(setting, members.len() * shape.outputs),
            setting: Arc::clone(setting),
        }
    }

    /// Gives each network its row of weights, told for the whole fleet.
    pub fn weigh(&mut self, weights: &[usize]) {
        self.weights = self.places.iter().map(|&place| weights[place]).collect();
        self.full = None;
    }

    /// Makes `steps` steps; networks that end on the way are returned as squads of their own.
    ///
    /// Outputs are read after several steps where that takes a device's time. Where one of them shows that a
    /// network had ended, the steps are made again up to there: they are the same.
    pub async fn train(&mut self, steps: u32, batches: &[Vec<u32>]) -> Result<Vec<Self>, Fault> {
        let mut ended = Vec::new();
        let mut made = 0;
        while made < steps && self.outcome.is_none() && !self.places.is_empty() {
            let block = (steps - made).min(self.steps_unread);
            let before = (self.theta.clone(), self.moments.clone());
            let mut seen = Vec::new();
            for k in 0..block {
                let outputs = self.advance(made + k, batches);
                seen.extend(outputs.into_iter().map(|seen| (k, seen)));
            }
            let ends = self.ends(seen).await?;
            let Some(first) = ends.iter().flatten().map(|&(k, _)| k).min() else {
                made += block;
                continue;
            };
            (self.theta, self.moments) = before;
            self.step -= block;
            for k in 0..first {
                self.advance(made + k, batches);
            }
            made += first;
            let mut rest = Vec::new();
            for (k, end) in ends.into_iter().enumerate() {
                match end.filter(|&(at, _)| at == first) {
                    Some((_, outcome)) => ended.push(Self { outcome: Some(outcome), ..self.part(&[k]) }),
                    None => rest.push(k),
                }
            }
            *self = self.part(&rest);
        }
        Ok(ended)
    }

    /// One step, the `k`th of those that `batches` are for; returns the outputs before it.
    fn advance(&mut self, k: u32, batches: &[Vec<u32>]) -> Vec<Seen> {
        let mut seen = Vec::new();
        let size = self.setting.common.batch;
        let task = if size == 0 {
            self.full().task
        } else {
            seen.extend(self.watch());
            let rows: Vec<&[u32]> =
                self.batches.iter().map(|&row| &batches[row][k as usize * size..][..size]).collect();
            let share = vec![1.0 / size as f32; size];
            self.task(&rows, |_| share.clone())
        };
        let leaves: Vec<_> = self.theta.iter().map(|tensor| tensor.clone().autodiff().require_grad()).collect();
        let f = forward(&self.shape, &leaves, task.x.clone());
        let asked = if size == 0 { Asked::Both } else { Asked::Bounds };
        seen.push(Seen { outputs: f.clone().inner(), asked });
        let mut gradients = task.loss(f).backward();
        let slope = |leaf: &Tensor<3>| leaf.grad_remove(&mut gradients).expect("the loss depends on every parameter");
        let gradient = leaves.iter().map(slope).collect();
        drop(leaves);
        let update = Update {
            kind: self.setting.common.optimiser,
            step: self.step,
            rates: &self.rates,
            device: &self.setting.device,
        };
        self.theta = update.apply(core::mem::take(&mut self.theta), gradient, &mut self.moments);
        self.step += 1;
        seen
    }

    /// Outputs on the watched examples, at the steps before which sampled batches are checked for them.
    fn watch(&self) -> Option<Seen> {
        let Setting { common, worlds, device } = &*self.setting;
        let stop = common.stop?;
        let examples = worlds[0].y.len() / self.shape.outputs;
        let epoch = examples.div_ceil(common.batch).max(1) as u32;
        if !self.step.is_multiple_of(epoch) {
            return None;
        }
        let values = self.worlds.iter().flat_map(|&w| &worlds[w].x[..stop.examples * self.shape.mlp.inputs]);
        let dims = [self.places.len(), stop.examples, self.shape.mlp.inputs];
        let x = super::task::tensor(values.copied().collect(), dims, device);
        Some(Seen { outputs: forward(&self.shape, &self.theta, x), asked: Asked::Stop })
    }

    /// What each network sees, as the indices of its examples and the weights of those of the `k`th network.
    fn task(&self, rows: &[&[u32]], weights: impl Fn(usize) -> Vec<f32>) -> Task {
        let sight = |(k, (&world, &row)): (usize, (&usize, &_))| (&self.setting.worlds[world], row, weights(k));
        let sights: Vec<_> = self.worlds.iter().zip(rows).enumerate().map(sight).collect();
        Task::new(&self.shape, &sights, &self.setting.device)
    }

    /// The full batch.
    fn full(&mut self) -> Full {
        if let Some(full) = &self.full {
            return full.clone();
        }
        let common = &self.setting.common;
        let watched = common.stop.map_or(0, |stop| stop.examples);
        let weights: Vec<&[f32]> = self.weights.iter().map(|&row| &common.weights[row][..]).collect();
        let counts = |weights: &[f32], i: usize| i < watched || weights[i] != 0.0;
        let mut examples: Vec<u32> = (0..weights[0].len())
            .filter(|&i| weights.iter().any(|weights| counts(weights, i)))
            .map(|i| i as u32)
            .collect();
        if examples.is_empty() {
            examples.push(0);
        }
        let of = |row: &[f32]| examples.iter().map(|&i| row[i as usize]).collect();
        let task = self.task(&vec![&examples[..]; weights.len()], |k| of(weights[k]));
        let counted = weights.iter().flat_map(|row| examples.iter().map(|&i| counts(row, i as usize))).collect();
        self.full.insert(Full { task, counted }).clone()
    }

    /// The first end of each network among what was seen, as (step of the block, how).
    async fn ends(&self, seen: Vec<(u32, Seen)>) -> Result<Vec<Option<(u32, Outcome)>>, Fault> {
        let flat = seen.iter().map(|(_, seen)| seen.outputs.clone().reshape([-1])).collect();
        let values = read(Tensor::<1>::cat(flat, 0)).await?;
        let begin = self.step - seen.last().map_or(0, |(k, _)| k + 1);
        let mut ends = vec![None; self.places.len()];
        let mut values = &values[..];
        for (k, Seen { outputs, asked }) in &seen {
            let each = outputs.dims()[1] * self.shape.outputs;
            for (network, end) in ends.iter_mut().enumerate() {
                let (own, rest) = values.split_at(each);
                values = rest;
                if end.is_none() {
                    *end = self.end(network, own, *asked, begin + k).map(|outcome| (*k, outcome));
                }
            }
        }
        Ok(ends)
    }

    /// Whether a network with outputs `f` ends before step `step`.
    fn end(&self, network: usize, f: &[f32], asked: Asked, step: u32) -> Option<Outcome> {
        let outputs = self.shape.outputs;
        let counted = |i: usize| match &self.full {
            Some(full) if asked == Asked::Both => full.counted[network * (f.len() / outputs) + i / outputs],
            _ => true,
        };
        if asked != Asked::Stop && !(0..f.len()).all(|i| f[i].abs() <= LARGEST_OUTPUT || !counted(i)) {
            return Some(Outcome::Diverged { step });
        }
        let stop = self.setting.common.stop.filter(|_| asked != Asked::Bounds)?;
        let y = &self.setting.worlds[self.worlds[network]].y;
        let watched = f.iter().zip(y).take(stop.examples * outputs);
        let mean = watched.map(|(f, y)| f64::from((f - y) * (f - y))).sum::<f64>() / stop.examples as f64;
        // As the fused engine, which rounds the error of a pass of its own.
        let reached = if asked == Asked::Stop { mean as f32 <= stop.level } else { mean <= f64::from(stop.level) };
        reached.then_some(Outcome::Stopped { step })
    }

    /// Some of the networks.
    fn part(&self, which: &[usize]) -> Self {
        let indices: Vec<i64> = which.iter().map(|&k| k as i64).collect();
        let device = &self.setting.device;
        let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [which.len()]), device);
        // Of none of them there is no tensor: devices have no buffers of no size.
        let some = |of: &[Tensor<3>]| of.iter().map(|t| t.clone().select(0, indices.clone())).collect();
        let tensors = |of: &[Tensor<3>]| if which.is_empty() { Vec::new() } else { some(of) };
        let of = |all: &[usize]| which.iter().map(|&k| all[k]).collect();
        Self {
            shape: self.shape,
            setting: Arc::clone(&self.setting),
            places: of(&self.places),
            step: self.step,
            outcome: self.outcome,
            theta: tensors(&self.theta),
            start: tensors(&self.start),
            worlds: of(&self.worlds),
            moments: self.moments.iter().map(|moment| tensors(moment)).collect(),
            rates: which.iter().map(|&k| self.rates[k]).collect(),
            weights: of(&self.weights),
            batches: of(&self.batches),
            full: None,
            steps_unread: self.steps_unread,
        }
    }

    /// Where each network stands, in the order of [`Self::places`].
    pub async fn standings(&self) -> Result<Vec<Standing>, Fault> {
        let mut rows = Vec::new();
        for tensors in core::iter::once(&self.theta).chain(&self.moments) {
            rows.push(read(self.shape.rows(tensors).reshape([-1])).await?);
        }
        let count = self.shape.parameter_count();
        let standing = |k: usize| {
            let mut rows = rows.iter().map(|row| row[k * count..(k + 1) * count].to_vec());
            Standing { parameters: rows.next().unwrap_or_default(), step: self.step, moments: rows.collect() }
        };
        Ok((0..self.places.len()).map(standing).collect())
    }
}

/// Steps that so many networks' outputs may wait to be read: on the CPU they need not.
fn steps_unread(setting: &Setting, outputs: usize) -> u32 {
    if setting.device == Device::flex() {
        return 1;
    }
    let rows = if setting.common.batch > 0 { setting.common.batch } else { setting.common.weights[0].len() };
    (OUTPUTS_READ / (outputs * rows).max(1)).clamp(1, STEPS_UNREAD) as u32
}

/// Values of a tensor.
pub async fn read(tensor: Tensor<1>) -> Result<Vec<f32>, Fault> {
    let data = tensor.into_data_async().await.map_err(|error| Fault(format!("{error:?}")))?;
    data.try_into_vec().map_err(|error| Fault(format!("{error:?}")))
}
