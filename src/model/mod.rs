//! Networks: what they compute, how they start, how big they are.

pub mod mlp;

pub use mlp::{Activation, Block, Mlp, Parameterisation, Parameters};
