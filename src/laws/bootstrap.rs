//! Intervals by resampling runs.

use serde::{Deserialize, Serialize};

use super::joint::{JointFit, JointLaw, PaperParameters};
use super::linear::{LinearLaw, weighted_line};
use super::observation::Observations;
use super::power::FEWEST_DIFFERENT;
use crate::seed::Seed;
use crate::stats::bootstrap::FEWEST;
use crate::stats::{Interval, quantile, sorted};

/// Resamples of whole runs with replacement, never of checkpoints: checkpoints of one run share its noise, and
/// resampling them would make intervals several times too narrow.
///
/// Resample `i` is the same on every machine, on any number of threads and whatever other resamples are made.
///
/// Source: Efron & Tibshirani 1993, chapters 8 (resampling clusters) and 13 (percentile interval).
pub struct Bootstrap<'a> {
    observations: &'a Observations,
    fit: Option<&'a JointFit>,
    present: Vec<usize>,
}

/// What one resample comes to; `None` where it cannot be fitted, such as with fewer than three different numbers of
/// tuned parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Resample {
    pub linear: Option<LinearLaw>,
    pub joint: Option<JointLaw>,
}

/// 95 % percentile intervals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Resamples made.
    pub resamples: usize,
    /// Runs resampled.
    pub runs: usize,
    pub linear: LinearIntervals,
    /// By the paper's symbols; `None` where fewer than half of the resamples could be fitted.
    pub joint: Option<Vec<(String, Interval)>>,
    /// Resamples to which the joint law could be fitted.
    pub joint_resamples: usize,
}

/// Intervals of equation 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinearIntervals {
    pub slope: Option<Interval>,
    pub intercept: Option<Interval>,
}

impl<'a> Bootstrap<'a> {
    /// Resamples of observations and, where there is one, of the joint fit to these very observations; `None` where
    /// fewer than six runs have any, because the bootstrap then says nothing reliable.
    pub fn new(observations: &'a Observations, fit: Option<&'a JointFit>) -> Option<Self> {
        let present = observations.present();
        (present.len() >= FEWEST).then_some(Self { observations, fit, present })
    }

    /// The runs that are resampled.
    pub fn runs(&self) -> usize {
        self.present.len()
    }

    /// How often each run of the observations is in resample `index`.
    pub fn times(&self, index: usize) -> Vec<u32> {
        let mut stream = Seed::new(0).fork("laws").fork("bootstrap").fork(&index.to_string()).stream();
        let mut times = vec![0; self.observations.runs().len()];
        for _ in 0..self.present.len() {
            times[self.present[stream.below(self.present.len() as u32) as usize]] += 1;
        }
        times
    }

    /// Resample `index`, fitted from where the fit to all runs ended.
    pub fn resample(&self, index: usize) -> Resample {
        let times = self.times(index);
        let rows = self.observations.rows();
        let weight = |run: usize| f64::from(times[run]);
        let line = || rows.iter().map(|(run, row)| (row.fine_tuning_loss, row.forgetting, weight(*run)));
        let drawn = self.observations.only(|run, _| times[run] > 0);
        let fit = self.fit.filter(|_| drawn.different(|row| row.parameters).len() >= FEWEST_DIFFERENT);
        Resample {
            linear: weighted_line(line),
            joint: fit.and_then(|fit| fit.again(rows.iter().map(|(run, _)| weight(*run)))),
        }
    }

    /// The intervals that resamples come to.
    pub fn intervals(&self, resamples: &[Resample]) -> Intervals {
        let of_line = |of: fn(&LinearLaw) -> f64| {
            interval(resamples.iter().map(|one| one.linear.as_ref().map(of)), resamples.len())
        };
        let symbols: Vec<PaperParameters> = resamples
            .iter()
            .filter_map(|one| Some(PaperParameters::of(one.joint.as_ref()?, one.linear.as_ref()?.slope)))
            .collect();
        let symbol = |index: usize, name: &str| {
            let values = symbols.iter().map(|symbols| Some(symbols.named()[index].1));
            interval(values, resamples.len()).map(|interval| (name.to_owned(), interval))
        };
        let names = symbols.first().map(PaperParameters::named);
        Intervals {
            resamples: resamples.len(),
            runs: self.present.len(),
            linear: LinearIntervals { slope: of_line(|law| law.slope), intercept: of_line(|law| law.intercept) },
            joint: names.and_then(|names| names.iter().enumerate().map(|(i, (name, _))| symbol(i, name)).collect()),
            joint_resamples: symbols.len(),
        }
    }
}

/// The 95 % interval of what some of `all` resamples define; `None` where fewer than half do. An infinite value, as a
/// scale with a vanishing exponent has, counts as the largest number there is.
pub(super) fn interval(values: impl Iterator<Item = Option<f64>>, all: usize) -> Option<Interval> {
    let values: Vec<f64> =
        values.flatten().filter(|value| !value.is_nan()).map(|value| value.clamp(f64::MIN, f64::MAX)).collect();
    if values.is_empty() || values.len() * 2 < all {
        return None;
    }
    let values = sorted(values);
    Some(Interval { low: quantile(&values, 0.025)?, high: quantile(&values, 0.975)? })
}
