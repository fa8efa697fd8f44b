//! The fingerprint of a run of the experiment `laws`.

use sha2::{Digest, Sha256};

use crate::experiments::Engine;
use crate::experiments::scaling::{Ability, Ending, Results, Trace};
use crate::record::fingerprint::Fingerprint;
use crate::record::verdict::{Agreement, against};
use crate::stats::Quartiles;

/// Where in a run a median was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub cell: usize,
    pub step: u32,
}

/// A fingerprint with the places of its medians, which are of L_f.
///
/// The hash covers every run, by seed, then by cell: each checkpoint's step and losses as little-endian bits, its counts
/// of abilities, and how the run ended.
pub struct Taken {
    pub fingerprint: Fingerprint,
    pub places: Vec<Place>,
}

impl Taken {
    /// That of complete results.
    pub fn of(results: &Results) -> Self {
        let mut hash = Sha256::new();
        results.traces().for_each(|(_, trace)| take(&mut hash, trace));
        let mut medians = Vec::new();
        for cell in 0..results.cells().len() {
            let traces: Vec<&Trace> = results.of_cell(cell).map(|(_, trace)| trace).collect();
            let points = traces.iter().map(|trace| trace.points.len()).max().unwrap_or(0);
            // At step 0 nothing has happened yet.
            for place in 1..points {
                let at: Vec<_> = traces.iter().filter_map(|trace| trace.points.get(place)).collect();
                let values: Vec<f64> = at.iter().map(|point| f64::from(point.losses.forgetting)).collect();
                if let (Some(point), Some(quartiles)) = (at.first(), Quartiles::of(&values)) {
                    medians.push((Place { cell, step: point.step }, quartiles.median as f32));
                }
            }
        }
        let (fingerprint, places) = Fingerprint::made(Engine::Autodiff.letter(), hash, &medians);
        Self { fingerprint, places }
    }
}

fn take(hash: &mut Sha256, trace: &Trace) {
    for point in &trace.points {
        hash.update(point.step.to_le_bytes());
        point.losses.values().iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
        if let Some(abilities) = &point.abilities {
            Ability::ALL.iter().for_each(|&ability| hash.update((abilities.share(ability).count as u32).to_le_bytes()));
        }
    }
    let (letter, step) = match trace.ending {
        None => (b'-', 0),
        Some(Ending::Complete) => (b'c', 0),
        Some(Ending::Diverged(step)) => (b'd', step),
    };
    hash.update([letter]);
    hash.update(step.to_le_bytes());
}

/// Compares the fingerprint of complete results with that of a link.
pub fn against_fingerprint(results: &Results, taken: &Taken, claimed: &Fingerprint) -> Agreement {
    let name = |place: Place| format!("step {}, {}", place.step, results.cells()[place.cell].label(&results.spec));
    against(&taken.fingerprint, &taken.places, claimed, name)
}
