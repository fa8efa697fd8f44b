//! What remains of a run of the experiment `laws`: link, fingerprint, record, CSV.

mod csv;
mod document;
mod fingerprint;
mod link;

pub use super::link::{run_id, science};
pub use csv::tidy;
pub use document::{Cell, Record, Series, Spread, Summary, Units, experiment_of_record};
pub use fingerprint::{Place, Taken, against_fingerprint};
pub use link::Link;
