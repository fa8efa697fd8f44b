//! Whether a stopping point escapes the line: whether, at some number of steps, runs miss it to one side of what they miss
//! it by on average.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::linear::LinearLaw;
use super::observation::{Observation, Observations};

/// How far runs are from the line at one number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoppingPoint {
    pub steps: f64,
    /// Mean over runs of forgetting beyond the line, each run taken from its own mean, so that ranks that lie beside the
    /// line do not count as a bend; nats, negative where less is forgotten than the line has it.
    pub offset: f64,
    /// Standard error of that mean, runs being independent, nats.
    pub standard_error: f64,
    /// Runs that have an observation here.
    pub runs: usize,
}

/// An offset of more than so many standard errors is none of chance, twenty numbers of steps or so being looked at: with
/// six runs or more Student's t leaves it in fewer than 2 of 1,000.
const SURELY: f64 = 6.0;

/// Noise that is less than this share of an offset is rounding.
const ROUNDING: f64 = 1e-9;

impl StoppingPoint {
    /// Whether the runs are off the line here by more than chance; `None` with fewer than six runs, or without noise
    /// between them that an offset could be held against.
    pub fn escapes(&self) -> Option<bool> {
        let is_told = self.runs >= 6 && self.standard_error > ROUNDING * self.offset.abs();
        is_told.then(|| self.offset.abs() > SURELY * self.standard_error)
    }
}

/// The offsets at every number of steps at which at least half of the runs, and no fewer than three, have an observation.
pub fn stopping_points(observations: &Observations, law: &LinearLaw) -> Vec<StoppingPoint> {
    let fewest = observations.present().len().div_ceil(2).max(3);
    let beside = |row: &Observation| row.forgetting - law.forgetting(row.fine_tuning_loss);
    let mut sums = vec![(0.0, 0.0); observations.runs().len()];
    for (run, row) in observations.rows() {
        sums[*run].0 += beside(row);
        sums[*run].1 += 1.0;
    }
    let mut by_steps: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (run, row) in observations.rows() {
        let (sum, count) = sums[*run];
        // Steps are above 0, so their bits are in their order.
        by_steps.entry(row.steps.to_bits()).or_default().push(beside(row) - sum / count);
    }
    let of = |(steps, residuals): (u64, Vec<f64>)| {
        let runs = residuals.len();
        let offset = residuals.iter().sum::<f64>() / runs as f64;
        let spread: f64 = residuals.iter().map(|residual| (residual - offset) * (residual - offset)).sum();
        let standard_error = (spread / (runs.max(2) - 1) as f64 / runs as f64).sqrt();
        (runs >= fewest).then_some(StoppingPoint { steps: f64::from_bits(steps), offset, standard_error, runs })
    };
    by_steps.into_iter().filter_map(of).collect()
}
