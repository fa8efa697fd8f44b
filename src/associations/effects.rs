//! Effects of rows and columns: the additive model.

use super::training::Training;

/// Most passes over the entries.
const MOST_PASSES: usize = 1000;
/// The passes end where no effect moves by more than this share of the standard deviation of the entries.
const SETTLED: f64 = 1e-9;

/// z_ij = mean + u_i + v_j, the minimiser of sum (z_ij - mean - u_i - v_j)^2 + regularisation (u_i^2 + v_j^2) over the
/// entries that are there, by alternating least squares. Without missing entries and regularisation it is what the
/// means of rows and columns say.
///
/// A row or column without an entry has no effect of its own.
#[derive(Clone, Debug)]
pub struct Effects {
    /// The mean of all entries.
    pub mean: f64,
    /// u_i.
    pub rows: Vec<f64>,
    /// v_j.
    pub columns: Vec<f64>,
}

impl Effects {
    /// The effects of the training rows and of all columns.
    pub fn of(training: &Training<'_>, regularisation: f64) -> Self {
        let mean = training.mean();
        let (m, n) = (training.rows(), training.columns());
        let mut column_sums = vec![0.0; n];
        let mut column_counts = vec![0u32; n];
        let mut row_sums = vec![0.0; m];
        let mut row_counts = vec![0u32; m];
        let mut squares = 0.0;
        for row in 0..m {
            for (column, entry) in training.present(row) {
                let entry = entry - mean;
                row_sums[row] += entry;
                row_counts[row] += 1;
                column_sums[column] += entry;
                column_counts[column] += 1;
                squares += entry * entry;
            }
        }
        let shrunk =
            |sum: f64, count: u32| if count == 0 { 0.0 } else { sum / (f64::from(count) * (1.0 + regularisation)) };
        let spread = (squares / training.entries().max(1) as f64).sqrt();
        let (mut rows, mut columns) = (vec![0.0; m], vec![0.0; n]);
        for _ in 0..MOST_PASSES {
            let mut moved = 0.0f64;
            // All effects, less those of what is missing: of most matrices little is.
            let all: f64 = rows.iter().sum();
            let mut others: Vec<f64> = column_sums.iter().map(|sum| sum - all).collect();
            for (row, effect) in rows.iter().enumerate() {
                training.gaps(row).for_each(|column| others[column] += effect);
            }
            for column in 0..n {
                columns[column] = shrunk(others[column], column_counts[column]);
            }
            let all: f64 = columns.iter().sum();
            for row in 0..m {
                let of_columns = all - training.gaps(row).map(|column| columns[column]).sum::<f64>();
                let next = shrunk(row_sums[row] - of_columns, row_counts[row]);
                moved = moved.max((next - rows[row]).abs());
                rows[row] = next;
            }
            if moved <= SETTLED * spread {
                break;
            }
        }
        Self { mean, rows, columns }
    }

    /// What the model says of an entry.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.mean + self.rows[row] + self.columns[column]
    }
}
