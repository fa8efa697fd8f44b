//! What leading factors go with.

use serde::{Deserialize, Serialize};

use super::results::Results;
use crate::associations::{Matrix, Spectrum, Training, pearson};

/// How much of a factor's variance a property holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meaning {
    /// From 1, by falling singular value.
    pub factor: usize,
    /// `tasks` or `examples`.
    pub of: String,
    pub property: String,
    /// The squared correlation with a number; the share of squares between groups of a name.
    pub r2: f64,
}

/// Factors that are looked at.
const FACTORS: usize = 3;

/// The leading singular vectors of a matrix beside everything that is known of rows and columns.
pub(super) fn meanings(results: &Results, matrix: &Matrix) -> Vec<Meaning> {
    let training = Training::all(matrix);
    let spectrum = Spectrum::of(&training, None);
    let count = spectrum.rank(FACTORS);
    let right = spectrum.right(&training, None, count);
    let task_kinds: Vec<&str> = results.tasks.iter().map(|task| task.kind.as_str()).collect();
    let kinds: Vec<&str> = results.examples.iter().map(|example| example.kind.as_str()).collect();
    let relations: Vec<&str> =
        results.examples.iter().map(|example| example.relation.as_deref().unwrap_or_default()).collect();
    let losses: Vec<f64> = results.examples.iter().map(|example| f64::from(example.base_loss)).collect();
    let mut found = Vec::new();
    for factor in 0..count {
        let left: Vec<f64> = (0..training.rows()).map(|row| spectrum.left[(row, factor)]).collect();
        let right: Vec<f64> = right.iter().skip(factor).step_by(count).copied().collect();
        let by_loss = pearson(&right, &losses).map(|found| found.coefficient * found.coefficient);
        let all = [
            ("tasks", "kind", between(&left, &task_kinds)),
            ("examples", "kind", between(&right, &kinds)),
            ("examples", "relation", between(&right, &relations)),
            ("examples", "base loss", by_loss),
        ];
        found.extend(all.into_iter().filter_map(|(of, property, r2)| {
            Some(Meaning { factor: factor + 1, of: of.to_owned(), property: property.to_owned(), r2: r2? })
        }));
    }
    found
}

/// The share of the squares around the mean that lie between groups; `None` of one group or of equal numbers.
pub(super) fn between(values: &[f64], groups: &[&str]) -> Option<f64> {
    let mut names = groups.to_vec();
    names.sort_unstable();
    names.dedup();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let all: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let of_group = |name: &&str| {
        let own = || values.iter().zip(groups).filter(|(_, group)| *group == name).map(|(value, _)| value - mean);
        let sum: f64 = own().sum();
        sum * sum / own().count() as f64
    };
    (names.len() > 1 && all > 0.0).then(|| names.iter().map(of_group).sum::<f64>() / all)
}
