//! The bootstrap over seeds.

use serde::{Deserialize, Serialize};

use super::quantile::quantile;
use crate::seed::Seed;

/// How many resamples every interval takes.
pub const RESAMPLES: usize = 2000;

/// A 95 % percentile interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Resamples of `n` seeds with replacement, the same ones for every statistic of the same `n`.
///
/// Source: Efron & Tibshirani 1993, chapter 13 (percentile interval).
pub struct Resamples {
    seeds: usize,
    indices: Vec<u32>,
}

impl Resamples {
    /// [`RESAMPLES`] resamples of `seeds` seeds.
    pub fn new(seeds: usize) -> Self {
        let mut stream = Seed::new(0).fork("bootstrap").stream();
        let indices = (0..RESAMPLES * seeds).map(|_| stream.below(seeds as u32)).collect();
        Self { seeds, indices }
    }

    /// The 95 % interval of a statistic, which gets the indices of a resample's seeds and may be
    /// undefined on some resamples (`None`); those are left out. `None` where fewer than two seeds
    /// or fewer than half of the resamples define it.
    pub fn interval(&self, mut statistic: impl FnMut(&[u32]) -> Option<f64>) -> Option<Interval> {
        if self.seeds < 2 {
            return None;
        }
        let mut values: Vec<f64> = self.indices.chunks_exact(self.seeds).filter_map(&mut statistic).collect();
        if values.len() * 2 < RESAMPLES {
            return None;
        }
        values.sort_by(f64::total_cmp);
        Some(Interval { low: quantile(&values, 0.025)?, high: quantile(&values, 0.975)? })
    }

    /// The 95 % interval of the median of one value per seed.
    pub fn interval_of_median(&self, values: &[f64]) -> Option<Interval> {
        let mut drawn = Vec::with_capacity(values.len());
        self.interval(|seeds| {
            drawn.clear();
            drawn.extend(seeds.iter().map(|&seed| values[seed as usize]));
            drawn.sort_by(f64::total_cmp);
            quantile(&drawn, 0.5)
        })
    }
}
