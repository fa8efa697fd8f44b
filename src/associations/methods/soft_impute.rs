//! Low rank by shrinking singular values, without a rank to be chosen.

use super::factorisation::Learned;
use super::row_space::{Entries, RowSpace};
use super::{Method, Model};
use crate::associations::effects::Effects;
use crate::associations::matrix::{MOST_SIZE, Matrix};
use crate::associations::training::Training;

/// Most times that missing entries are filled.
const MOST_ROUNDS: usize = 100;
/// The filling ends where what is filled in moves by less than this share of itself, root mean square.
const SETTLED: f64 = 1e-3;

/// Soft-impute on the doubly centred matrix: the minimiser of |Z - X|^2 / 2 + lambda |X|_*, with the nuclear norm,
/// whose singular values are those of Z less lambda. Missing entries are filled with the solution until they settle.
///
/// lambda is the largest singular value that noise alone would have, noise (sqrt M + sqrt N), with the noise of the
/// singular values below it. A new row is penalised as if it had all columns: by n / N of lambda for n observed ones.
///
/// Sources: Mazumder, Hastie & Tibshirani 2010, JMLR 11, 2287; Srebro & Salakhutdinov 2010, NIPS (the weight of rows).
#[derive(Clone, Copy, Debug)]
pub struct SoftImpute;

impl Method for SoftImpute {
    fn name(&self) -> &'static str {
        "soft_impute"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        let solution = match training.is_complete() {
            true => shrunk(training),
            false => filled(training),
        };
        Box::new(Learned(solution.space()))
    }
}

/// The solution: effects, and factors with the square root of the shrunk singular values on either side.
struct Shrunk {
    effects: Effects,
    lambda: f64,
    rank: usize,
    /// `[M, rank]` and `[N, rank]`, row-major.
    rows: Vec<f64>,
    columns: Vec<f64>,
}

fn shrunk(training: &Training<'_>) -> Shrunk {
    let (effects, spectrum) = (training.effects().clone(), training.residual_spectrum());
    let (lambda, rank) = threshold(&spectrum.values, training.columns());
    let roots: Vec<f64> = spectrum.values[..rank].iter().map(|value| (value - lambda).sqrt()).collect();
    let rows = (0..training.rows()).flat_map(|row| (0..rank).map(move |k| (row, k)));
    let rows = rows.map(|(row, k)| spectrum.left[(row, k)] * roots[k]).collect();
    let mut columns = spectrum.right(training, Some(&effects), rank);
    columns.chunks_exact_mut(rank.max(1)).for_each(|row| row.iter_mut().zip(&roots).for_each(|(v, root)| *v *= root));
    Shrunk { effects, lambda, rank, rows, columns }
}

/// lambda, and how many singular values are above it.
fn threshold(values: &[f64], columns: usize) -> (f64, usize) {
    let rows = values.len();
    let free = |length: usize, rank: usize| length.saturating_sub(1 + rank) as f64;
    let mut rank = 0;
    loop {
        let left: f64 = values[rank..].iter().map(|value| value * value).sum();
        let degrees = free(rows, rank) * free(columns, rank);
        let noise = if degrees > 0.0 { (left / degrees).sqrt() } else { 0.0 };
        let lambda = noise * ((rows as f64).sqrt() + (columns as f64).sqrt());
        let above = values.iter().take_while(|&&value| value > lambda && value > 0.0).count();
        if above <= rank {
            return (lambda, above);
        }
        rank = above;
    }
}

/// The solution for rows with missing entries.
fn filled(training: &Training<'_>) -> Shrunk {
    let (m, n) = (training.rows(), training.columns());
    let effects = training.effects();
    let mut entries: Vec<f32> = (0..m).flat_map(|row| training.row(row).iter().copied()).collect();
    let gaps: Vec<usize> = (0..entries.len()).filter(|&at| entries[at].is_nan()).collect();
    gaps.iter().for_each(|&at| entries[at] = effects.at(at / n, at % n) as f32);
    let whole = |entries: Vec<f32>| Matrix::new(m, n, entries).expect("entries within the range of entries");
    let mut matrix = whole(entries);
    let mut solution = solve(&matrix);
    for _ in 1..MOST_ROUNDS {
        let mut entries = matrix.into_entries();
        let (mut moved, mut size) = (0.0, 0.0);
        for &at in &gaps {
            let next = solution.at(at / n, at % n);
            let beyond = next - solution.effects.mean;
            moved += (next - f64::from(entries[at])) * (next - f64::from(entries[at]));
            size += beyond * beyond;
            entries[at] = (next as f32).clamp(-MOST_SIZE, MOST_SIZE);
        }
        matrix = whole(entries);
        solution = solve(&matrix);
        if moved <= SETTLED * SETTLED * size {
            break;
        }
    }
    solution
}

fn solve(matrix: &Matrix) -> Shrunk {
    shrunk(&Training::all(matrix))
}

impl Shrunk {
    fn at(&self, row: usize, column: usize) -> f64 {
        let own = &self.rows[row * self.rank..][..self.rank];
        let other = &self.columns[column * self.rank..][..self.rank];
        self.effects.at(row, column) + own.iter().zip(other).map(|(a, b)| a * b).sum::<f64>()
    }

    fn space(self) -> RowSpace {
        let columns = self.effects.columns.len();
        let d = self.rank + 1;
        let mut directions = Vec::with_capacity(columns * d);
        for column in 0..columns {
            directions.push(1.0);
            directions.extend(&self.columns[column * self.rank..][..self.rank]);
        }
        let mut penalties = vec![self.lambda / columns as f64; d];
        penalties[0] = 0.0;
        let base = self.effects.columns.iter().map(|column| self.effects.mean + column).collect();
        RowSpace { base, directions, d, entries: Entries::Averaged { penalties } }
    }
}
