//! The record of a fine-tuning of a real Llama: one JSON document, `docs/llama-record.schema.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::checks::checked;
use crate::error::{Problem, Problems};
use crate::experiments::llama::Point;
use crate::experiments::scaling::Ending;
use crate::laws::Observation;
use crate::laws::import::MOST_BYTES;
use crate::record::Timing;

/// The version of these records.
pub const SCHEMA: u32 = 1;
/// What records of this kind call their experiment.
pub const EXPERIMENT: &str = "llama";

/// Everything about a run, ended or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub schema: u32,
    pub experiment: String,
    /// Letters, digits, `-`, `_` and `.`.
    pub run_id: String,
    pub build: String,
    pub device: String,
    /// The run's settings, as its file has them.
    pub settings: Map<String, Value>,
    pub model: Model,
    pub tuning: Tuning,
    /// The share of replayed data, in the unit that the settings name.
    pub replay: f64,
    pub units: Units,
    /// `None` where every example was read as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortened: Option<Shortened>,
    /// By rising step.
    pub points: Vec<Point>,
    /// `None` of a run that was stopped, or goes on.
    pub ending: Option<Ending>,
    pub timing: Timing,
}

/// The base model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The last part of its folder's path.
    pub name: String,
    pub parameters: u64,
    pub hidden: u64,
    pub layers: u64,
    pub vocabulary: u64,
    /// In which its weights are held: `f32`, `bf16` and so on.
    pub precision: String,
}

/// What is trained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tuning {
    /// `lora`, `full` and so on.
    pub family: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Parameters that are trained.
    pub parameters: u64,
}

impl Tuning {
    /// The name for people.
    pub fn label(&self) -> String {
        match (self.family.as_str(), self.rank) {
            ("lora", Some(rank)) => format!("LoRA of rank {rank}"),
            ("full", _) => "all parameters".to_owned(),
            (family, Some(rank)) => format!("{family} of rank {rank}"),
            (family, None) => family.to_owned(),
        }
    }
}

/// Examples that a sequence had no room for, as often as they were drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortened {
    /// Tokens of a sequence.
    pub sequence: u64,
    /// Examples whose end was left out.
    pub cut: u64,
    /// Of those, examples left out because nothing of them was learned.
    pub without_learning: u64,
}

/// Units of everything measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    pub losses: String,
    pub steps: String,
    pub shares: String,
}

impl Default for Units {
    fn default() -> Self {
        Self {
            losses: "nats per token; soft cross-entropy is to the base's predictions".to_owned(),
            steps: "optimiser steps of fine-tuning".to_owned(),
            shares: "count of how many; intervals are Wilson's at 95 %".to_owned(),
        }
    }
}

impl Record {
    /// Reads a record from JSON, which may come from anywhere.
    ///
    /// # Errors
    /// What is wrong with it: too large, not JSON, another schema, steps that do not rise, shares of more than all.
    pub fn read(bytes: &[u8]) -> Result<Self, Problems> {
        let one = |problem| Problems(vec![problem]);
        if bytes.len() > MOST_BYTES {
            let accepted = format!("at most {MOST_BYTES} bytes");
            return Err(one(Problem::new("record", &format!("{} bytes", bytes.len()), accepted)));
        }
        let refused = |why: &str| one(Problem::new("record", why, "the JSON of a record"));
        let text = core::str::from_utf8(bytes).map_err(|error| refused(&error.to_string()))?;
        let record: Self = serde_json::from_str(text).map_err(|error| refused(&error.to_string()))?;
        checked(record)
    }

    /// Whether a file says of itself that it is such a record; one that does may still not be readable.
    pub fn is_one(bytes: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Head {
            experiment: String,
        }
        bytes.trim_ascii_start().first() == Some(&b'{')
            && bytes.len() <= MOST_BYTES
            && core::str::from_utf8(bytes)
                .is_ok_and(|text| serde_json::from_str(text).is_ok_and(|head: Head| head.experiment == EXPERIMENT))
    }

    /// Its checkpoints as the laws are fitted to them: every one after the first step that has both losses, none of a run
    /// that has diverged.
    pub fn observations(&self) -> Vec<Observation> {
        if matches!(self.ending, Some(Ending::Diverged(_))) {
            return Vec::new();
        }
        let row = |point: &Point| {
            Some(Observation {
                parameters: self.tuning.parameters as f64,
                steps: f64::from(point.step),
                fine_tuning_loss: point.fine_tuning_loss?,
                forgetting: point.measures.forgetting.as_ref()?.soft_cross_entropy,
                replay: Some(self.replay),
                tokens: Some(point.new.tokens as f64),
                model_parameters: Some(self.model.parameters as f64),
                run: Some(self.run_id.clone()),
                family: Some(self.tuning.family.clone()),
            })
        };
        self.points.iter().filter(|point| point.step > 0).filter_map(row).collect()
    }
}
