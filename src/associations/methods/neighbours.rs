//! Tasks that forgot the same so far will forget the same.

use super::{Known, Method, Model};
use crate::associations::Training;
use crate::seed::Seed;
use crate::stats::sorted_by_key;

/// Passes of the baselines, and their shrinkage by columns and rows: what scikit-surprise takes unless told.
const PASSES: usize = 10;
const BY_COLUMN: f64 = 10.0;
const BY_ROW: f64 = 15.0;

/// Columns taken at a time: what is summed of them lies in the first cache.
const PIECE: usize = 512;

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
        let all = training.rows() as u32;
        let lacking = (0..training.columns()).filter(|&column| counts[column] < all).collect();
        Box::new(Asked { most: self.most, training: training.clone(), sums, counts, lacking, row_sums })
    }
}

struct Asked<'a> {
    most: usize,
    training: Training<'a>,
    /// Sum and number of entries by column.
    sums: Vec<f64>,
    counts: Vec<u32>,
    /// The columns that some row lacks.
    lacking: Vec<usize>,
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
        let effect = |sum: f64, count: f64, taken: f64| (sum - count * mean - taken) / (BY_COLUMN + count);
        let mut taken = vec![0.0; n];
        let others = || self.lacking.iter().copied().chain(observed.iter().map(|&(column, _)| column));
        for _ in 0..PASSES {
            // What the rows' effects take from the sums of columns: all of them...
            let all: f64 = rows[..m].iter().sum();
            let whole = m as f64;
            columns.iter_mut().zip(&sums).for_each(|(column, sum)| *column = effect(*sum, whole, all));
            // ...but where an entry is missing, or one more is there.
            others().for_each(|column| taken[column] = all);
            (0..m).for_each(|row| training.gaps(row).for_each(|column| taken[column] -= rows[row]));
            observed.iter().for_each(|&(column, _)| taken[column] += rows[m]);
            others().for_each(|j| columns[j] = effect(sums[j], f64::from(counts[j]), taken[j]));
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
        let mut order = sorted_by_key((0..m).collect(), |&row| -similarities[row]);
        order.retain(|&row| similarities[row] > 0.0);
        let own = |row: usize| baselines.mean + baselines.rows[row];
        let beyond = |sum: f64, weight: f64| if weight > 0.0 { sum / weight } else { 0.0 };
        // Of columns that all rows have, the same ones are asked.
        let nearest = &order[..self.most.min(order.len())];
        let whole: f64 = nearest.iter().map(|&row| similarities[row]).sum();
        let mut sums = vec![0.0; n];
        for first in (0..n).step_by(PIECE) {
            let end = n.min(first + PIECE);
            for &row in nearest {
                let (similarity, own) = (similarities[row], own(row));
                let known = self.training.row(row)[first..end].iter().zip(&baselines.columns[first..end]);
                for (sum, (&entry, column)) in sums[first..end].iter_mut().zip(known) {
                    *sum += similarity * (f64::from(entry) - own - column);
                }
            }
        }
        let expected = |(sum, column): (&f64, &f64)| own(m) + column + beyond(*sum, whole);
        let mut expected: Vec<f64> = sums.iter().zip(&baselines.columns).map(expected).collect();
        for &j in &self.lacking {
            let column = baselines.columns[j];
            let there = order.iter().map(|&row| (row, self.training.row(row)[j])).filter(|(_, entry)| !entry.is_nan());
            let (sum, weight) = there.take(self.most).fold((0.0, 0.0), |(sum, weight), (row, entry)| {
                (sum + similarities[row] * (f64::from(entry) - own(row) - column), weight + similarities[row])
            });
            expected[j] = own(m) + column + beyond(sum, weight);
        }
        expected
    }
}
