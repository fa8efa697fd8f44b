//! The settings of a fine-tuning, as a TOML file holds them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{checks, misread};
use crate::data::text::{Format, Learn, Template, Unit};
use crate::error::{Problem, Problems};
use crate::native::cli::DeviceChoice;
use crate::native::llama::held::Held;
use crate::train::language::Shape;

/// Everything that a run is told. What a file leaves out has the default that stands here, and a run writes all of it
/// into its folder.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A Hugging Face folder.
    pub model: PathBuf,
    /// The run's own folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub device: DeviceChoice,
    #[serde(default)]
    pub precision: Held,
    #[serde(default)]
    pub tuning: Tuned,
    pub data: Data,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    #[serde(default)]
    pub training: Training,
    #[serde(default)]
    pub evaluation: Evaluated,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    #[default]
    Lora,
    Full,
}

/// Which layers LoRA adapts: `"all-linear"`, a list of names, or `{ pattern = "…" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum TargetLayers {
    Word(String),
    Names(Vec<String>),
    Pattern {
        /// A regular expression that a layer's whole path matches.
        pattern: String,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tuned {
    pub method: Way,
    pub rank: usize,
    /// As many as the rank where it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    pub targets: TargetLayers,
    pub rank_stabilised: bool,
    pub dropout: f64,
}

impl Default for Tuned {
    fn default() -> Self {
        Self {
            method: Way::Lora,
            rank: 16,
            alpha: None,
            targets: TargetLayers::Word("all-linear".to_owned()),
            rank_stabilised: false,
            dropout: 0.0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub files: Vec<PathBuf>,
    /// Told from the files where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// That of the format where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// Tokens of a sequence.
    #[serde(default = "sequence")]
    pub sequence: usize,
    /// Whether several texts share a sequence; none sees another.
    #[serde(default = "yes")]
    pub packing: bool,
    #[serde(default = "answers")]
    pub learn: Learn,
    /// Examples, drawn by the seed, on which the fine-tuning loss is measured.
    #[serde(default = "hold_out")]
    pub hold_out: u32,
}

fn answers() -> Learn {
    Learn::Answers
}

fn sequence() -> usize {
    512
}

fn hold_out() -> u32 {
    256
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Files of the replayed corpus; none where the base writes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// That of the corpus's format where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// Share of the examples, or of the tokens, that training reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
    #[serde(default = "examples")]
    pub unit: Unit,
    /// A schedule of shares by step, as `lethe run` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<PathBuf>,
    /// A weight for each example, by which they are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// So many texts that the base writes before training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<usize>,
    /// Whether replay may share texts with what is evaluated: the run says so and goes on.
    #[serde(default)]
    pub may_overlap: bool,
}

fn examples() -> Unit {
    Unit::Examples
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimiserName {
    #[default]
    AdamW,
    Adafactor,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleName {
    #[default]
    Constant,
    Linear,
    Cosine,
}

impl From<ScheduleName> for Shape {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Constant => Self::Constant,
            ScheduleName::Linear => Self::Linear,
            ScheduleName::Cosine => Self::Cosine,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Updates; `epochs` in its place counts passes over the examples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u32>,
    /// Sequences of a step.
    pub batch: usize,
    /// Sequences that are computed side by side; gradients are accumulated over a step.
    pub micro_batch: usize,
    pub optimiser: OptimiserName,
    pub learning_rate: f64,
    pub schedule: ScheduleName,
    /// Steps in which the rate rises from 0.
    pub warm_up: u32,
    /// The greatest length of a step's gradient; 0 for none.
    pub clip: f64,
    pub weight_decay: f64,
    /// Of AdamW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<f64>,
    /// Of Adafactor, by transformers' names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_rate: Option<f64>,
    pub checkpoint_blocks: bool,
    /// Positions whose logits are held at once.
    pub loss_rows: usize,
    /// Steps between two saves.
    pub save_every: u32,
    /// Whether adapters or weights of every measured step are kept.
    pub keep_checkpoints: bool,
    /// Micro-batches that are computed at once on the CPU; as many as there are cores where it is 0.
    pub threads: usize,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            steps: None,
            epochs: None,
            batch: 8,
            micro_batch: 1,
            optimiser: OptimiserName::AdamW,
            learning_rate: 1e-4,
            schedule: ScheduleName::Constant,
            warm_up: 0,
            clip: 1.0,
            weight_decay: 0.0,
            beta1: None,
            beta2: None,
            epsilon: None,
            eps: None,
            clip_threshold: None,
            decay_rate: None,
            checkpoint_blocks: false,
            loss_rows: 1024,
            save_every: 100,
            keep_checkpoints: false,
            threads: 0,
        }
    }
}

/// At which steps a run is measured, the first and the last apart, which always are.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum At {
    /// `"log"`: 1, 2, 3, 4, 6, 8 and so on by a third; `"ends"`: no more.
    Word(String),
    /// Every so many steps.
    Every(u32),
    Steps(Vec<u32>),
}

/// When a run is measured; what is measured, `lethe llama evaluate` reads from the same table.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Evaluated {
    pub at: At,
    #[serde(flatten)]
    pub what: toml::Table,
}

impl Default for Evaluated {
    fn default() -> Self {
        Self { at: At::Word("log".to_owned()), what: toml::Table::new() }
    }
}

impl Settings {
    /// Reads a table.
    ///
    /// # Errors
    /// A key that is unknown or holds something else than it may; then everything out of its range.
    pub fn read(table: toml::Table) -> Result<Self, Problems> {
        let read = |table: &toml::Table| table.clone().try_into::<Self>();
        let settings = read(&table).map_err(|_| {
            let error = |table: &toml::Table| read(table).err().map(|error| error.message().to_owned());
            Problems(vec![misread::problem(&table, error)])
        })?;
        let problems = checks::problems(&settings);
        if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
    }

    /// The settings as TOML, defaults written out.
    ///
    /// # Errors
    /// Never, but for a fault of the serialiser.
    pub fn to_toml(&self) -> Result<String, Problems> {
        toml::to_string_pretty(self).map_err(|error| Problems(vec![Problem::new("settings", &error.to_string(), "")]))
    }
}
