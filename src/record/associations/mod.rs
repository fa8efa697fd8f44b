//! What remains of a run of the experiment `associations`: link, fingerprint, record, properties of rows and columns.

mod agreeing;
mod document;
mod fingerprint;
mod link;
mod packed;
mod properties;
mod replay;
mod series;

pub use document::{PackedFeatures, Record, RowSummary, SCHEMA};
pub use fingerprint::{Taken, against_fingerprint};
pub use link::Link;
pub use properties::properties;
pub use replay::replay;
pub use series::{Prediction, ReplaySeries, Series};

use crate::experiments::Engine;
use crate::experiments::associations::{Spec, World};

/// What computes the runs of a spec.
fn engine(spec: &Spec) -> Engine {
    match spec.world {
        World::Language => Engine::Autodiff,
        _ => Engine::FusedCpu,
    }
}
