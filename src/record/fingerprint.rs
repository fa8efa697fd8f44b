//! A short text that stands for a result: equal texts, equal bits.

use core::fmt;
use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use super::link::hex;
use super::{base64url, bits};
use crate::experiments::job::{Cell, Job, cells};
use crate::experiments::results::Trace;
use crate::experiments::{Ending, Results};
use crate::stats::Quartiles;

/// Medians that a fingerprint carries at most.
const MEDIANS: usize = 12;

/// Engine letter, 8 hex digits over every per-seed number, and up to 12 medians of the old-task loss.
///
/// The hash covers, for each seed and width in rising order and each branch: every checkpoint's
/// step and measures as little-endian bits, and how the phase ended; then what was seen over the whole of
/// planned branches. The medians are spread evenly
/// over the fine-tuning checkpoints of all cells in the spec's order, the last one always among
/// them, each kept to 18 bits (9 of mantissa: 0.1 %).
#[derive(Clone, Debug, PartialEq)]
pub struct Fingerprint {
    /// [`crate::experiments::Engine::letter`] of the engine; where several had a part, of the last in their order.
    pub engine: char,
    pub hash: String,
    pub medians: Vec<f32>,
}

/// Where in a run a median of a fingerprint was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub cell: Cell,
    pub step: u32,
}

impl Fingerprint {
    /// What a fingerprint looks like, as a phrase.
    pub const ACCEPTED: &'static str = "a letter, 8 hex digits and, after a dot, up to 12 medians in base64url";

    /// The fingerprint of complete results.
    pub fn of(results: &Results) -> Self {
        Taken::of(results).fingerprint
    }

    /// From what was hashed and from all medians with their places, of which it keeps some, spread evenly.
    pub(super) fn made<P: Copy>(engine: char, hash: Sha256, medians: &[(P, f32)]) -> (Self, Vec<P>) {
        let count = medians.len().min(MEDIANS);
        let kept = (1..=count).map(|k| medians[k * medians.len() / count - 1]);
        let places = kept.clone().map(|(place, _)| place).collect();
        let medians = kept.map(|(_, median)| unpack(pack(median))).collect();
        (Self { engine, hash: hex(&hash.finalize()[..4]), medians }, places)
    }

    /// Reads a fingerprint; `None` if the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (head, tail) = text.split_once('.').unwrap_or((text, ""));
        let engine = head.chars().next().filter(char::is_ascii_lowercase)?;
        let hash = &head[1..];
        let is_hex = hash.len() == 8 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let bits = bits::unpack(&base64url::read(tail)?);
        let medians: Vec<f32> = bits
            .chunks_exact(18)
            .map(|chunk| unpack(chunk.iter().fold(0, |code, &bit| code << 1 | u32::from(bit))))
            .collect();
        let usable = is_hex && medians.len() <= MEDIANS && medians.iter().all(|m| m.is_finite());
        usable.then(|| Self { engine, hash: hash.to_owned(), medians })
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.engine, self.hash)?;
        if self.medians.is_empty() {
            return Ok(());
        }
        let mut bits: Vec<bool> = Vec::new();
        for &median in &self.medians {
            let code = pack(median);
            bits.extend((0..18).rev().map(|k| code >> k & 1 == 1));
        }
        write!(f, ".{}", base64url::write(&bits::pack(&bits)))
    }
}

/// Sign, exponent and 9 bits of mantissa, rounded to nearest.
fn pack(value: f32) -> u32 {
    value.to_bits().saturating_add(1 << 13) >> 14
}

fn unpack(code: u32) -> f32 {
    f32::from_bits(code << 14)
}

/// A fingerprint with the places of its medians.
pub struct Taken {
    pub fingerprint: Fingerprint,
    pub places: Vec<Place>,
}

impl Taken {
    /// That of complete results.
    pub fn of(results: &Results) -> Self {
        let mut taking = Taking::new(results);
        while !taking.advance(results) {}
        taking.finish(results)
    }
}

/// A fingerprint being taken, in pieces of about a millisecond: a page takes that of ten thousand
/// networks between frames.
pub struct Taking {
    hash: Sha256,
    /// The last job that was hashed.
    job: Option<Job>,
    cells: VecDeque<Cell>,
    medians: Vec<(Place, f32)>,
}

impl Taking {
    /// Begins on complete results.
    pub fn new(results: &Results) -> Self {
        Self { hash: Sha256::new(), job: None, cells: cells(&results.spec).into(), medians: Vec::new() }
    }

    /// Takes in one more job or, after the last, the medians of one more cell; whether all is taken in.
    pub fn advance(&mut self, results: &Results) -> bool {
        if let Some((&job, traces)) = results.job_after(self.job) {
            self.job = Some(job);
            take(&mut self.hash, &traces.pretraining);
            traces.fine_tuning.iter().for_each(|trace| take(&mut self.hash, trace));
            for seen in traces.spending.iter().filter_map(|spending| spending.over_time) {
                [seen.average, seen.worst].iter().for_each(|value| self.hash.update(value.to_bits().to_le_bytes()));
            }
            return false;
        }
        if let Some(cell) = self.cells.pop_front() {
            let rows = results.population(cell.width, Some(cell.branch), |m| m.old_loss);
            self.medians.extend(
                rows.into_iter()
                    .filter_map(|(step, values)| Some((Place { cell, step }, Quartiles::of(&values)?.median as f32))),
            );
        }
        self.cells.is_empty()
    }

    /// What was taken; cells without values are passed over.
    pub fn finish(self, results: &Results) -> Taken {
        let engine = results.engines().last().map_or('c', |engine| engine.letter());
        let (fingerprint, places) = Fingerprint::made(engine, self.hash, &self.medians);
        Taken { fingerprint, places }
    }
}

/// Hashes one trace.
fn take(hash: &mut Sha256, trace: &Trace) {
    for point in &trace.points {
        hash.update(point.step.to_le_bytes());
        for value in point.measures.values() {
            hash.update(value.to_bits().to_le_bytes());
        }
    }
    let (letter, step) = match trace.ending {
        None => (b'-', 0),
        Some(Ending::Complete) => (b'c', 0),
        Some(Ending::Stopped(step)) => (b's', step),
        Some(Ending::Diverged(step)) => (b'd', step),
        Some(Ending::Unplanned) => (b'u', 0),
    };
    hash.update([letter]);
    hash.update(step.to_le_bytes());
}
