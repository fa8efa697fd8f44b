//! A base with its tasks and its upstream examples.

use serde::{Deserialize, Serialize};

use super::language::Language;
use super::networks::Networks;
use super::spec::CheckedSpec;
use crate::associations::Features;
use crate::error::Problems;
use crate::model::llama::Fault;

/// What is known of a task: a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub name: String,
    pub kind: String,
    /// The relation that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
}

/// What is known of an upstream example: a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    pub name: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The base's loss: nats a token of the answer, of networks squared error.
    pub base_loss: f32,
    /// Whether the base's answer is right.
    pub base_is_right: bool,
}

/// Everything that the runs of a spec share. Runs leave it as it is.
pub enum Subject {
    Language(Box<Language>),
    Networks(Box<Networks>),
}

impl Subject {
    /// That of a spec. `safetensors` are the weights of its base, in the world of networks nothing.
    ///
    /// # Errors
    /// What is wrong with the weights.
    pub fn new(spec: &CheckedSpec, safetensors: &[u8]) -> Result<Self, Fault> {
        Ok(match spec.world.of_networks() {
            None => Self::Language(Box::new(Language::load(spec, safetensors)?)),
            Some(world) => Self::Networks(Box::new(Networks::train(spec, world))),
        })
    }

    /// The rows.
    pub fn tasks(&self) -> &[Task] {
        match self {
            Self::Language(language) => &language.tasks,
            Self::Networks(networks) => &networks.tasks,
        }
    }

    /// The columns.
    pub fn examples(&self) -> &[Example] {
        match self {
            Self::Language(language) => &language.examples,
            Self::Networks(networks) => &networks.examples,
        }
    }

    /// How like each task is to each example on the face of it: of language the cosine of their words, of networks
    /// minus the distance from the example to the nearest point of the task.
    ///
    /// # Shapes
    /// `[tasks, examples]`, row by row
    pub fn similarity(&self) -> Vec<f32> {
        match self {
            Self::Language(language) => language.similarity(),
            Self::Networks(networks) => networks.similarity(),
        }
    }

    /// How the base represents tasks and examples: of language its last hidden states, the mean over the tokens of the
    /// example or over those of windows of the task; of networks the hidden activations, the mean over the task's points.
    ///
    /// # Errors
    /// Representations that are not finite.
    pub fn features(&self) -> Result<Features, Problems> {
        let [rows, columns] = match self {
            Self::Language(language) => language.representations(),
            Self::Networks(networks) => networks.representations(),
        };
        Features::new([self.tasks().len(), self.examples().len()], rows, columns)
    }
}
