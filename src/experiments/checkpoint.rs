//! Where an unfinished job stands: enough to go on elsewhere, on either engine.

use serde::{Deserialize, Serialize};

use super::job::Job;
use crate::engine::fused_cpu::Snapshot;
use crate::model::Parameters;

/// A job in mid-run. Continued on the engine that made it, it gives the same bits as without the break.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobCheckpoint {
    pub job: Job,
    /// The network after pre-training; `None` while that goes on.
    pub pretrained: Option<Parameters>,
    /// Phases that are under way: pre-training, or branches of fine-tuning. The CPU engine takes
    /// branches one after the other, the GPU engine all at once.
    pub open: Vec<OpenPhase>,
    /// Branches that have ended.
    pub ended: Vec<u32>,
    /// Sample x unit x steps done.
    pub work_done: f64,
}

/// A phase under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenPhase {
    /// `None` for pre-training.
    pub branch: Option<u32>,
    /// Parameters, step and moments.
    pub network: Snapshot,
    /// Measured checkpoints that have been reported.
    pub reported: u32,
}
