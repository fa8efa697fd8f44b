//! Experiments: a checked [`Spec`] goes in, [`Event`]s come out.
//!
//! [`ALL`] names the experiments, one file each; [`spec`] says what can be asked, [`fields`] how each part of it is written and checked,
//! [`job`] how it is cut into independent units of work, [`event`] what they report, [`results`]
//! gathers that, and `run` carries out one unit on the fused CPU engine.

pub mod accepted;
#[cfg(feature = "fused")]
pub mod analysis;
#[cfg(all(feature = "scaling", feature = "associations"))]
pub mod associations;
pub mod branch;
#[cfg(feature = "fused")]
pub mod checkpoint;
pub mod curriculum;
pub mod definition;
pub mod engine;
pub mod event;
pub mod fields;
#[cfg(feature = "gpu")]
pub mod fleet;
#[cfg(feature = "fused")]
pub mod inputs;
pub mod job;
pub mod limits;
#[cfg(feature = "llama")]
pub mod llama;
pub mod mitigations;
#[cfg(feature = "fused")]
pub mod phase;
pub mod results;
#[cfg(feature = "fused")]
pub mod run;
#[cfg(feature = "scaling")]
pub mod scaling;
pub mod spec;
pub mod theory;

pub use branch::Branch;
#[cfg(feature = "fused")]
pub use checkpoint::{JobCheckpoint, OpenPhase};
pub use curriculum::{Goal, Way};
pub use definition::{Definition, Experiment, Swept};
pub use engine::Engine;
pub use event::{Ending, Event, Measures, Point};
pub use job::{Cell, Job};
pub use mitigations::Mitigated;
pub use results::{JobTraces, Mark, Results, Trace};
#[cfg(feature = "fused")]
pub use run::JobRun;
pub use spec::{CheckedSpec, Spec};
pub use theory::{Gap, Prediction};

mod dynamics;
mod ntk;
mod replay;
mod sweep;
mod width;

/// Every experiment of this build, the default first.
pub const ALL: &[&Definition] = &[
    &dynamics::DYNAMICS,
    &width::WIDTH,
    &replay::REPLAY,
    &sweep::SWEEP,
    &ntk::NTK,
    &curriculum::CURRICULUM,
    &mitigations::MITIGATIONS,
];
