//! A statement with its numbers.

use serde::Serialize;

/// One thing that is said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statement {
    /// Stable name.
    pub id: &'static str,
    /// One or two sentences.
    pub text: String,
    /// Its numbers by name, all finite; empty where the sentence says why there are none.
    pub values: Vec<(&'static str, f64)>,
}
