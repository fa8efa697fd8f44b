//! Replay aimed by prediction: the same fine-tunings with a few upstream examples among what is read, chosen by what
//! each arm knows, and scored by examples that are never replayed.
//!
//! After Jin & Ren 2024 (arXiv 2406.14026), section 5; `docs/associations.md` says who knows what.

mod aim;
mod arm;
mod draws;
mod findings;
mod outcome;
mod slots;
mod split;

pub use aim::Aim;
pub use arm::Arm;
pub(super) use draws::Draws;
pub use findings::{AgainstRandom, ArmFindings, ReplayFindings, Scored};
pub use outcome::Replayed;
pub(super) use slots::Slots;
pub use split::{ReplaySplit, acted};
