//! What the matrices come to.

use serde::{Deserialize, Serialize};

use super::meaning::{Meaning, meanings};
use super::replay::ReplayFindings;
use super::results::Results;
use crate::associations::{
    Ceiling, CoForgetting, Correlation, Matrix, Reconstruction, Spectrum, Training, pearson, spearman,
};

/// Highest rank that is told.
const RANKS: usize = 5;
/// Permutations for each p-value.
const PERMUTATIONS: usize = 999;

/// What is told of finished results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Of the mean over seeds.
    pub reconstruction: Option<Reconstruction>,
    /// `None` of a single seed.
    pub ceiling: Option<Ceiling>,
    /// `None` where the base gets no example right.
    pub binary: Option<Binary>,
    /// What gradients said before any step, beside the mean over seeds.
    pub prediction: Option<Agreement>,
    /// The same with the steps that AdamW would make; of networks none.
    pub preconditioned: Option<Agreement>,
    /// Likeness of task and example on the face of it, beside the mean over seeds.
    pub similarity: Option<Agreement>,
    /// What the leading factors of the mean go with.
    pub meanings: Vec<Meaning>,
    /// Whether kinds of examples are forgotten together; the groups are the kinds in the order of the columns.
    pub kinds: Option<CoForgetting>,
    /// What aiming replay buys; `None` where no replay was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<ReplayFindings>,
}

/// How a matrix goes with another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Over all entries that both have.
    pub pearson: Option<Correlation>,
    pub spearman: Option<Correlation>,
    /// The mean over rows of Pearson's correlation within a row: whether it tells which examples a task makes a model
    /// forget, beyond how much it does.
    pub within_rows: Option<f64>,
}

/// What is told of answers that were right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Binary {
    /// Examples that the base gets right.
    pub columns: usize,
    /// Share of entries, over tasks and seeds, that are forgotten.
    pub forgotten: f64,
    /// Of the first seed.
    pub reconstruction: Option<Reconstruction>,
    pub ceiling: Option<Ceiling>,
}

impl Findings {
    /// Of results that are complete or not.
    pub fn of(results: &Results) -> Self {
        let mean = results.mean();
        let beside = |other: &Matrix| mean.as_ref().map(|mean| Agreement::of(mean, other));
        let similarity = Matrix::new(results.tasks.len(), results.examples.len(), results.similarity.clone()).ok();
        Self {
            reconstruction: mean.as_ref().and_then(reconstruction),
            ceiling: ceiling(&results.matrices()),
            binary: Binary::of(results),
            prediction: results.predicted().as_ref().and_then(beside),
            preconditioned: results.preconditioned().as_ref().and_then(beside),
            similarity: similarity.as_ref().and_then(beside),
            meanings: mean.as_ref().map_or_else(Vec::new, |mean| meanings(results, mean)),
            kinds: mean.as_ref().and_then(|mean| kinds(results, mean)),
            replay: ReplayFindings::of(results),
        }
    }
}

fn reconstruction(matrix: &Matrix) -> Option<Reconstruction> {
    let training = Training::all(matrix);
    Reconstruction::of(&training, &Spectrum::of(&training, None), RANKS)
}

fn ceiling(matrices: &[Matrix]) -> Option<Ceiling> {
    Ceiling::of(&matrices.iter().collect::<Vec<_>>()).ok().flatten()
}

/// Groups are the kinds of the columns, in the order in which they come.
fn kinds(results: &Results, mean: &Matrix) -> Option<CoForgetting> {
    let mut names: Vec<&str> = Vec::new();
    let groups: Vec<usize> = results
        .examples
        .iter()
        .map(|example| match names.iter().position(|&name| name == example.kind) {
            Some(place) => place,
            None => {
                names.push(&example.kind);
                names.len() - 1
            }
        })
        .collect();
    CoForgetting::of(&Training::all(mean), &groups, PERMUTATIONS).ok()
}

impl Agreement {
    /// Of two matrices of one shape.
    pub fn of(matrix: &Matrix, other: &Matrix) -> Self {
        let pairs = |row: usize| {
            let both = matrix.row(row).iter().zip(other.row(row)).filter(|(a, b)| !a.is_nan() && !b.is_nan());
            both.map(|(&a, &b)| (f64::from(a), f64::from(b))).unzip::<f64, f64, Vec<f64>, Vec<f64>>()
        };
        let rows: Vec<(Vec<f64>, Vec<f64>)> = (0..matrix.rows()).map(pairs).collect();
        let within: Vec<f64> = rows.iter().filter_map(|(a, b)| Some(pearson(a, b)?.coefficient)).collect();
        let (a, b): (Vec<Vec<f64>>, Vec<Vec<f64>>) = rows.into_iter().unzip();
        let (a, b) = (a.concat(), b.concat());
        Self {
            pearson: pearson(&a, &b),
            spearman: spearman(&a, &b),
            within_rows: (!within.is_empty()).then(|| within.iter().sum::<f64>() / within.len() as f64),
        }
    }
}

impl Binary {
    fn of(results: &Results) -> Option<Self> {
        let matrices: Vec<Matrix> = results.spec.seeds.iter().filter_map(|&seed| results.binary(seed)).collect();
        let there = || matrices.iter().flat_map(|matrix| matrix.entries()).filter(|entry| !entry.is_nan());
        Some(Self {
            columns: matrices.first()?.columns(),
            forgotten: there().map(|&entry| f64::from(entry)).sum::<f64>() / there().count() as f64,
            reconstruction: reconstruction(&matrices[0]),
            ceiling: ceiling(&matrices),
        })
    }
}
