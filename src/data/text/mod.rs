//! Texts of the user's own, on their way to a language model.
//!
//! A row of a file is a [`Record`]; a [`Template`] makes it an [`Example`], which says what is learned and what is only
//! read; an [`Encoder`] makes that [`Tokens`]; a [`Packing`] lays them side by side in a [`Batch`]. Which row comes
//! next is a matter of a [`Mixture`] of new rows and replayed ones. Files are read elsewhere. `docs/llama-data.md` has
//! the rules.

mod batch;
mod example;
mod mixture;
mod order;
mod overlap;
mod record;
mod template;
mod tokens;
mod turn;

pub use batch::{Batch, Packing};
pub use example::{Example, Learn, Segment, Text};
pub use mixture::{Draw, Mixture, Part, State, Unit};
pub use order::Order;
pub use overlap::{FEWEST_WORDS, Found, Overlap, Overlaps, SHARED_WORDS, normalised, overlaps};
pub use record::{Format, Record};
pub use template::Template;
pub use tokens::{Encoder, Tokens};
pub use turn::{Role, Turn};
