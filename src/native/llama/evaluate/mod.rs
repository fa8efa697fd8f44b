//! What a language model knows, answers, refuses and expects, before and after fine-tuning: `[evaluation]` of a settings
//! file, and `lethe llama evaluate`.

mod asking;
mod command;
mod defaults;
mod keys;
mod measuring;
mod pairs;
mod reading;
mod rows;
mod settings;
mod table;
mod tasks;
mod texts;
mod writing;

pub use asking::{Evaluated, Evaluation};
pub use command::{Arguments, evaluate};
pub use measuring::NOT_FINITE;
