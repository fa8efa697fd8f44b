//! Files of texts, read a row at a time.

mod corpus;
mod feed;
mod opening;
pub(super) mod parquet;
pub(super) mod reader;
mod replay;
pub(super) mod rows;

pub use corpus::Corpus;
pub use feed::{Counts, Feed, Plan, Progress};
pub use opening::{name, told_format};
pub use replay::{Prescribed, schedule, weights};

use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// A sentence about one thing that is wrong with a file.
fn wrong(field: impl AsRef<str>, value: &str, accepted: impl Into<String>) -> Failure {
    Failure::Input(Problems(vec![Problem::new(field.as_ref(), value, accepted)]))
}
