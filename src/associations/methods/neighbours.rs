//! Tasks that forgot the same so far will forget the same.

use super::{Known, Method, Model};
use crate::associations::Training;
use crate::seed::Seed;
use crate::stats::sorted_by_key;

/// Passes of the baselines, and their shrinkage by columns and rows: what scikit-surprise takes unless told.
const PASSES: usize = 10;
const BY_COLUMN: f64 = 10.0;
const BY_ROW: f64 = 15.0;

/// K nearest neighbours among the rows, with baselines: b_tj + sum_i s_ti (z_ij - b_ij) / sum_i s_ti over the k rows
/// most alike that have column j, with s = 1 / (1 + mean squared difference over the columns that both have), and b the
/// shrunk effects of rows and columns.
///
/// This is `KNNBaseline` of scikit-surprise with its own settings (mean squared difference, user-based), which the
/// paper uses. Source: Koren 2010, ACM TKDD 4(1), section 2.2.
#[derive(Clone, Copy, Debug)]
pub struct Neighbours {
    /// k.
    pub most: usize,
}

impl Default for Neighbours {
    fn default() -> Self {
        Self { most: 40 }
    }
}

impl Method for Neighbours {
    fn name(&self) -> &'static str {
        "neighbours"
    }

    fn fit<'a>(&self, training: &Training<'a>) -> Box<dyn Model + 'a> {
        let mut sums = vec![0.0; training.columns()];
        let mut counts = vec![0u32; training.columns()];
        for row in 0..training.rows() {
            for (column, entry) in training.present(row) {
                sums[column] += entry;
                counts[column] += 1;
            }
        }
        let row_sum = |row: usize| training.present(row).map(|(_, entry)| entry).sum();
        let row_sums = (0..training.rows()).map(row_sum).collect();
        Box::new(Asked { most: self.most, training: training.clone(), sums, counts, row_sums })
    }
}

struct Asked<'a> {
    most: usize,
    training: Training<'a>,
    /// Sum and number of entries by column.
    sums: Vec<f64>,
    counts: Vec<u32>,
    row_sums: Vec<f64>,
}

/// b_ij = mean + rows_i + columns_j; the last row is the one to be completed.
struct Baselines {
    mean: f64,
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Asked<'_> {
    fn baselines(&self, observed: &Known) -> Baselines {
        let training = &self.training;
        let (m, n) = (training.rows(), training.columns());
        let (mut sums, mut counts) = (self.sums.clone(), self.counts.clone());
        for &(column, value) in observed {
            sums[column] += f64::from(value);
            counts[column] += 1;
        }
        let entries = training.entries() + observed.len();
        let mean = sums.iter().sum::<f64>() / entries.max(1) as f64;
        let (mut rows, mut columns) = (vec![0.0; m + 1], vec![0.0; n]);
        for _ in 0..PASSES {
            // What the rows' effects take from the sums of columns: all of them, less where an entry is missing.
            let mut taken = vec![rows[..m].iter().sum::<f64>(); n];
            (0..m).for_each(|row| training.gaps(row).for_each(|column| taken[column] -= rows[row]));
            observed.iter().for_each(|&(column, _)| taken[column] += rows[m]);
            for column in 0..n {
                let count = f64::from(counts[column]);
                columns[column] = (sums[column] - count * mean - taken[column]) / (BY_COLUMN + count);
            }
            let all: f64 = columns.iter().sum();
            for (row, effect) in rows[..m].iter_mut().enumerate() {
                let (lacking, without) =
                    training.gaps(row).fold((0, 0.0), |(k, sum), column| (k + 1, sum + columns[column]));
                let count = (n - lacking) as f64;
                *effect = (self.row_sums[row] - count * mean - (all - without)) / (BY_ROW + count);
            }
            let beyond: f64 = observed.iter().map(|&(column, value)| f64::from(value) - mean - columns[column]).sum();
            rows[m] = beyond / (BY_ROW + observed.len() as f64);
        }
        Baselines { mean, rows, columns }
    }

    /// How alike each training row is; 0 for one that shares no column.
    fn similarities(&self, observed: &Known) -> Vec<f64> {
        let similarity = |row: usize| {
            let row = self.training.row(row);
            let shared = observed.iter().filter(|(column, _)| !row[*column].is_nan());
            let (sum, count) = shared.fold((0.0, 0u32), |(sum, count), &(column, value)| {
                let difference = f64::from(row[column]) - f64::from(value);
                (sum + difference * difference, count + 1)
            });
            if count == 0 { 0.0 } else { 1.0 / (sum / f64::from(count) + 1.0) }
        };
        (0..self.training.rows()).map(similarity).collect()
    }
}

impl Model for Asked<'_> {
    fn complete(&self, observed: &Known, _: Seed) -> Vec<f64> {
        let baselines = self.baselines(observed);
        let similarities = self.similarities(observed);
        let (m, n) = (self.training.rows(), self.training.columns());
        // Most alike first; equal ones in their order.
        let order = sorted_by_key((0..m).collect(), |&row| -similarities[row]);
        let (mut weights, mut sums, mut asked) = (vec![0.0; n], vec![0.0; n], vec![0; n]);
        for row in order.into_iter().filter(|&row| similarities[row] > 0.0) {
            let (similarity, own) = (similarities[row], baselines.mean + baselines.rows[row]);
            for (column, &entry) in self.training.row(row).iter().enumerate() {
                if !entry.is_nan() && asked[column] < self.most {
                    asked[column] += 1;
                    weights[column] += similarity;
                    sums[column] += similarity * (f64::from(entry) - own - baselines.columns[column]);
                }
            }
        }
        let own = baselines.mean + baselines.rows[m];
        let expected = |column: usize| {
            let beyond = if weights[column] > 0.0 { sums[column] / weights[column] } else { 0.0 };
            own + baselines.columns[column] + beyond
        };
        (0..n).map(expected).collect()
    }
}
