//! How a network is trained: optimiser, batches, replay schedule, measuring steps.

pub mod mixture;
pub mod optimiser;
pub mod restraint;
pub mod schedule;

pub use mixture::Mixture;
pub use optimiser::{Optimiser, OptimiserKind};
pub use restraint::{Restraint, Tether};
pub use schedule::ReplaySchedule;
