//! Texts of the user's own: who said what in them.

mod turn;

pub use turn::{Role, Turn};
