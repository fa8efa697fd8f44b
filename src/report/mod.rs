//! What a run says to its reader: the sentence, the figures, the reference curves.

pub mod reference;
pub mod sentence;
pub mod views;

pub use reference::Reference;
pub use sentence::{Part, Role, Sentence};
