//! What a run says to its reader: the sentence, the figures, the reference curves.

#[cfg(feature = "laws")]
mod advice;
pub mod reference;
#[cfg(feature = "scaling")]
pub mod scaling;
pub mod sentence;
#[cfg(any(feature = "theory", feature = "scaling"))]
mod statement;
#[cfg(feature = "theory")]
pub mod theory;
pub mod views;

#[cfg(feature = "laws")]
pub use advice::advised;
pub use reference::Reference;
pub use sentence::{Part, Role, Sentence};
#[cfg(any(feature = "theory", feature = "scaling"))]
pub use statement::Statement;
