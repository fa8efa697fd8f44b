//! Records as runs that laws are fitted to.

use super::{llama, scaling};
use crate::error::Problems;
use crate::laws::Observation;

/// The checkpoints of a file that is a record of language models, tiny or real; `None` of any other file.
///
/// # Errors
/// What is wrong with the record.
pub fn observations(bytes: &[u8]) -> Option<Result<Vec<Observation>, Problems>> {
    if llama::Record::is_one(bytes) {
        return Some(llama::Record::read(bytes).map(|record| record.observations()));
    }
    scaling::Record::observations(bytes)
}
