//! What one checkpoint of a fine-tuning is like.

use serde::{Deserialize, Serialize};

use super::Measures;

/// What training has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    pub examples: u64,
    /// All of their texts'.
    pub tokens: u64,
}

/// One checkpoint of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Update steps taken.
    pub step: u32,
    /// Of the fine-tuning set.
    pub new: Read,
    /// Of the replayed corpus.
    pub replayed: Read,
    /// Mean of the steps' losses since the point before, nats a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_loss: Option<f64>,
    /// On the examples that were held out, nats a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fine_tuning_loss: Option<f64>,
    pub measures: Measures,
}
