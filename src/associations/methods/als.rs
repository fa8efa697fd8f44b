//! Biased factorisation of rows with missing entries, by alternating least squares.

use super::factorisation::{coordinates, noise};
use super::regression::{add, add_outer, dot, solve};
use super::row_space::{Entries, RowSpace};
use crate::associations::Training;
use crate::associations::effects::Effects;
use crate::associations::spectrum::Spectrum;

/// Most rounds over rows and columns.
const MOST_ROUNDS: usize = 300;
/// The rounds end where the sum of squares falls by less than this share of itself...
const SETTLED: f64 = 1e-6;
/// ...or is this share of what it was without factors: the entries have single precision.
const EXACT: f64 = 1e-14;
/// The noise has at least this share of the entries as its degrees of freedom.
const FREE: f64 = 0.1;

/// z_ij = base_j + theta_i . (1, q_j) over the entries that are there. All parameters but the columns' means are pulled
/// to zero as if they were normal with the variances that they have, which vanishes with the noise.
///
/// Source: Zhou et al. 2008, AAIM (alternating least squares); Ilin & Raiko 2010, JMLR 11, 1957 (the pulls).
struct Alternating<'a, 'b> {
    training: &'b Training<'a>,
    d: usize,
    mean: f64,
    base: Vec<f64>,
    theta: Vec<f64>,
    features: Vec<f64>,
    noise: f64,
    row_variance: f64,
    column_variance: f64,
    /// Columns that lack an entry.
    gaps: Vec<bool>,
}

/// Fits from the decomposition of the matrix whose missing entries the effects fill.
pub(super) fn fit(training: &Training<'_>, effects: &Effects, spectrum: &Spectrum, rank: usize) -> RowSpace {
    let (theta, features) = coordinates(training, effects, spectrum, &vec![1.0; rank]);
    let mut gaps = vec![false; training.columns()];
    for row in 0..training.rows() {
        training.gaps(row).for_each(|column| gaps[column] = true);
    }
    let mut fit = Alternating {
        training,
        d: rank + 1,
        mean: effects.mean,
        base: effects.columns.iter().map(|column| effects.mean + column).collect(),
        theta,
        features,
        noise: noise(spectrum, rank, training.columns()),
        row_variance: variance(effects.rows.iter()),
        column_variance: variance(effects.columns.iter()),
        gaps,
    };
    let parameters = (training.columns() + training.rows()) * (rank + 1);
    let entries = training.entries() as f64;
    let degrees = (entries - parameters as f64).max(FREE * entries);
    let (mut before, mut first) = (f64::INFINITY, None);
    for _ in 0..MOST_ROUNDS {
        fit.rows();
        fit.standardise();
        let squares = fit.columns();
        fit.noise = squares / degrees;
        let whole = *first.get_or_insert(squares + effects_alone(training, effects));
        if squares <= EXACT * whole || before - squares <= SETTLED * squares {
            break;
        }
        before = squares;
    }
    RowSpace::of(fit.base, &fit.theta, fit.features, fit.d, Entries::Values { noise: fit.noise })
}

/// The sum of squares that effects leave.
fn effects_alone(training: &Training<'_>, effects: &Effects) -> f64 {
    let of_row = |row: usize| {
        training.present(row).map(move |(column, entry)| {
            let left = entry - effects.at(row, column);
            left * left
        })
    };
    (0..training.rows()).flat_map(of_row).sum()
}

fn variance<'a>(values: impl ExactSizeIterator<Item = &'a f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.map(|value| value * value).sum::<f64>() / count
}

/// noise / variance, and nothing where there is no variance to speak of.
fn pull(noise: f64, variance: f64) -> f64 {
    if variance > 0.0 { noise / variance } else { noise }
}

