//! The reference engine: analytic gradients of a one-hidden-layer network of any number of inputs, fused into one
//! pass.
//!
//! Lanes run over hidden units. Samples come in tiles of four: a tile's outputs are summed, its
//! residuals taken, and its gradient added while its activations are still in the nearest cache.
//! Every result is the same, bit for bit, on every machine and in every browser: see [`lanes`] for
//! the arithmetic and [`elementary`] for tanh, erf and exp.

pub(super) mod activation;
mod block;
pub mod elementary;
pub mod lanes;
mod measure;
mod pass;
mod restrain;
mod state;
mod tile;
mod update;

pub use lanes::Instructions;
pub use state::{Snapshot, State};
pub use update::moments_of;
