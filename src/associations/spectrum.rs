//! Singular values and vectors of wide matrices.

use nalgebra::{DMatrix, SymmetricEigen};

use super::effects::Effects;
use super::training::Training;

/// Columns taken at a time: as many doubles of 142 rows lie in the second cache.
const PIECE: usize = 512;
/// Singular values up to this share of the largest are rounding, since their squares are computed.
const ROUNDING: f64 = 1e-7;

/// The singular value decomposition of M x N entries with M much smaller than N, by way of the M x M matrix Z Z^T in
/// double precision: N M^2 / 2 products, one reading of the entries. A missing entry counts as 0 after centring.
///
/// Squaring loses singular values below 1e-7 of the largest; entries in single precision have no more to say.
///
/// # Shapes
/// `values`: `[M]`, falling; `left`: `[M, M]` by column; what is decomposed is U S V^T.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// s, from the largest down.
    pub values: Vec<f64>,
    /// U.
    pub left: DMatrix<f64>,
}

/// A decomposition in the making: [`Decomposing::advance`] takes so many columns at a time, so that a caller can tell
/// its progress and stay responsive.
pub struct Decomposing<'a> {
    training: Training<'a>,
    centre: Option<&'a Effects>,
    gram: DMatrix<f64>,
    next: usize,
    piece: Vec<f64>,
}

impl<'a> Decomposing<'a> {
    /// Of the entries as they are, or of what effects leave of them.
    pub fn new(training: Training<'a>, centre: Option<&'a Effects>) -> Self {
        let rows = training.rows();
        Self { training, centre, gram: DMatrix::zeros(rows, rows), next: 0, piece: vec![0.0; rows * PIECE] }
    }

    /// Takes at least so many columns more, and says which share of all is done, from 0 to 1.
    pub fn advance(&mut self, columns: usize) -> f64 {
        let all = self.training.columns();
        let end = all.min(self.next.saturating_add(columns.max(1)));
        let rows = self.training.rows();
        while self.next < end {
            let width = PIECE.min(all - self.next);
            // The lanes beyond the last column are zero.
            let padded = width.next_multiple_of(LANES);
            for row in 0..rows {
                let place = &mut self.piece[row * padded..][..padded];
                residuals(&self.training, self.centre, row, self.next, &mut place[..width]);
                place[width..].fill(0.0);
            }
            add_products(&mut self.gram, &self.piece[..rows * padded], padded);
            self.next += width;
        }
        self.next as f64 / all as f64
    }

    /// The decomposition, once all columns are taken.
    pub fn finish(mut self) -> Spectrum {
        self.advance(usize::MAX);
        let rows = self.training.rows();
        for row in 0..rows {
            for column in 0..row {
                self.gram[(column, row)] = self.gram[(row, column)];
            }
        }
        let found = SymmetricEigen::new(self.gram);
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|&i, &j| found.eigenvalues[j].total_cmp(&found.eigenvalues[i]));
        let values: Vec<f64> = order.iter().map(|&i| found.eigenvalues[i].max(0.0).sqrt()).collect();
        let left = DMatrix::from_fn(rows, rows, |row, column| found.eigenvectors[(row, order[column])]);
        let least = ROUNDING * values[0];
        Spectrum { values: values.into_iter().map(|value| if value > least { value } else { 0.0 }).collect(), left }
    }
}

impl Spectrum {
    /// Of the entries as they are, or of what effects leave of them, at once.
    pub fn of(training: &Training<'_>, centre: Option<&Effects>) -> Self {
        Decomposing::new(training.clone(), centre).finish()
    }

    /// How many singular values are more than rounding, up to `rank`.
    pub fn rank(&self, rank: usize) -> usize {
        self.values.iter().take(rank).filter(|&&value| value > 0.0).count()
    }

    /// The first `rank` right singular vectors V, column by column of the matrix: `[N, rank]`, row-major.
    ///
    /// # Panics
    /// If `rank` is more than [`Spectrum::rank`] allows.
    pub fn right(&self, training: &Training<'_>, centre: Option<&Effects>, rank: usize) -> Vec<f64> {
        assert!(self.rank(rank) == rank, "a vector for every value that is not rounding");
        let columns = training.columns();
        let mut right = vec![0.0; columns * rank];
        let mut piece = [0.0; PIECE];
        for row in 0..training.rows() {
            let weights: Vec<f64> = (0..rank).map(|k| self.left[(row, k)] / self.values[k]).collect();
            for first in (0..columns).step_by(PIECE) {
                let width = PIECE.min(columns - first);
                residuals(training, centre, row, first, &mut piece[..width]);
                let places = right[first * rank..][..width * rank].chunks_exact_mut(rank.max(1));
                for (place, entry) in places.zip(&piece) {
                    place.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum += weight * entry);
                }
            }
        }
        right
    }
}

/// What a centre leaves of a stretch of a row; 0 where an entry is missing.
fn residuals(training: &Training<'_>, centre: Option<&Effects>, row: usize, first: usize, into: &mut [f64]) {
    let entries = &training.row(row)[first..][..into.len()];
    match centre {
        Some(centre) => {
            let own = centre.mean + centre.rows[row];
            for ((place, &entry), column) in into.iter_mut().zip(entries).zip(&centre.columns[first..]) {
                *place = if entry.is_nan() { 0.0 } else { f64::from(entry) - own - column };
            }
        }
        None => {
            for (place, &entry) in into.iter_mut().zip(entries) {
                *place = if entry.is_nan() { 0.0 } else { f64::from(entry) };
            }
        }
    }
}

/// Numbers that are multiplied side by side.
const LANES: usize = 4;

/// Adds the products of all pairs of rows of a piece to the lower half; two by two, so that what is read is used twice.
fn add_products(gram: &mut DMatrix<f64>, piece: &[f64], width: usize) {
    let rows = piece.len() / width;
    let row = |index: usize| &piece[index * width..][..width];
    for i in (0..rows).step_by(2) {
        let two = i + 1 < rows;
        let (a, b) = (row(i), row(if two { i + 1 } else { i }));
        for j in (0..=i).step_by(2) {
            let pair = j + 1 < rows;
            let (c, d) = (row(j), row(if pair { j + 1 } else { j }));
            let sums = products(a, b, c, d);
            gram[(i, j)] += sums[0];
            if pair && j < i {
                gram[(i, j + 1)] += sums[1];
            }
            if two {
                gram[(i + 1, j)] += sums[2];
                if pair {
                    gram[(i + 1, j + 1)] += sums[3];
                }
            }
        }
    }
}

/// a.c, a.d, b.c and b.d.
fn products(a: &[f64], b: &[f64], c: &[f64], d: &[f64]) -> [f64; 4] {
    let mut sums = [[0.0; LANES]; 4];
    let lanes = |row: &[f64], at: usize| -> [f64; LANES] { core::array::from_fn(|lane| row[at + lane]) };
    for at in (0..a.len()).step_by(LANES) {
        let (a, b, c, d) = (lanes(a, at), lanes(b, at), lanes(c, at), lanes(d, at));
        for lane in 0..LANES {
            sums[0][lane] += a[lane] * c[lane];
            sums[1][lane] += a[lane] * d[lane];
            sums[2][lane] += b[lane] * c[lane];
            sums[3][lane] += b[lane] * d[lane];
        }
    }
    sums.map(|lanes| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
}
