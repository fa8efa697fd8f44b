//! How a network is trained: optimiser, batches, replay schedule, measuring steps.

pub mod optimiser;
pub mod schedule;

pub use optimiser::{Optimiser, OptimiserKind};
pub use schedule::ReplaySchedule;
