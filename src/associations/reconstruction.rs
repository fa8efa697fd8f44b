//! How much of a matrix simple models hold: a fit, and no prediction.

use serde::{Deserialize, Serialize};

use super::effects::Effects;
use super::methods::{Logistic, Method};
use super::score::Counts;
use super::spectrum::Spectrum;
use super::training::Training;
use crate::seed::Seed;

/// Shares of the variance of the entries that models with few parameters hold, each 1 - (squares left) / (squares
/// around the mean of all).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reconstruction {
    /// u_i, the mean of each task.
    pub rows: f64,
    /// v_j, the mean of each example.
    pub columns: f64,
    /// mean + u_i + v_j.
    pub additive: f64,
    /// Truncated singular value decompositions, by rank from 1.
    pub ranks: Vec<RankR2>,
}

/// R2 of the best matrix of a rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankR2 {
    pub rank: usize,
    pub r2: f64,
}

impl Reconstruction {
    /// Of all rows given, up to a rank. The decomposition is that of the entries as they are, not centred; missing
    /// entries count as 0 in it, as in the paper, and nowhere else. `None` where all entries are equal, since then
    /// there is nothing to explain.
    ///
    /// R2_r = 1 - (|Z|^2 - s_1^2 - ... - s_r^2) / (|Z|^2 - M N mean(Z)^2)
    ///
    /// Source: Jin & Ren 2024 (arXiv 2406.14026), section 3, and their code.
    pub fn of(training: &Training<'_>, spectrum: &Spectrum, most: usize) -> Option<Self> {
        let cells = (training.rows() * training.columns()) as f64;
        let (mut sum, mut squares) = (0.0, 0.0);
        let mut by_column = vec![(0.0, 0u32); training.columns()];
        let mut of_rows = 0.0;
        for row in 0..training.rows() {
            let (mut own, mut count) = (0.0, 0u32);
            for (column, entry) in training.present(row) {
                own += entry;
                count += 1;
                squares += entry * entry;
                by_column[column].0 += entry;
                by_column[column].1 += 1;
            }
            sum += own;
            of_rows += own * own / f64::from(count.max(1));
        }
        let entries = training.entries() as f64;
        let around_mean = squares - sum * sum / entries;
        if around_mean <= EQUAL * squares {
            return None;
        }
        let of_columns: f64 = by_column.iter().map(|(sum, count)| sum * sum / f64::from(*count).max(1.0)).sum();
        let effects = training.effects();
        let left: f64 = (0..training.rows()).map(|row| left_by(effects, training, row)).sum();
        let with_zeros = squares - sum * sum / cells;
        let mut rest = squares;
        let ranks = spectrum.values.iter().take(most).enumerate().map(|(place, value)| {
            rest -= value * value;
            RankR2 { rank: place + 1, r2: 1.0 - rest.max(0.0) / with_zeros }
        });
        Some(Self {
            rows: 1.0 - (squares - of_rows).max(0.0) / around_mean,
            columns: 1.0 - (squares - of_columns).max(0.0) / around_mean,
            additive: 1.0 - left / around_mean,
            ranks: ranks.collect(),
        })
    }
}

/// F1 of a logistic factorisation of a binary matrix on the very entries that it was fitted to, by the threshold of a
/// half: what the paper tells of binary matrices in place of R2.
pub fn reconstruction_f1(training: &Training<'_>, rank: usize) -> f64 {
    let model = Logistic { factors: rank }.fit(training);
    let mut counts = Counts::default();
    for row in 0..training.rows() {
        let known: Vec<(usize, f32)> = training.present(row).map(|(column, entry)| (column, entry as f32)).collect();
        let logits = model.complete(&known, Seed::new(0));
        known.iter().for_each(|&(column, entry)| counts.add(logits[column] > 0.0, entry > 0.5));
    }
    counts.f1()
}

/// Entries whose squares around the mean are this share of their squares are equal up to rounding.
const EQUAL: f64 = 1e-14;

fn left_by(effects: &Effects, training: &Training<'_>, row: usize) -> f64 {
    training
        .present(row)
        .map(|(column, entry)| (entry - effects.at(row, column)) * (entry - effects.at(row, column)))
        .sum()
}
