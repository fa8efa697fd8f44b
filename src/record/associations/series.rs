//! Every fine-tuning of a run as records hold it.

use serde::{Deserialize, Serialize};

use super::packed;
use crate::associations::MOST_SIZE;
use crate::error::Problem;
use crate::experiments::associations::{CheckedSpec, Job, Outcome, Predicted, Results, Row, jobs};

/// What fine-tuning on one task did with one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The row, from 0.
    pub task: u32,
    pub seed: u32,
    /// The step at which it diverged, if it did.
    pub diverged: Option<u32>,
    /// Loss after less loss before, of all examples: single precision, little-endian, in base64url. Empty where it
    /// diverged.
    pub rise: String,
    /// Whether each answer is right after it: bits in base64url, the first in the highest place. Empty likewise.
    pub is_right: String,
}

/// What was predicted of all rows of a seed before any step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    pub seed: u32,
    /// Row by row, as [`Series::rise`]; NaN where there is none.
    pub rise: String,
    /// By the steps of AdamW, likewise; of networks none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preconditioned: Option<String>,
}

/// The series of complete results, by seed, then by task.
pub(super) fn series(results: &Results) -> Vec<Series> {
    let of = |job| match job {
        Job::Row { task, seed } => {
            let Row { rise, is_right, diverged } = results.row(task as usize, seed)?;
            let (rise, is_right) = (packed::numbers(rise), packed::answers(is_right));
            Some(Series { task, seed, diverged: *diverged, rise, is_right })
        }
        Job::Prediction { .. } => None,
    };
    jobs(&results.spec).into_iter().filter_map(of).collect()
}

/// What was predicted, by seed.
pub(super) fn predictions(results: &Results) -> Vec<Prediction> {
    let of = |&seed: &u32| {
        let Predicted { rise, preconditioned } = results.prediction(seed)?;
        let preconditioned = preconditioned.as_ref().map(|own| packed::numbers(own));
        Some(Prediction { seed, rise: packed::numbers(rise), preconditioned })
    };
    results.spec.seeds.iter().filter_map(of).collect()
}

impl Series {
    /// The job and what it came to.
    ///
    /// # Errors
    /// Another number of values than examples, a rise that no matrix may have, a step beyond the last.
    pub(super) fn outcome(&self, spec: &CheckedSpec, examples: usize) -> Result<(Job, Outcome), Problem> {
        let Self { task, seed, diverged, .. } = *self;
        let wrong = |what: &str, value: &str, accepted: String| {
            Problem::new(&format!("series of task {task}, seed {seed}, {what}"), value, accepted)
        };
        if let Some(step) = diverged.filter(|&step| step > spec.steps) {
            return Err(wrong("diverged", &step.to_string(), format!("a step from 0 to {}", spec.steps)));
        }
        let count = if diverged.is_some() { 0 } else { examples };
        let rise = packed::read_numbers(&self.rise, count);
        let is_right = packed::read_answers(&self.is_right, count);
        let rise = rise.filter(|rise| rise.iter().all(|rise| rise.abs() <= MOST_SIZE)).ok_or_else(|| {
            let accepted = format!("{count} numbers from -1e15 to 1e15, in base64url");
            wrong("rise", &format!("{} symbols", self.rise.len()), accepted)
        })?;
        let is_right = is_right.ok_or_else(|| {
            wrong("is_right", &format!("{} symbols", self.is_right.len()), format!("{count} bits in base64url"))
        })?;
        Ok((Job::Row { task, seed }, Outcome::Row(Row { rise, is_right, diverged })))
    }
}

impl Prediction {
    /// The job and what it came to, of so many entries.
    ///
    /// # Errors
    /// Another number of values, or one that no matrix may have.
    pub(super) fn outcome(&self, entries: usize) -> Result<(Job, Outcome), Problem> {
        let read = |text: &String| {
            let rise = packed::read_numbers(text, entries);
            rise.filter(|rise| !rise.iter().any(|rise| rise.abs() > MOST_SIZE)).ok_or_else(|| {
                let accepted = format!("{entries} numbers from -1e15 to 1e15 or none, in base64url");
                let value = format!("{} symbols", text.len());
                Problem::new(&format!("predictions of seed {}", self.seed), &value, accepted)
            })
        };
        let predicted =
            Predicted { rise: read(&self.rise)?, preconditioned: self.preconditioned.as_ref().map(read).transpose()? };
        Ok((Job::Prediction { seed: self.seed }, Outcome::Prediction(predicted)))
    }
}
