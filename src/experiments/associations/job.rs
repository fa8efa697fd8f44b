//! How the experiment is cut into independent pieces of work, and what each comes to.

use serde::{Deserialize, Serialize};

use super::replay::{Arm, Replayed, acted};
use super::spec::CheckedSpec;

/// A piece of work. What it comes to depends on the subject, the spec and the job alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// A fine-tuning on the task of that number, and the losses after it.
    Row { task: u32, seed: u32 },
    /// What gradients at the base say of all rows of a seed.
    Prediction { seed: u32 },
    /// The same fine-tuning with replay. What it knows of other jobs is an [`Aim`](super::Aim).
    Replay { task: u32, seed: u32, arm: Arm },
}

/// What a fine-tuning did to the examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Loss after less loss before: nats a token of the answer, of networks squared error. `[examples]`; empty where
    /// the run has diverged.
    pub rise: Vec<f32>,
    /// Whether each answer is right after it; empty likewise.
    pub is_right: Vec<bool>,
    /// The step at which the run diverged, if it did.
    pub diverged: Option<u32>,
}

impl Row {
    /// Of a run that diverged at a step.
    pub fn diverged(step: u32) -> Self {
        Self { rise: Vec::new(), is_right: Vec::new(), diverged: Some(step) }
    }
}

/// What a job comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Row(Row),
    Prediction(Predicted),
    Replayed(Replayed),
}

/// Rises as predicted before any step.
///
/// # Shapes
/// Both `[tasks, examples]`, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// By products of gradients; of networks by the network linearised. NaN where a network's kernel is not finite.
    pub rise: Vec<f32>,
    /// By products with the steps that AdamW would make; of networks, which are tuned without it, none.
    pub preconditioned: Option<Vec<f32>>,
}

/// All jobs: seed by seed what is predicted, then the rows; then the runs with replay, which need all of those of their
/// seed.
pub fn jobs(spec: &CheckedSpec) -> Vec<Job> {
    let rows = spec.rows() as u32;
    let measured = |&seed: &u32| {
        let rows = (0..rows).map(move |task| Job::Row { task, seed });
        [Job::Prediction { seed }].into_iter().chain(rows)
    };
    let (arms, acted) = (spec.all_arms(), if spec.arms.is_empty() { Vec::new() } else { acted(spec) });
    let replay = |&seed: &u32| {
        let of_task = |&task: &usize| arms.iter().map(move |&arm| Job::Replay { task: task as u32, seed, arm });
        acted.iter().flat_map(of_task).collect::<Vec<Job>>()
    };
    let measured = spec.seeds.iter().flat_map(measured);
    measured.chain(spec.seeds.iter().flat_map(replay)).collect()
}
