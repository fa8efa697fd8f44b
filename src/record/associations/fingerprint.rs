//! The fingerprint of a run of the experiment `associations`.

use sha2::{Digest, Sha256};

use super::engine;
use crate::experiments::associations::{Results, Row};
use crate::record::fingerprint::Fingerprint;
use crate::record::verdict::{Agreement, against};
use crate::stats::Quartiles;

/// A fingerprint with the tasks of its medians: over seeds, of the root of the mean squared rise.
///
/// The hash covers every seed in the spec's order: what was predicted and then task by task the rises as little-endian
/// bits, whether each answer is right, and the step of those that diverged; then the same of each run with replay, and the
/// task's loss.
pub struct Taken {
    pub fingerprint: Fingerprint,
    /// The rows of the medians.
    pub places: Vec<usize>,
}

impl Taken {
    /// That of complete results.
    pub fn of(results: &Results) -> Self {
        let mut hash = Sha256::new();
        for &seed in &results.spec.seeds {
            for rise in predicted(results, seed) {
                hash.update(rise.to_bits().to_le_bytes());
            }
            (0..results.tasks.len()).filter_map(|task| results.row(task, seed)).for_each(|row| take(&mut hash, row));
            for (replayed, _) in results.replays(seed) {
                take(&mut hash, &replayed.row);
                hash.update(replayed.task_loss.to_bits().to_le_bytes());
            }
        }
        let median = |task: usize| {
            let rows = results.spec.seeds.iter().filter_map(|&seed| results.row(task, seed));
            let sizes: Vec<f64> = rows.filter(|row| row.diverged.is_none()).map(|row| size(&row.rise)).collect();
            Some((task, Quartiles::of(&sizes)?.median as f32))
        };
        let medians: Vec<(usize, f32)> = (0..results.tasks.len()).filter_map(median).collect();
        let (fingerprint, places) = Fingerprint::made(engine(&results.spec).letter(), hash, &medians);
        Self { fingerprint, places }
    }
}

/// All that was predicted of a seed.
pub(super) fn predicted(results: &Results, seed: u32) -> impl Iterator<Item = f32> {
    let all = results.prediction(seed).into_iter();
    all.flat_map(|own| own.rise.iter().chain(own.preconditioned.iter().flatten()).copied())
}

fn take(hash: &mut Sha256, row: &Row) {
    row.rise.iter().for_each(|rise| hash.update(rise.to_bits().to_le_bytes()));
    row.is_right.iter().for_each(|&right| hash.update([u8::from(right)]));
    if let Some(step) = row.diverged {
        hash.update(b"d");
        hash.update(step.to_le_bytes());
    }
}

/// The root of the mean square.
fn size(rise: &[f32]) -> f64 {
    let squares: f64 = rise.iter().map(|&rise| f64::from(rise) * f64::from(rise)).sum();
    (squares / rise.len() as f64).sqrt()
}

/// Compares the fingerprint of complete results with that of a link.
pub fn against_fingerprint(results: &Results, taken: &Taken, claimed: &Fingerprint) -> Agreement {
    let name = |task: usize| format!("the task {}", results.tasks[task].name);
    against(&taken.fingerprint, &taken.places, claimed, name)
}
