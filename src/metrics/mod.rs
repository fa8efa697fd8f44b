//! What is read off finished runs: forgetting at equal steps, equal ID loss, equal effective time; sequences of tasks.

pub mod comparison;
pub mod sequence;

pub use comparison::{Track, lowest_common};
pub use sequence::TaskMatrix;
