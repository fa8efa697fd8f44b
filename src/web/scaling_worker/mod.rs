//! The laws' worker: trains runs of the experiment `laws`, or gathers what others have trained and reports on it.
//!
//! One program for two roles, so that a browser compiles it once: `www/laws.js` starts a trainer for each core and one
//! desk, and carries what trainers report to the desk.

mod analysed;
mod answer;
mod ask;
mod desk;
mod notes;
mod own;
mod texts;
mod trainer;

use self::ask::Ask;
use self::desk::Desk;
use self::trainer::Trainer;
use super::answering;
use crate::experiments::scaling::Job;

/// Answers whatever the page asks.
pub fn start() {
    let (mut trainer, mut desk) = (Trainer::default(), Desk::default());
    answering::start("the laws", move |ask| match ask {
        Ask::Base { file, bytes } => trainer.keep(file, bytes),
        Ask::Begin { link, cell, seed } => trainer.begin(&link, Job { seed, cell }),
        Ask::Advance { millis } => trainer.advance(millis),
        other => desk.answer(other),
    });
}
