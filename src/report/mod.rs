//! What a run says to its reader: the sentence, the figures, the reference curves.

#[cfg(feature = "laws")]
mod advice;
#[cfg(all(feature = "scaling", feature = "associations"))]
pub mod associations;
#[cfg(feature = "scaling")]
mod compared;
#[cfg(feature = "scaling")]
pub mod llama;
#[cfg(all(feature = "scaling", feature = "associations"))]
pub mod observed;
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
#[cfg(feature = "scaling")]
pub use compared::{Compared, Word};
pub use reference::Reference;
pub use sentence::{Part, Role, Sentence};
#[cfg(any(feature = "theory", feature = "scaling"))]
pub use statement::Statement;
