//! The record of a run of the experiment `associations`: everything but the matrices, which are files beside it.

use serde::{Deserialize, Serialize};

use super::Link;
use crate::experiments::associations::{Example, Findings, Results, Spec, Task, World};
use crate::record::link::run_id;
use crate::record::{BUILD, Timing};

/// The version of these records.
pub const SCHEMA: u32 = 1;

/// What fine-tuning on a task did, seed by seed in the order of the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowSummary {
    #[serde(flatten)]
    pub task: Task,
    /// Mean rise over all examples; missing where a run has diverged.
    pub mean_rise: Vec<Option<f64>>,
    /// Answers that were right before and are wrong after.
    pub forgotten: Vec<Option<usize>>,
    /// Steps at which runs have diverged.
    pub diverged: Vec<Option<u32>>,
}

/// Everything about a finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub schema: u32,
    pub run_id: String,
    pub link: String,
    pub device: String,
    pub build: String,
    pub spec: Spec,
    /// Of the entries of the matrices.
    pub units: String,
    pub tasks: Vec<RowSummary>,
    pub examples: Vec<Example>,
    pub findings: Findings,
    pub timing: Timing,
}

impl Record {
    /// The record of complete results.
    pub fn of(results: &Results, findings: &Findings, device: &str, timing: Timing) -> Self {
        let units = match results.spec.world {
            World::Language => "rise of the mean negative log-likelihood of the answer's tokens, nats per token",
            World::Rotated | World::Permuted => "rise of the squared error",
        };
        let rows = results.tasks.iter().enumerate().map(|(task, known)| RowSummary::of(results, task, known));
        Self {
            schema: SCHEMA,
            run_id: run_id(&results.spec),
            link: Link::write(&results.spec, Some(BUILD), None, &[]),
            device: device.to_owned(),
            build: BUILD.to_owned(),
            spec: Spec::clone(&results.spec),
            units: units.to_owned(),
            tasks: rows.collect(),
            examples: results.examples.clone(),
            findings: findings.clone(),
            timing,
        }
    }
}

impl RowSummary {
    fn of(results: &Results, task: usize, known: &Task) -> Self {
        let rows = || results.spec.seeds.iter().map(move |&seed| results.row(task, seed));
        let ended = || rows().map(|row| row.filter(|row| row.diverged.is_none()));
        let mean = |rise: &[f32]| rise.iter().copied().map(f64::from).sum::<f64>() / rise.len() as f64;
        let lost = |right: &[bool]| {
            results.examples.iter().zip(right).filter(|(example, right)| example.base_is_right && !**right).count()
        };
        Self {
            task: known.clone(),
            mean_rise: ended().map(|row| row.map(|row| mean(&row.rise))).collect(),
            forgotten: ended().map(|row| row.map(|row| lost(&row.is_right))).collect(),
            diverged: rows().map(|row| row.and_then(|row| row.diverged)).collect(),
        }
    }
}
