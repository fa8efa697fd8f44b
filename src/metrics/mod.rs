//! What is read off finished runs: forgetting at equal steps, equal ID loss, equal effective time; sequences of tasks;
//! what a language model knows, and how far its predictions have moved.

pub mod comparison;
#[cfg(feature = "llama")]
pub mod divergence;
#[cfg(feature = "llama")]
pub mod language;
pub mod sequence;

pub use comparison::{Track, lowest_common};
pub use sequence::TaskMatrix;
