//! The rows that a method learns from.

use std::sync::{Arc, OnceLock};

use super::effects::Effects;
use super::matrix::Matrix;
use super::spectrum::Spectrum;

/// Some rows of a matrix, by reference: what is not among them cannot be learned from.
#[derive(Clone)]
pub struct Training<'a> {
    matrix: &'a Matrix,
    rows: Vec<usize>,
    /// The columns that each of these rows lacks.
    gaps: Arc<[Vec<u32>]>,
    found: Arc<Found>,
}

/// What several methods need of the same rows.
#[derive(Default)]
struct Found {
    effects: OnceLock<Effects>,
    residual_spectrum: OnceLock<Spectrum>,
}

impl<'a> Training<'a> {
    /// These rows of a matrix.
    ///
    /// # Panics
    /// If the matrix has no such row, or if there is none.
    pub fn new(matrix: &'a Matrix, rows: Vec<usize>) -> Self {
        assert!(!rows.is_empty() && rows.iter().all(|&row| row < matrix.rows()), "rows of the matrix");
        let lacks = |&row: &usize| -> Vec<u32> {
            let columns = (0..).zip(matrix.row(row)).filter(|(_, entry)| entry.is_nan());
            if matrix.missing() == 0 { Vec::new() } else { columns.map(|(column, _)| column).collect() }
        };
        let gaps = rows.iter().map(lacks).collect();
        Self { matrix, rows, gaps, found: Arc::default() }
    }

    /// All rows of a matrix.
    pub fn all(matrix: &'a Matrix) -> Self {
        Self::new(matrix, (0..matrix.rows()).collect())
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.matrix.columns()
    }

    /// The number of the `row`-th of these rows in the matrix.
    pub fn number(&self, row: usize) -> usize {
        self.rows[row]
    }

    /// The entries of the `row`-th of these rows, NaN where one is missing.
    pub fn row(&self, row: usize) -> &'a [f32] {
        self.matrix.row(self.rows[row])
    }

    /// The entries of the `row`-th of these rows that are there, with their columns.
    pub fn present(&self, row: usize) -> impl Iterator<Item = (usize, f64)> + 'a {
        self.row(row).iter().enumerate().filter(|(_, entry)| !entry.is_nan()).map(|(j, &entry)| (j, f64::from(entry)))
    }

    /// Whether no entry is missing.
    pub fn is_complete(&self) -> bool {
        self.gaps.iter().all(Vec::is_empty)
    }

    /// The columns that the `row`-th of these rows lacks.
    pub fn gaps(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        self.gaps[row].iter().map(|&column| column as usize)
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.rows() * self.columns() - self.gaps.iter().map(Vec::len).sum::<usize>()
    }

    /// The effects of these rows and of all columns, without regularisation; computed when they are first asked for.
    pub fn effects(&self) -> &Effects {
        self.found.effects.get_or_init(|| Effects::of(self, 0.0))
    }

    /// The decomposition of what these effects leave; computed when it is first asked for.
    pub fn residual_spectrum(&self) -> &Spectrum {
        self.found.residual_spectrum.get_or_init(|| Spectrum::of(self, Some(self.effects())))
    }

    /// The mean of all entries; 0 where there is none.
    pub fn mean(&self) -> f64 {
        let sum: f64 = (0..self.rows()).map(|row| self.present(row).map(|(_, entry)| entry).sum::<f64>()).sum();
        sum / self.entries().max(1) as f64
    }
}
