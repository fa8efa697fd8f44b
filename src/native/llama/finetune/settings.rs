//! The settings of a fine-tuning, as a TOML file holds them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::data::text::{Format, Learn, Template, Unit};
use crate::error::{Problem, Problems};
use crate::native::cli::DeviceChoice;
use crate::native::llama::held::Held;
use crate::train::language::Shape;

/// Most updates of a run.
const MOST_STEPS: u32 = 10_000_000;
/// Most measurements of a run.
const MOST_POINTS: usize = 9_999;

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
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
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
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
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
        let settings: Self = table.try_into().map_err(|error: toml::de::Error| {
            let value = error.message().to_owned();
            Problems(vec![Problem::new("settings", &value, "the keys of docs/llama-finetune.md")])
        })?;
        let problems = settings.problems();
        if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut expect = |holds: bool, field: &str, value: String, accepted: &str| {
            if !holds {
                problems.push(Problem::new(field, &value, accepted));
            }
        };
        let (training, data) = (&self.training, &self.data);
        let path = |path: &Option<PathBuf>| path.as_ref().map_or_else(String::new, |path| path.display().to_string());
        expect(!data.files.is_empty(), "data.files", "[]".to_owned(), "one file or more");
        expect(
            (2..=1 << 20).contains(&data.sequence),
            "data.sequence",
            data.sequence.to_string(),
            "a whole number from 2 to 1048576",
        );
        expect(
            training.steps.is_some() != training.epochs.is_some(),
            "training.steps",
            format!("{:?}, training.epochs {:?}", training.steps, training.epochs),
            "either steps or epochs",
        );
        let steps = training.steps.unwrap_or(1);
        expect(
            (1..=MOST_STEPS).contains(&steps),
            "training.steps",
            steps.to_string(),
            &format!("a whole number from 1 to {MOST_STEPS}"),
        );
        expect(
            training.steps.is_none_or(|steps| training.warm_up <= steps),
            "training.warm_up",
            training.warm_up.to_string(),
            "at most training.steps",
        );
        let points = match &self.evaluation.at {
            At::Every(every) => (steps / (*every).max(1)) as usize,
            At::Steps(list) => list.len(),
            At::Word(_) => 0,
        };
        expect(
            points < MOST_POINTS,
            "evaluation.at",
            format!("{points} measurements"),
            &format!("fewer than {MOST_POINTS}: a record holds no more"),
        );
        let losses = self.evaluation.what.get("losses").and_then(toml::Value::as_table);
        expect(
            losses.is_none_or(|losses| !losses.contains_key("out")),
            "evaluation.losses.out",
            "a path".to_owned(),
            "nothing in a run: its record holds the losses",
        );
        expect(
            training.epochs.is_none_or(|epochs| (1..=10_000).contains(&epochs)),
            "training.epochs",
            format!("{:?}", training.epochs),
            "a whole number from 1 to 10000",
        );
        expect(
            (1..=1 << 16).contains(&training.batch),
            "training.batch",
            training.batch.to_string(),
            "a whole number from 1 to 65536",
        );
        expect(
            (1..=training.batch).contains(&training.micro_batch)
                && training.batch.is_multiple_of(training.micro_batch.max(1)),
            "training.micro_batch",
            training.micro_batch.to_string(),
            "a divisor of training.batch",
        );
        for (field, value, most) in [
            ("training.learning_rate", training.learning_rate, 100.0),
            ("training.clip", training.clip, 1e6),
            ("training.weight_decay", training.weight_decay, 1.0),
            ("training.epsilon", training.epsilon, 1.0),
        ] {
            let accepted = format!("a number from 0 to {most}");
            expect((0.0..=most).contains(&value), field, value.to_string(), &accepted);
        }
        for (field, value) in [("training.beta1", training.beta1), ("training.beta2", training.beta2)] {
            expect((0.0..1.0).contains(&value), field, value.to_string(), "a number from 0 and below 1");
        }
        expect(training.loss_rows > 0, "training.loss_rows", "0".to_owned(), "a whole number from 1");
        expect(training.save_every > 0, "training.save_every", "0".to_owned(), "a whole number from 1");
        expect(
            self.precision.bits().is_none() || self.tuning.method == Way::Lora,
            "precision",
            self.precision.name().to_owned(),
            "f32, bf16 or f16 where everything is trained",
        );
        if let TargetLayers::Word(word) = &self.tuning.targets {
            let accepted = "\"all-linear\", a list of names, or { pattern = \"…\" }";
            expect(word == "all-linear", "tuning.targets", word.clone(), accepted);
        }
        if let At::Word(word) = &self.evaluation.at {
            let accepted = "\"log\", \"ends\", a number of steps, or a list of steps";
            expect(word == "log" || word == "ends", "evaluation.at", word.clone(), accepted);
        }
        expect(self.evaluation.at != At::Every(0), "evaluation.at", "0".to_owned(), "a whole number from 1");
        if let Some(replay) = &self.replay {
            expect(
                replay.files.is_empty() == replay.generated.is_some(),
                "replay.files",
                format!("{} files, replay.generated {:?}", replay.files.len(), replay.generated),
                "either files or generated",
            );
            expect(
                replay.fraction.is_some() != replay.schedule.is_some(),
                "replay.fraction",
                format!("{:?}, replay.schedule {:?}", replay.fraction, path(&replay.schedule)),
                "either fraction or schedule",
            );
            expect(
                replay.fraction.is_none_or(|fraction| (0.0..1.0).contains(&fraction)),
                "replay.fraction",
                format!("{:?}", replay.fraction),
                "a number from 0 and below 1",
            );
            expect(
                replay.schedule.is_none() || training.steps.is_some(),
                "replay.schedule",
                path(&replay.schedule),
                "none where the run is counted in epochs: a schedule is of steps",
            );
            expect(
                replay.generated.is_none_or(|count| (1..=1_000_000).contains(&count)),
                "replay.generated",
                format!("{:?}", replay.generated),
                "a whole number from 1 to 1000000",
            );
            expect(
                replay.weights.is_none() || replay.generated.is_none(),
                "replay.weights",
                path(&replay.weights),
                "none where the base writes the texts",
            );
        }
        problems
    }

    /// The settings as TOML, defaults written out.
    ///
    /// # Errors
    /// Never, but for a fault of the serialiser.
    pub fn to_toml(&self) -> Result<String, Problems> {
        toml::to_string_pretty(self).map_err(|error| Problems(vec![Problem::new("settings", &error.to_string(), "")]))
    }
}
