//! The engine of deep networks against independent references and against the fused CPU engine.

mod ends;
mod fleets;
mod golden;
mod gradients;
mod networks;
mod shallow;
#[cfg(feature = "gpu")]
mod webgpu;
