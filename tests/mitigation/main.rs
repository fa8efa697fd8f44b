//! Mitigations: what holds for each of them, and each against an independent reference.

mod depth;
mod laws;
mod limits;
mod reference;
mod refusals;
mod world;
mod zero;
