//! What is read off finished runs: forgetting at equal steps, equal ID loss, equal effective time.

pub mod comparison;

pub use comparison::{Track, lowest_common};
