//! The engine of deep networks against independent references and against the fused CPU engine.

#[cfg(feature = "native")]
mod cli;
#[path = "../engine/differences.rs"]
mod differences;
mod ends;
mod fleets;
mod golden;
mod gradients;
mod kernels;
mod networks;
mod predictions;
mod shallow;
