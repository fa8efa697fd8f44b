//! Whether a rerun agrees with what a link or a record says.

use serde::{Deserialize, Serialize};

use super::fingerprint::{Fingerprint, Taken};
use crate::experiments::Results;

/// Largest relative difference that still counts as the same result on another engine.
pub const TOLERANCE: f64 = 3e-3;

/// The outcome of a rerun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Agreement {
    /// Every bit of every seed is the same.
    Exact,
    /// They differ by at most [`TOLERANCE`]; the largest relative difference.
    Within(f64),
    /// They differ from one place on.
    Differs {
        /// Where the first difference is, as a phrase.
        place: String,
        /// How many series differ, and of how many, where series were compared.
        series: Option<[usize; 2]>,
        /// Largest relative difference, where values could be compared.
        largest: Option<f64>,
    },
}

impl Agreement {
    /// The verdict as the badge of a page has it: its kind and a few words.
    pub fn badge(&self) -> (&'static str, String) {
        match self {
            Self::Exact => ("exact", "Reproduced exactly".to_owned()),
            Self::Within(0.0) => ("tolerance", "Same medians".to_owned()),
            Self::Within(d) => ("tolerance", format!("Within {d:.1e}")),
            Self::Differs { place, .. } => {
                ("differs", format!("Differs from {}", place.split(',').next().unwrap_or(place)))
            }
        }
    }

    /// The verdict in words.
    pub fn sentence(&self) -> String {
        match self {
            Self::Exact => "reproduced exactly".to_owned(),
            Self::Within(d) => format!("within tolerance (largest difference {d:.1e})"),
            Self::Differs { place, series: Some([differing, all]), largest: Some(d) } => {
                format!("differs, from {place} on, in {differing} of {all} series (largest difference {d:.1e})")
            }
            Self::Differs { place, largest: Some(d), .. } => {
                format!("differs, from {place} on (largest difference {d:.1e})")
            }
            Self::Differs { place, largest: None, .. } => format!("differs, from {place} on"),
        }
    }
}

/// Compares the fingerprint of complete results with that of a link.
pub fn against_fingerprint(results: &Results, taken: &Taken, claimed: &Fingerprint) -> Agreement {
    against(&taken.fingerprint, &taken.places, claimed, |place| {
        let width = if results.spec.widths.len() > 1 { format!(", width {}", place.cell.width) } else { String::new() };
        let branches = results.spec.branches();
        let replay = if branches.len() > 1 {
            let branch = &branches[place.cell.branch];
            match (branch.way(), branch.mitigated()) {
                (Some(way), _) => format!(", {}", way.words()),
                (None, Some(mitigated)) => format!(", {mitigated}"),
                (None, None) => format!(", p = {}", branch.mean(results.spec.fine_tuning_steps)),
            }
        } else {
            String::new()
        };
        format!("fine-tuning step {}{width}{replay}", place.step)
    })
}

/// Compares a fingerprint and the places of its medians with what is claimed.
pub(super) fn against<P: Copy>(
    own: &Fingerprint,
    places: &[P],
    claimed: &Fingerprint,
    name: impl Fn(P) -> String,
) -> Agreement {
    if own.engine == claimed.engine && own.hash == claimed.hash {
        return Agreement::Exact;
    }
    if places.is_empty() || places.len() != claimed.medians.len() {
        return Agreement::Differs { place: "the first checkpoint".to_owned(), series: None, largest: None };
    }
    let differences: Vec<f64> =
        own.medians.iter().zip(&claimed.medians).map(|(&a, &b)| relative_difference(a, b)).collect();
    let largest = differences.iter().copied().fold(0.0, f64::max);
    // Medians that agree to the digits kept say nothing against exactness on the same engine but the hash does.
    match differences.iter().position(|&d| d > TOLERANCE) {
        None => Agreement::Within(largest),
        Some(index) => Agreement::Differs { place: name(places[index]), series: None, largest: Some(largest) },
    }
}

/// The largest difference of two columns of equal length, relative to the largest value of both; infinite where one has
/// a number and the other none.
pub(super) fn largest_difference(a: &[f32], b: &[f32]) -> f64 {
    let size = a.iter().chain(b).fold(f64::MIN_POSITIVE, |size, &v| size.max(f64::from(v.abs())));
    let apart = a.iter().zip(b).fold(0.0, |apart, (&a, &b)| {
        f64::max(apart, if a.is_nan() == b.is_nan() { f64::from((a - b).abs()) } else { f64::INFINITY })
    });
    apart / size
}

/// How far two values are apart, relative to the larger one.
pub(super) fn relative_difference(a: f32, b: f32) -> f64 {
    f64::from((a - b).abs()) / f64::from(a.abs().max(b.abs())).max(1e-6)
}
