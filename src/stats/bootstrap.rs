//! The bootstrap over seeds.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::order::{order, sorted};
use super::quantile::quantile;
use crate::seed::Seed;

/// How many resamples every interval takes.
pub const RESAMPLES: usize = 2000;

/// Fewest seeds that give an interval: the whole range of five covers their median with 94 %.
pub const FEWEST: usize = 6;

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
    /// [`RESAMPLES`] resamples of `seeds` seeds. The last ones made are kept, because a summary asks
    /// for the same many times.
    pub fn of(seeds: usize) -> Rc<Self> {
        thread_local!(static LAST: RefCell<Rc<Resamples>> = RefCell::new(Rc::new(Resamples::draw(0))));
        LAST.with_borrow_mut(|last| {
            if last.seeds != seeds {
                *last = Rc::new(Self::draw(seeds));
            }
            Rc::clone(last)
        })
    }

    fn draw(seeds: usize) -> Self {
        let mut stream = Seed::new(0).fork("bootstrap").stream();
        let indices = (0..RESAMPLES * seeds).map(|_| stream.below(seeds as u32)).collect();
        Self { seeds, indices }
    }

    /// The 95 % interval of a statistic, which gets the indices of a resample's seeds and may be
    /// undefined on some resamples (`None`); those are left out. `None` where there are fewer than
    /// [`FEWEST`] seeds or fewer than half of the resamples define it.
    pub fn interval(&self, mut statistic: impl FnMut(&[u32]) -> Option<f64>) -> Option<Interval> {
        if self.seeds < FEWEST {
            return None;
        }
        let values: Vec<f64> = self.indices.chunks_exact(self.seeds).filter_map(&mut statistic).collect();
        if values.len() * 2 < RESAMPLES {
            return None;
        }
        let values = sorted(values);
        Some(Interval { low: quantile(&values, 0.025)?, high: quantile(&values, 0.975)? })
    }

    /// The 95 % interval of the median of one value per seed.
    ///
    /// The values are sorted once; the median of a resample is then found by counting ranks.
    pub fn interval_of_median(&self, values: &[f64]) -> Option<Interval> {
        let order = order(values);
        let mut rank = vec![0; values.len()];
        order.iter().enumerate().for_each(|(place, &seed)| rank[seed] = place);
        let mut drawn = vec![0u32; values.len()];
        let middle = [values.len().div_ceil(2), values.len() / 2 + 1];
        self.interval(|seeds| {
            drawn.fill(0);
            seeds.iter().for_each(|&seed| drawn[rank[seed as usize]] += 1);
            let mut below = 0;
            let mut found = [None; 2];
            for (place, &times) in drawn.iter().enumerate() {
                below += times as usize;
                for (value, &needed) in found.iter_mut().zip(&middle) {
                    if value.is_none() && below >= needed {
                        *value = Some(values[order[place]]);
                    }
                }
                if found[1].is_some() {
                    break;
                }
            }
            let [low, high] = found;
            low.zip(high).map(|(low, high)| low + 0.5 * (high - low))
        })
    }
}
