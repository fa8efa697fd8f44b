//! What the experiment is asked to do.

use serde::{Deserialize, Serialize};

use super::super::fields;
use super::fields::FIELDS;
use super::replay::Arm;
use crate::data::language::{CONTEXT, Task, TaskKind};
use crate::error::{Problem, Problems};
use crate::experiments::scaling::Limits;
use crate::model::Size;

/// The experiment's name in links.
pub const NAME: &str = "associations";

/// What bases know, and what they are tuned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Tiny Llamas and tasks of their language.
    Language,
    /// Networks that tell two clusters apart, and the same clusters turned round by more and more.
    Rotated,
    /// Networks that tell clusters apart, and the same clusters with their coordinates in other orders.
    Permuted,
    /// Networks that tell two clouds apart, and a new label for more and more of the first.
    Partial,
    /// The same, with a label for the first that moves farther and farther from the old one.
    Gradual,
    /// Networks that tell clusters apart, and a new label for one of them at a time.
    Clusters,
    /// Networks that learned from a random network, and others that are turned away from it by more and more.
    Teacher,
}

impl World {
    /// The world of networks of that name, if it is one of networks.
    pub fn of_networks(self) -> Option<crate::data::World> {
        let name = match self {
            Self::Language => return None,
            Self::Rotated => "rotated",
            Self::Permuted => "permuted",
            Self::Partial => "partial",
            Self::Gradual => "gradual",
            Self::Clusters => "clusters",
            Self::Teacher => "teacher",
        };
        crate::data::World::named(name)
    }

    /// The unit of its losses.
    pub const fn unit(self) -> &'static str {
        if matches!(self, Self::Language) { "nats" } else { "squared error" }
    }
}

/// What of a Llama is tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tuned {
    /// Low-rank adapters, those of the experiment `laws`.
    Lora,
    /// All parameters.
    Full,
}

/// Everything that decides a result. The defaults are the paper's protocol: all parameters, a short warm-up, a rate
/// that falls in a line. Written in links by short keys and in files by these names ([`FIELDS`] pairs them); what is
/// left out has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// [`NAME`].
    pub experiment: String,
    pub world: World,
    /// Size of the Llama.
    pub base: Size,
    /// Which world, and which model that learned it.
    pub base_seed: u32,
    /// Kinds of tasks of the language.
    pub kinds: Vec<TaskKind>,
    /// Tasks of networks.
    pub tasks: u32,
    /// Upstream examples: of the language at most so many of each kind, of networks all of them.
    pub examples: u32,
    pub tuned: Tuned,
    /// Rank of LoRA.
    pub rank: u32,
    /// Learning rate of LoRA after the warm-up.
    pub learning_rate: f64,
    /// Learning rate where all parameters of a Llama are tuned.
    pub full_learning_rate: f64,
    /// Learning rate of networks, before tuning and in it.
    pub network_learning_rate: f64,
    /// Hidden units of networks.
    pub width: u32,
    /// Steps in which the rate of a Llama rises; it falls in a line to 0 afterwards, as in the paper.
    pub warm_up: u32,
    /// Windows of 32 tokens, or points, in a step.
    pub batch: u32,
    /// Update steps of each fine-tuning.
    pub steps: u32,
    pub seeds: Vec<u32>,
    /// How replay is chosen in the second phase; of none there is no second phase.
    pub arms: Vec<Arm>,
    /// Tasks that are acted on, evenly taken out of all; methods learn from the others.
    pub acted: u32,
    /// Replayed examples for each new window, or point, and further steps for each step.
    pub replay_ratio: f64,
    /// Examples of a row that are looked at, drawn with replacement.
    pub observed: u32,
    /// Of the weights exp(rise / temperature), in the units of rises.
    pub temperature: f64,
    /// Share of upstream examples that are never replayed, and scored.
    pub held_out: f64,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            experiment: NAME.to_owned(),
            world: World::Language,
            base: Size::Medium,
            base_seed: 0,
            kinds: TaskKind::ALL.to_vec(),
            tasks: 24,
            examples: 64,
            tuned: Tuned::Full,
            rank: 8,
            learning_rate: 0.001,
            full_learning_rate: 0.0005,
            network_learning_rate: 0.1,
            width: 128,
            warm_up: 10,
            batch: 8,
            steps: 100,
            seeds: vec![0, 1],
            arms: Vec::new(),
            acted: 11,
            replay_ratio: 1.0 / 32.0,
            observed: 30,
            temperature: 0.1,
            held_out: 0.5,
        }
    }
}

