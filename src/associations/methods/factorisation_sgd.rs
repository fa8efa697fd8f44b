//! Biased matrix factorisation as scikit-surprise fits it.

use super::regression::dot;
use super::{Entry, Known, Method, Model};
use crate::associations::Training;
use crate::seed::Seed;

/// mean + b_i + b_j + p_i . q_j by stochastic gradient descent over the entries in their order: `SVD` of
/// scikit-surprise, step by step, with the paper's settings. Every row is fitted together with all training rows, as in
/// the paper. For comparison; [`super::Factorisation`] is quicker by orders of magnitude.
///
/// Source: Koren, Bell & Volinsky 2009, IEEE Computer 42(8), equation 5.
#[derive(Clone, Copy, Debug)]
pub struct FactorisationSgd {
    pub factors: usize,
    /// Passes over all entries.
    pub epochs: usize,
    /// Learning rate.
    pub rate: f64,
    pub regularisation: f64,
    /// Standard deviation of initial factors.
    pub initial: f64,
}

impl Default for FactorisationSgd {
    fn default() -> Self {
        Self { factors: 5, epochs: 1000, rate: 0.005, regularisation: 0.0, initial: 0.001 }
    }
}

/// mean + b_i + b_j + p_i . q_j.
///
/// # Shapes
/// `row_biases`: `[M]`; `column_biases`: `[N]`; `rows`, p: `[M, factors]`; `columns`, q: `[N, factors]`; row-major.
#[derive(Clone, Debug)]
pub struct Factors {
    pub mean: f64,
    pub row_biases: Vec<f64>,
    pub column_biases: Vec<f64>,
    pub factors: usize,
    pub rows: Vec<f64>,
    pub columns: Vec<f64>,
}

impl Factors {
    /// Zero biases and no factors.
    pub fn none(rows: usize, columns: usize) -> Self {
        Self {
            mean: 0.0,
            row_biases: vec![0.0; rows],
            column_biases: vec![0.0; columns],
            factors: 0,
            rows: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// What the model says of an entry.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        let [p, q] =
            [(&self.rows, row), (&self.columns, column)].map(|(of, at)| &of[at * self.factors..][..self.factors]);
        self.mean + self.row_biases[row] + self.column_biases[column] + dot(q, p)
    }

    /// Takes the mean from the entries, then descends: for each entry in turn, all four parts by `rate` times the error
    /// less the regularisation, factors simultaneously.
    pub fn descend(&mut self, entries: &[Entry], epochs: usize, rate: f64, regularisation: f64) {
        self.mean = entries.iter().map(|entry| f64::from(entry.value)).sum::<f64>() / entries.len().max(1) as f64;
        let k = self.factors;
        for _ in 0..epochs {
            for entry in entries {
                let Entry { row, column, value } = *entry;
                let p = &mut self.rows[row * k..][..k];
                let q = &mut self.columns[column * k..][..k];
                let error =
                    f64::from(value) - (self.mean + self.row_biases[row] + self.column_biases[column] + dot(q, p));
                self.row_biases[row] += rate * (error - regularisation * self.row_biases[row]);
                self.column_biases[column] += rate * (error - regularisation * self.column_biases[column]);
                for (p, q) in p.iter_mut().zip(q) {
                    let (own, other) = (*p, *q);
                    *p += rate * (error * other - regularisation * own);
                    *q += rate * (error * own - regularisation * other);
                }
            }
        }
    }
}

/// The entries of the training rows, and below them those of one row more.
pub(super) fn appended(training: &Training<'_>, observed: &Known) -> Vec<Entry> {
    let of_row =
        |row: usize| training.present(row).map(move |(column, value)| Entry { row, column, value: value as f32 });
    let mut entries: Vec<Entry> = (0..training.rows()).flat_map(of_row).collect();
    entries.extend(observed.iter().map(|&(column, value)| Entry { row: training.rows(), column, value }));
    entries
}

impl Method for FactorisationSgd {
    fn name(&self) -> &'static str {
        "factorisation_sgd"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        Box::new(Refitted { settings: *self, training: training.clone() })
    }
}

struct Refitted<'a> {
    settings: FactorisationSgd,
    training: Training<'a>,
}

impl Model for Refitted<'_> {
    fn complete(&self, observed: &Known, seed: Seed) -> Vec<f64> {
        let FactorisationSgd { factors, epochs, rate, regularisation, initial } = self.settings;
        let (rows, columns) = (self.training.rows() + 1, self.training.columns());
        let mut stream = seed.fork("factors").stream();
        let mut draw = |count: usize| (0..count * factors).map(|_| initial * stream.normal()).collect();
        let (of_rows, of_columns) = (draw(rows), draw(columns));
        let mut model = Factors { factors, rows: of_rows, columns: of_columns, ..Factors::none(rows, columns) };
        model.descend(&appended(&self.training, observed), epochs, rate, regularisation);
        (0..columns).map(|column| model.at(rows - 1, column)).collect()
    }
}
