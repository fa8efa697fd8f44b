//! Training language models: gradients, AdamW and Adafactor, rates of steps, and the recipe of pre-training.

mod adafactor;
mod adamw;
mod fine_tuning;
mod gradients;
mod optimiser;
mod pass;
mod pretraining;
mod rate;

pub use adafactor::Adafactor;
pub use adamw::AdamW;
pub use fine_tuning::{FineTuning, MicroBatch, Recipe as FineTuningRecipe, Step};
pub use gradients::Gradients;
pub use optimiser::Optimiser;
pub use pass::Pass;
pub use pretraining::{Pretraining, Recipe};
pub use rate::{Rate, Shape};
