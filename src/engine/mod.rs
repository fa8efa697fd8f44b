//! Engines: what trains a network.
//!
//! - [`fused_cpu`]: the reference, bit-identical on every machine.
//! - `autodiff` (feature `autodiff`): networks of any depth, by burn's gradients, within a tolerance.
//! - `operations` (feature `llama`): what language models compute between matrix products, fused on the CPU.
//! - `fused_gpu` (feature `gpu`): the same loop as kernels, within a tolerance.

#[cfg(feature = "autodiff")]
pub mod autodiff;
pub mod examples;
pub mod fleet;
pub mod fused_cpu;
#[cfg(feature = "gpu")]
pub mod fused_gpu;
#[cfg(feature = "llama")]
pub mod operations;
#[cfg(feature = "autodiff")]
pub mod threads;

pub mod trainee;

pub use examples::{Batches, Examples, LARGEST_OUTPUT, Outcome, Stop};
pub use trainee::{Trainee, can_train};
