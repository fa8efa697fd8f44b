//! How much of a matrix is more than the noise of its seeds.

use serde::{Deserialize, Serialize};

use super::matrix::Matrix;
use crate::error::{Problem, Problems};

/// What several seeds of the same matrix say of its noise.
///
/// Each seed's matrix is taken as Z_s = T + E_s, a part that all share and noise of its own. Then the covariance of two
/// seeds' entries is the variance of T, and a model that knew T would have on a single seed's matrix the R2
///
/// reliability = mean over pairs of cov(Z_s, Z_t) / mean over seeds of var(Z_s)
///
/// No model can be expected to predict an unseen seed better; one that is fitted to that very seed can, since it fits
/// noise. Of the mean of S seeds the ceiling is S reliability / (1 + (S - 1) reliability).
///
/// Source: Spearman 1910 and Brown 1910, Br. J. Psychol. 3, 271 and 296.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// R2 that a perfect model would reach on one seed's matrix.
    pub reliability: f64,
    /// The same on the mean of all seeds' matrices.
    pub of_mean: f64,
    /// Standard deviation of E, in the units of the matrix.
    pub noise: f64,
    pub seeds: usize,
}

impl Ceiling {
    /// Of the matrices of two or more seeds, over the entries that all have. `None` where fewer than two entries are
    /// shared or none varies.
    ///
    /// # Errors
    /// A single matrix, or matrices of different shapes.
    pub fn of(seeds: &[&Matrix]) -> Result<Option<Self>, Problems> {
        let wrong = |value: String, accepted: &str| Problems(vec![Problem::new("seeds", &value, accepted)]);
        let Some((first, others)) = seeds.split_first().filter(|(_, others)| !others.is_empty()) else {
            return Err(wrong(seeds.len().to_string(), "the matrices of at least two seeds"));
        };
        if let Some(other) = others.iter().find(|one| (one.rows(), one.columns()) != (first.rows(), first.columns())) {
            let value = format!("{} x {} and {} x {}", first.rows(), first.columns(), other.rows(), other.columns());
            return Err(wrong(value, "matrices of one shape"));
        }
        let count = seeds.len();
        let (mut entries, mut means) = (0u64, vec![0.0; count]);
        // In two passes, because a mean that is large against the spread would leave nothing of it.
        each(seeds, |values| {
            entries += 1;
            means.iter_mut().zip(values).for_each(|(mean, value)| *mean += value);
        });
        if entries < 2 {
            return Ok(None);
        }
        means.iter_mut().for_each(|mean| *mean /= entries as f64);
        let (mut within, mut sums) = (0.0, 0.0);
        each(seeds, |values| {
            let left = values.iter().zip(&means).map(|(value, mean)| value - mean);
            let (sum, squares) = left.fold((0.0, 0.0), |(sum, squares), left| (sum + left, squares + left * left));
            within += squares;
            // The products of all ordered pairs of different seeds.
            sums += sum * sum - squares;
        });
        let free = entries as f64 - 1.0;
        let variance = within / (count as f64 * free);
        let shared = sums / ((count * (count - 1)) as f64 * free);
        if variance <= 0.0 {
            return Ok(None);
        }
        let reliability = (shared / variance).clamp(0.0, 1.0);
        let of_mean = count as f64 * reliability / (1.0 + (count as f64 - 1.0) * reliability);
        Ok(Some(Self { reliability, of_mean, noise: (variance - shared).max(0.0).sqrt(), seeds: count }))
    }
}

/// Calls with every seed's value of each entry that all have.
fn each(seeds: &[&Matrix], mut with: impl FnMut(&[f64])) {
    let mut values = vec![0.0; seeds.len()];
    for at in 0..seeds[0].entries().len() {
        values.iter_mut().zip(seeds).for_each(|(value, seed)| *value = f64::from(seed.entries()[at]));
        if !values.iter().any(|value| value.is_nan()) {
            with(&values);
        }
    }
}
