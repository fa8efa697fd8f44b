//! The theory's worker: what one network's kernel knows, for `www/theory.js` and for scripts.

mod answer;
mod ask;
mod desk;
mod numbers;
mod subject;

use self::desk::Desk;
use super::answering;

/// Answers whatever the page asks.
pub fn start() {
    let mut desk = Desk::default();
    answering::start("the theory", move |ask| desk.answer(ask));
}

/// Why the theory has no answer, in words.
fn said(why: impl core::fmt::Display) -> String {
    format!("The theory has no answer here: {why}")
}
