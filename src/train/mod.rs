//! How a network is trained: optimiser, batches, replay schedule, what holds it to what it knows.

#[cfg(feature = "llama")]
pub mod language;
pub mod mitigation;
pub mod mixture;
pub mod optimiser;
pub mod restraint;
pub mod schedule;

pub use mitigation::Mitigation;
pub use mixture::{Mixture, Replay};
pub use optimiser::{Optimiser, OptimiserKind};
pub use restraint::{Restraint, Tether};
pub use schedule::ReplaySchedule;
