//! What a fine-tuning will hold in memory: an estimate by part before anything is loaded, and what to change where it does
//! not fit.

mod advice;
mod command;
mod estimate;
mod measure;
mod preset;
mod shape;
mod table;

pub use advice::{Change, changes, together};
pub use command::{Arguments, advise, gibibytes, memory, tell};
pub use estimate::{Estimate, Optimiser, Part, Place, Setup, estimate};
pub use measure::measured;
pub use preset::{preset, presets};
pub use shape::{parameters, trained};
