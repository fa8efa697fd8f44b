//! What is read off finished runs: forgetting at equal steps, equal ID loss, equal effective time; sequences of tasks;
//! what a language model knows, answers and refuses, and how far its predictions have moved.

#[cfg(feature = "llama")]
mod batches;
#[cfg(feature = "llama")]
pub mod choice;
pub mod comparison;
#[cfg(feature = "llama")]
pub mod confusion;
#[cfg(feature = "llama")]
pub mod divergence;
#[cfg(feature = "llama")]
pub mod language;
#[cfg(feature = "llama")]
pub mod likelihood;
#[cfg(feature = "llama")]
pub mod perplexity;
#[cfg(feature = "llama")]
pub mod refusal;
pub mod sequence;

pub use comparison::{Track, lowest_common};
pub use sequence::TaskMatrix;