impl Alternating<'_, '_> {
    /// Fits theta of every row to the columns as they are.
    fn rows(&mut self) {
        let d = self.d;
        let mut whole = vec![0.0; d * d];
        self.features.chunks_exact(d).for_each(|x| add_outer(&mut whole, x, 1.0));
        let (mut normal, mut found) = (vec![0.0; d * d], vec![0.0; d]);
        for row in 0..self.training.rows() {
            let lacking = self.training.gaps(row).count();
            // Whichever is less work: to leave out what is missing, or to take what is there.
            let is_mostly_there = 2 * lacking < self.training.columns();
            normal.copy_from_slice(&whole);
            if is_mostly_there {
                self.training
                    .gaps(row)
                    .for_each(|column| add_outer(&mut normal, &self.features[column * d..][..d], -1.0));
            } else {
                normal.fill(0.0);
            }
            found.fill(0.0);
            for (column, entry) in self.training.present(row) {
                let x = &self.features[column * d..][..d];
                add(&mut found, x, entry - self.base[column]);
                if !is_mostly_there {
                    add_outer(&mut normal, x, 1.0);
                }
            }
            normal[0] += pull(self.noise, self.row_variance);
            (1..d).for_each(|k| normal[k * d + k] += self.noise);
            solve(&mut normal, &mut found);
            self.theta[row * d..][..d].copy_from_slice(&found);
        }
    }

    /// Gives p the variance 1 over rows again, and q what is left of the scale.
    fn standardise(&mut self) {
        let d = self.d;
        for k in 1..d {
            let scale = variance(self.theta.iter().skip(k).step_by(d)).sqrt();
            if scale > 0.0 {
                self.theta.iter_mut().skip(k).step_by(d).for_each(|p| *p /= scale);
                self.features.iter_mut().skip(k).step_by(d).for_each(|q| *q *= scale);
            }
        }
    }

    /// Fits mean and q of every column to the rows as they are, and says the sum of squares that is left.
    fn columns(&mut self) -> f64 {
        let (d, rows, columns) = (self.d, self.training.rows(), self.training.columns());
        let known: Vec<f64> =
            self.theta.chunks_exact(d).flat_map(|row| core::iter::once(1.0).chain(row[1..].iter().copied())).collect();
        let mut whole = vec![0.0; d * d];
        known.chunks_exact(d).for_each(|y| add_outer(&mut whole, y, 1.0));
        let (mut sums, mut squares) = (vec![0.0; columns * d], vec![0.0; columns]);
        for row in 0..rows {
            let (own, y) = (self.mean + self.theta[row * d], &known[row * d..][..d]);
            for (column, entry) in self.training.present(row) {
                let left = entry - own;
                add(&mut sums[column * d..][..d], y, left);
                squares[column] += left * left;
            }
        }
        let mut pulls = vec![pull(self.noise, self.column_variance)];
        pulls.extend((1..d).map(|k| pull(self.noise, variance(self.features.iter().skip(k).step_by(d)))));
        let (mut normal, mut found) = (vec![0.0; d * d], vec![0.0; d]);
        let mut left = 0.0;
        for column in 0..columns {
            normal.copy_from_slice(&whole);
            if self.gaps[column] {
                normal.fill(0.0);
                let there = (0..rows).filter(|&row| !self.training.row(row)[column].is_nan());
                there.for_each(|row| add_outer(&mut normal, &known[row * d..][..d], 1.0));
            }
            let plain = normal.clone();
            let wanted = &sums[column * d..][..d];
            found.copy_from_slice(wanted);
            (0..d).for_each(|k| normal[k * d + k] += pulls[k]);
            solve(&mut normal, &mut found);
            left += (squares[column] - 2.0 * dot(&found, wanted) + quadratic(&plain, &found)).max(0.0);
            self.base[column] = self.mean + found[0];
            self.features[column * d + 1..][..d - 1].copy_from_slice(&found[1..]);
        }
        left
    }
}

/// x^T A x from the lower half of A.
fn quadratic(a: &[f64], x: &[f64]) -> f64 {
    let d = x.len();
    let row = |i: usize| x[i] * (2.0 * dot(&a[i * d..][..i], &x[..i]) + a[i * d + i] * x[i]);
    (0..d).map(row).sum()
}
