//! What remains of a run of the experiment `associations`: link, record, properties of rows and columns.

mod document;
mod link;
mod properties;
mod replay;

pub use document::{Record, RowSummary, SCHEMA};
pub use link::Link;
pub use properties::properties;
pub use replay::replay;
