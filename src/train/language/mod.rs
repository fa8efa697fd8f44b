//! Training language models: gradients, AdamW, rates of steps, and the recipe of pre-training.

mod adamw;
mod fine_tuning;
mod gradients;
mod pass;
mod pretraining;
mod rate;

pub use adamw::AdamW;
pub use fine_tuning::{FineTuning, MicroBatch, Recipe as FineTuningRecipe, Step};
pub use gradients::Gradients;
pub use pass::Pass;
pub use pretraining::{Pretraining, Recipe};
pub use rate::{Rate, Shape};
