//! What an experiment is asked to do.

use serde::{Deserialize, Serialize};

use super::branch::Branch;
use super::curriculum::Way;
use super::definition::Experiment;
use super::engine::Engine;
use super::event::grid;
use super::fields::{self, FIELDS};
use super::limits::{self, Limits};
use super::mitigations::Mitigated;
use crate::data::{Setting, World};
use crate::error::{Problem, Problems};
use crate::model::{Activation, Block, Mlp, Parameterisation};
use crate::train::{OptimiserKind, ReplaySchedule};

/// How `spread` is read: the poster writes sigma = 0.2 without saying which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpreadMeaning {
    #[serde(rename = "std")]
    StandardDeviation,
    #[serde(rename = "var")]
    Variance,
}

/// How the learning rate follows the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WidthRule {
    /// The same at every width.
    Const,
    /// Times 64 / h.
    Inv,
}

/// Why a run needs the reference engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyCpu {
    /// The kernel is taken where fine-tuning starts.
    Kernel,
    /// Mitigations look at the network's gradients.
    Mitigation,
}

impl OnlyCpu {
    /// The reason as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Kernel => "What the kernel predicts is computed on the CPU, and so is what it is held against.",
            Self::Mitigation => "Mitigations are trained on the CPU: they look at single gradients.",
        }
    }
}

/// Everything that decides a result. Written in links by short keys and in files by these names
/// ([`FIELDS`] pairs them); what is left out has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    pub experiment: Experiment,
    /// Where the examples come from.
    #[serde(default)]
    pub world: World,
    /// Hidden units, one network for each.
    pub widths: Vec<u32>,
    pub activation: Activation,
    pub parameterisation: Parameterisation,
    /// g0 of the mean-field parameterisation.
    pub richness: f64,
    pub optimiser: OptimiserKind,
    /// Examples in a batch; 0 is the full batch.
    pub batch: u32,
    pub learning_rate: f64,
    pub learning_rate_rule: WidthRule,
    pub pretraining_steps: u32,
    pub fine_tuning_steps: u32,
    /// Fine-tuning stops when the mean squared error on the training X1 is this or less; 0 is never.
    pub stop_loss: f64,
    /// Constant replay fractions p, one branch of fine-tuning for each; where schedules are prescribed, the
    /// budget: the mean of p over fine-tuning.
    pub replay: Vec<f64>,
    /// A replay schedule as (first step, p); if there is one, it replaces `replay`.
    pub schedule: Vec<(u32, f64)>,
    /// Training examples per class; as many test examples are drawn afresh.
    pub samples: u32,
    pub spread: f64,
    pub spread_meaning: SpreadMeaning,
    /// Centres of X1 and X2.
    pub means: [f64; 2],
    /// The label that fine-tuning gives to X1 (0 before).
    pub new_label: f64,
    /// Standard deviation of the noise on training labels.
    pub label_noise: f64,
    /// Relative weights of the X1 examples as (weight, how many); empty is equal weights.
    pub new_weights: Vec<(f64, u32)>,
    /// Relative weights of the replayed X2 examples as (weight, how many); empty is equal weights.
    pub old_weights: Vec<(f64, u32)>,
    pub seeds: Vec<u32>,
    /// Hidden layers.
    #[serde(default = "one")]
    pub depth: u32,
    /// What a hidden layer is besides an affine map and an activation.
    #[serde(default)]
    pub block: Block,
    /// Coordinates of a point; 0 is the world's own number of them.
    #[serde(default)]
    pub inputs: u32,
    /// Clusters of worlds that are made of them.
    #[serde(default = "four")]
    pub clusters: u32,
    /// Tasks of a sequence, the old one included.
    #[serde(default = "four")]
    pub tasks: u32,
    /// Degrees from one rotated task to the next.
    #[serde(default = "forty_five")]
    pub angle: f64,
    /// Likeness of two teachers, from 0 to 1.
    #[serde(default = "half")]
    pub similarity: f64,
    /// Share of X1 that a partial shift relabels.
    #[serde(default = "half")]
    pub share: f64,
    /// The kernel is taken anew after every so many predicted steps; 0 is once, where fine-tuning starts.
    /// Only for experiments that predict.
    #[serde(default)]
    pub relinearise: u32,
    /// Stretches of equal length, each with a fraction of its own; 0 where nothing is prescribed.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub segments: u32,
    /// Mitigations that are compared with plain fine-tuning; empty where that is not the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mitigations: Vec<Mitigated>,
    /// A prescribed schedule's ID loss at the end may be at most this times that of uniform replay, as
    /// predicted; 0 where nothing is prescribed.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub id_slack: f64,
}

