//! What remains of the fine-tuning of a real Llama: record, what was measured in it number by number, CSV.

mod checks;
mod course;
mod csv;
mod document;
mod measured;

pub use course::{Course, courses};
pub use csv::tidy;
pub use document::{EXPERIMENT, Model, Record, SCHEMA, Shortened, Tuning, Units};
pub use measured::{Estimate, Measure, Measured, asked, kept_windows, measured, most};
