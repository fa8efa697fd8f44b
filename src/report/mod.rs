//! What a run says to its reader: the sentence, the figures, the reference curves.

pub mod reference;
pub mod sentence;
#[cfg(feature = "theory")]
pub mod theory;
pub mod views;

pub use reference::Reference;
pub use sentence::{Part, Role, Sentence};
