//! Engines: what trains a network.
//!
//! - [`fused_cpu`]: the reference, bit-identical on every machine.
//! - `fused_gpu` (feature `gpu`): the same loop as kernels, within a tolerance.

pub mod examples;
pub mod fused_cpu;
#[cfg(feature = "gpu")]
pub mod fused_gpu;

pub use examples::{Batches, Examples, LARGEST_OUTPUT, Outcome, Stop};