fn one() -> u32 {
    1
}

fn four() -> u32 {
    4
}

fn forty_five() -> f64 {
    45.0
}

fn half() -> f64 {
    0.5
}

/// Whether a setting is the 0 of experiments that have no use for it: their files and records do without.
fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Spec {
    /// The poster's world with the defaults of one experiment.
    pub fn defaults(experiment: Experiment) -> Self {
        let mut spec = Self {
            experiment,
            world: World::default(),
            widths: vec![64],
            activation: Activation::Relu,
            parameterisation: Parameterisation::Standard,
            richness: 1.0,
            optimiser: OptimiserKind::Gd,
            batch: 0,
            learning_rate: 0.01,
            learning_rate_rule: WidthRule::Const,
            pretraining_steps: 2000,
            fine_tuning_steps: 500,
            stop_loss: 0.0,
            replay: vec![0.0],
            schedule: Vec::new(),
            samples: 256,
            spread: 0.2,
            spread_meaning: SpreadMeaning::StandardDeviation,
            means: [-1.0, 1.0],
            new_label: -0.2,
            label_noise: 0.0,
            new_weights: Vec::new(),
            old_weights: Vec::new(),
            seeds: (0..16).collect(),
            depth: one(),
            block: Block::Plain,
            inputs: 0,
            clusters: four(),
            tasks: four(),
            angle: forty_five(),
            similarity: half(),
            share: half(),
            relinearise: 0,
            segments: 0,
            mitigations: Vec::new(),
            id_slack: 0.0,
        };
        experiment.adjust(&mut spec);
        spec
    }

    /// The fields that differ from their defaults, as (key, value) in canonical order: what a link says.
    pub fn science(&self) -> Vec<(&'static str, String)> {
        fields::differing(FIELDS, self, &Self::defaults(self.experiment))
    }

    /// The network of one width.
    pub fn network(&self, width: u32) -> Mlp {
        Mlp {
            inputs: self.input_count() as usize,
            width: width as usize,
            depth: self.depth as usize,
            block: self.block,
            activation: self.activation,
            parameterisation: self.parameterisation,
            richness: self.richness as f32,
        }
    }

    /// Why it is trained by the reference engine, whatever device there is.
    pub fn only_on_cpu(&self) -> Option<OnlyCpu> {
        if self.experiment.takes_kernel() {
            Some(OnlyCpu::Kernel)
        } else if self.experiment.mitigates() {
            Some(OnlyCpu::Mitigation)
        } else {
            None
        }
    }

    /// Whether its networks need the engine of deep ones: more than one hidden layer, or a normalised one.
    pub fn is_deep(&self) -> bool {
        self.depth > 1 || self.block.has_norm()
    }

    /// Coordinates of a point.
    pub fn input_count(&self) -> u32 {
        if self.inputs == 0 { self.world.inputs } else { self.inputs }
    }

    /// How many new tasks fine-tuning teaches, one after the other.
    pub fn stages(&self) -> usize {
        if self.world.is_sequence { self.tasks as usize - 1 } else { 1 }
    }

    /// Coordinates at which the learned function is recorded, along the world's line.
    ///
    /// # Shapes
    /// [[`GRID`](super::event::GRID)]
    pub fn grid(&self) -> Vec<f32> {
        let reads = |name| self.world.takes.contains(&name);
        let means = if reads("means") { self.means } else { [-1.0, 1.0] };
        grid(means, if reads("spread") { self.standard_deviation() } else { 1.0 })
    }

    /// Standard deviation of every cloud.
    pub fn standard_deviation(&self) -> f64 {
        match self.spread_meaning {
            SpreadMeaning::StandardDeviation => self.spread,
            SpreadMeaning::Variance => self.spread.sqrt(),
        }
    }

    /// How many branches of fine-tuning there are.
    pub fn branch_count(&self) -> usize {
        match (self.experiment.prescribes(), self.schedule.is_empty()) {
            _ if self.experiment.mitigates() => 1 + self.mitigations.len(),
            (true, _) => Way::ALL.len(),
            (false, true) => self.replay.len(),
            (false, false) => 1,
        }
    }

    /// Checks every field and what they make together.
    ///
    /// # Errors
    /// Everything that is wrong at once, each with what is accepted.
    pub fn check(self, limits: &Limits) -> Result<CheckedSpec, Problems> {
        fields::unrepaired(self.repair(limits))
    }

    /// As [`Self::check`], but puts the nearest accepted value in place of every wrong one and
    /// lists each change.
    pub fn repair(mut self, limits: &Limits) -> (CheckedSpec, Vec<Problem>) {
        let mut problems = Vec::new();
        let defaults = Self::defaults(self.experiment);
        fields::mend(FIELDS, &mut self, &defaults, &mut problems);
        limits::mend_conflicts(&mut self, limits, &mut problems);
        limits::cap_work(&mut self, limits, &mut problems);
        (CheckedSpec(self), problems)
    }
}

