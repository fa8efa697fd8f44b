//! Every fine-tuning of a run as records hold it.

use serde::{Deserialize, Serialize};

use super::packed;
use crate::associations::MOST_SIZE;
use crate::error::Problem;
use crate::experiments::associations::{Arm, CheckedSpec, Job, Outcome, Predicted, Replayed, Results, Row, jobs};

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

/// What fine-tuning on one task did with one seed and replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplaySeries {
    pub arm: Arm,
    #[serde(flatten)]
    pub series: Series,
    /// Of the task itself afterwards; missing where the run has diverged.
    pub task_loss: Option<f32>,
    /// Columns in the order in which they were replayed.
    pub replayed: Vec<u32>,
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
        Job::Row { task, seed } => Some(Series::of(results.row(task as usize, seed)?, task, seed)),
        Job::Prediction { .. } | Job::Replay { .. } => None,
    };
    jobs(&results.spec).into_iter().filter_map(of).collect()
}

/// The runs with replay of complete results, in the order of their jobs.
pub(super) fn replays(results: &Results) -> Vec<ReplaySeries> {
    let of = |job| {
        let Job::Replay { task, seed, arm } = job else { return None };
        let Replayed { row, task_loss, replayed } = results.replayed(task as usize, seed, arm)?;
        let task_loss = Some(*task_loss).filter(|_| row.diverged.is_none());
        Some(ReplaySeries { arm, series: Series::of(row, task, seed), task_loss, replayed: replayed.clone() })
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

impl ReplaySeries {
    /// The job and what it came to.
    ///
    /// # Errors
    /// As of [`Series`]; a loss that is none, a column that there is not.
    pub(super) fn outcome(&self, spec: &CheckedSpec, examples: usize) -> Result<(Job, Outcome), Problem> {
        let Self { arm, series: Series { task, seed, diverged, .. }, .. } = *self;
        let wrong = |what: &str, value: String, accepted: String| {
            let field = format!("replay by {} on task {task}, seed {seed}, {what}", arm.name());
            Problem::new(&field, &value, accepted)
        };
        // A run with replay is at most twice as long.
        let row = self.series.row(2 * spec.steps, examples)?;
        let task_loss = self.task_loss.unwrap_or(f32::NAN);
        if diverged.is_none() && (task_loss.is_nan() || task_loss.abs() > MOST_SIZE) {
            return Err(wrong("task_loss", task_loss.to_string(), "a number from -1e15 to 1e15".to_owned()));
        }
        if let Some(column) = self.replayed.iter().find(|&&column| column as usize >= examples) {
            return Err(wrong("replayed", column.to_string(), format!("columns from 0 to {}", examples - 1)));
        }
        let replayed = Replayed { row, task_loss, replayed: self.replayed.clone() };
        Ok((Job::Replay { task, seed, arm }, Outcome::Replayed(replayed)))
    }
}

impl Series {
    fn of(row: &Row, task: u32, seed: u32) -> Self {
        let (rise, is_right) = (packed::numbers(&row.rise), packed::answers(&row.is_right));
        Self { task, seed, diverged: row.diverged, rise, is_right }
    }

    /// The job and what it came to.
    ///
    /// # Errors
    /// As of [`row`](Self::row).
    pub(super) fn outcome(&self, spec: &CheckedSpec, examples: usize) -> Result<(Job, Outcome), Problem> {
        let job = Job::Row { task: self.task, seed: self.seed };
        Ok((job, Outcome::Row(self.row(spec.steps, examples)?)))
    }

    /// What the fine-tuning of at most so many steps did.
    ///
    /// # Errors
    /// Another number of values than examples, a rise that no matrix may have, a step beyond the last.
    fn row(&self, most: u32, examples: usize) -> Result<Row, Problem> {
        let Self { task, seed, diverged, .. } = *self;
        let wrong = |what: &str, value: &str, accepted: String| {
            Problem::new(&format!("series of task {task}, seed {seed}, {what}"), value, accepted)
        };
        if let Some(step) = diverged.filter(|&step| step > most) {
            return Err(wrong("diverged", &step.to_string(), format!("a step from 0 to {most}")));
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
        Ok(Row { rise, is_right, diverged })
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
