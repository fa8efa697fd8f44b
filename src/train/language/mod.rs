//! Training language models: gradients, AdamW, rates of steps.

mod adamw;
mod gradients;
mod rate;

pub use adamw::AdamW;
pub use gradients::Gradients;
pub use rate::{Rate, Shape};
