//! What a run with replay comes to.

use serde::{Deserialize, Serialize};

use super::super::job::Row;

/// What a fine-tuning with replay did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replayed {
    /// Of all examples, those of the pool among them.
    pub row: Row,
    /// The loss of the task afterwards on what was not read: nats a token of 64 windows, of networks the mean squared
    /// error of its test points. NaN where the run has diverged.
    pub task_loss: f32,
    /// Columns in the order in which they were replayed.
    pub replayed: Vec<u32>,
}

impl Replayed {
    /// Of a run that diverged at a step, or whose aim did.
    pub fn diverged(step: u32) -> Self {
        Self { row: Row::diverged(step), task_loss: f32::NAN, replayed: Vec::new() }
    }
}