impl Spec {
    /// The fields that differ from their defaults, as (key, value) in canonical order: what a link says.
    pub fn science(&self) -> Vec<(&'static str, String)> {
        fields::differing(FIELDS, self, &Self::default())
    }

    /// The tasks of the language that are asked for, in the order in which the world has them.
    pub fn language_tasks(&self) -> Vec<Task> {
        Task::all().into_iter().filter(|task| self.kinds.contains(&task.kind())).collect()
    }

    /// M, the number of rows.
    pub fn rows(&self) -> usize {
        match self.world {
            World::Language => self.language_tasks().len(),
            _ => self.tasks as usize,
        }
    }

    /// The arms that run where any is asked for: those, none and random.
    pub fn all_arms(&self) -> Vec<Arm> {
        let runs = |arm: &Arm| matches!(arm, Arm::None | Arm::Random) || self.arms.contains(arm);
        Arm::ALL.into_iter().filter(runs).collect()
    }

    /// Floating-point operations of all fine-tunings, about.
    pub fn work(&self) -> f64 {
        let arms = if self.arms.is_empty() { 0.0 } else { self.all_arms().iter().map(Arm::work).sum() };
        let runs = self.rows() as f64 + f64::from(self.acted) * (1.0 + self.replay_ratio) * arms;
        let steps = runs * self.seeds.len() as f64 * f64::from(self.steps) * f64::from(self.batch);
        match self.world {
            World::Language => {
                let [units, layers, inner] = self.base.shape();
                let parameters = 2 * 357 * units + layers * (4 * units * units + 3 * units * inner);
                6.0 * steps * CONTEXT as f64 * parameters as f64
            }
            _ => 6.0 * steps * f64::from(self.width) * 16.0,
        }
    }

    /// Checks every field and what they make together.
    ///
    /// # Errors
    /// Everything that is wrong at once, each with what is accepted.
    pub fn check(self, limits: &Limits) -> Result<CheckedSpec, Problems> {
        fields::unrepaired(self.repair(limits))
    }

    /// As [`Self::check`], but puts the nearest accepted value in place of every wrong one and lists each change.
    pub fn repair(mut self, limits: &Limits) -> (CheckedSpec, Vec<Problem>) {
        let mut problems = Vec::new();
        if self.experiment != NAME {
            problems.push(Problem::new("experiment", &self.experiment, NAME).using(NAME));
            NAME.clone_into(&mut self.experiment);
        }
        fields::mend(FIELDS, &mut self, &Self::default(), &mut problems);
        self.mend_acted(&mut problems);
        while self.work() > limits.work && self.steps > 1 {
            let before = self.steps;
            self.steps /= 2;
            let accepted = format!("fewer, with these settings: {}", limits.why);
            problems.push(Problem::new("steps", &before.to_string(), accepted).using(self.steps.to_string()));
        }
        (CheckedSpec(self), problems)
    }

    /// Of the tasks two are left to learn from; where the default leaves fewer, that is no mistake of whoever asks.
    fn mend_acted(&mut self, problems: &mut Vec<Problem>) {
        let most = self.rows().saturating_sub(2);
        if self.arms.is_empty() || self.acted as usize <= most {
            return;
        }
        if most == 0 {
            let accepted = "none, where there are fewer than three tasks";
            let arms: Vec<&str> = self.arms.iter().map(|arm| arm.name()).collect();
            problems.push(Problem::new("arms", &arms.join(","), accepted).using("none"));
            self.arms.clear();
        } else {
            if self.acted != Self::default().acted {
                let accepted = format!("at most {most}: two of the {} tasks are left to learn from", self.rows());
                problems.push(Problem::new("acted", &self.acted.to_string(), accepted).using(most.to_string()));
            }
            self.acted = most as u32;
        }
    }
}

/// A [`Spec`] whose every field and combination is accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CheckedSpec(Spec);

impl core::ops::Deref for CheckedSpec {
    type Target = Spec;
    fn deref(&self) -> &Spec {
        &self.0
    }
}