/// A [`Spec`] whose every field and combination is accepted: the proof that experiments ask for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CheckedSpec(Spec);

impl core::ops::Deref for CheckedSpec {
    type Target = Spec;
    fn deref(&self) -> &Spec {
        &self.0
    }
}

impl CheckedSpec {
    /// The default run of an experiment.
    pub fn defaults(experiment: Experiment) -> Self {
        Self(Spec::defaults(experiment))
    }

    /// Branches of fine-tuning: the schedule, or one constant schedule per replay fraction, or every way of
    /// spending the budget.
    pub fn branches(&self) -> Vec<Branch> {
        if self.experiment.prescribes() {
            return Way::ALL.map(|way| Branch::Planned { way, budget: self.replay[0] }).into();
        }
        if self.experiment.mitigates() {
            let schedule = |mitigated: &Mitigated| ReplaySchedule::constant(mitigated.replay_share());
            let branch = |&mitigated: &Mitigated| Branch::Mitigated { schedule: schedule(&mitigated), mitigated };
            let plain = Branch::Scheduled(ReplaySchedule::constant(0.0));
            return [plain].into_iter().chain(self.mitigations.iter().map(branch)).collect();
        }
        match ReplaySchedule::new(self.schedule.clone()) {
            Some(schedule) => vec![Branch::Scheduled(schedule)],
            None => self.replay.iter().map(|&p| Branch::Scheduled(ReplaySchedule::constant(p))).collect(),
        }
    }

    /// The engine that trains its networks on the CPU.
    pub fn engine_on_cpu(&self) -> Engine {
        if self.is_deep() { Engine::Autodiff } else { Engine::FusedCpu }
    }

    /// The engine that trains its networks on a GPU.
    pub fn engine_on_gpu(&self) -> Engine {
        if self.is_deep() { Engine::AutodiffGpu } else { Engine::FusedGpu }
    }

    /// The learning rate at one width, before any factor of the parameterisation.
    pub fn learning_rate_at(&self, width: u32) -> f64 {
        match self.learning_rate_rule {
            WidthRule::Const => self.learning_rate,
            WidthRule::Inv => self.learning_rate * 64.0 / f64::from(width),
        }
    }

    /// What its world reads.
    pub fn setting(&self) -> Setting {
        Setting {
            inputs: self.input_count() as usize,
            samples: self.samples as usize,
            means: self.means,
            standard_deviation: self.standard_deviation(),
            new_label: self.new_label,
            label_noise: self.label_noise,
            clusters: self.clusters as usize,
            similarity: self.similarity,
            tasks: self.tasks as usize,
            angle: self.angle,
            share: self.share,
        }
    }
}
