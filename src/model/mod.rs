//! Networks: what they compute, how they start, how big they are.

#[cfg(feature = "llama")]
pub mod llama;
pub mod mlp;
pub mod size;

pub use mlp::{Activation, Block, Mlp, Parameterisation, Parameters};
pub use size::Size;
