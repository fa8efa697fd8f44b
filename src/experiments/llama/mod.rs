//! What is measured of a language model of the user's own while it is fine-tuned, and after.
//!
//! [`Answers`] is what one model says to everything it is asked; [`Measures`] sets a tuned model's beside its base's. Both
//! are plain numbers and counts, for records and for the page.

mod answers;
mod measures;
mod point;
mod refusals;
mod tasks;

pub use answers::{Answers, Refused, Scores};
pub use measures::{Forgetting, Generation, Losses, Measures, Perplexity};
pub use point::{Point, Read};
pub use refusals::{RefusalShares, Refusals};
pub use tasks::{Answered, Item, ItemScores, Prompted, Task, Variant};
