//! The worker of language experiments: trains runs of the experiments `laws` and `associations`, or gathers what others
//! have trained and reports on it.
//!
//! One program for two roles, so that a browser compiles it once: `www/training.js` starts a trainer for each core and one
//! desk, and carries what trainers report to the desk.

mod analysed;
mod answer;
mod ask;
mod associations;
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
    let (mut of_rows, mut matrices) = (associations::Trainer::default(), associations::Desk::default());
    answering::start("language experiments", move |ask| match ask {
        Ask::Base { file, bytes } => trainer.keep(file, bytes),
        Ask::Begin { link, cell, seed } => trainer.begin(&link, Job { seed, cell }),
        Ask::Advance { millis } => trainer.advance(millis),
        Ask::Associations(ask) => match ask {
            associations::Ask::Begin { link, job, aim } => {
                of_rows.begin(&link, (job, aim), |file| trainer.weights(file))
            }
            associations::Ask::Advance { millis } => of_rows.advance(millis),
            other => matrices.answer(other, |file| trainer.weights(file)),
        },
        other => desk.answer(other),
    });
}
