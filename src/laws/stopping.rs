//! Whether a stopping point escapes the line: whether, at some number of steps, all runs miss it to one side.

use serde::{Deserialize, Serialize};

use super::linear::LinearLaw;
use super::observation::Observations;

/// How far runs are from the line at one number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoppingPoint {
    pub steps: f64,
    /// Mean forgetting beyond the line, over runs, nats: negative where less is forgotten than the line has it.
    pub offset: f64,
    /// Standard error of that mean, runs being independent, nats.
    pub standard_error: f64,
    /// Runs that have an observation here.
    pub runs: usize,
}

/// An offset of more than so many standard errors is none of chance, twenty numbers of steps or so being looked at: with
/// six runs or more Student's t leaves it in fewer than 2 of 1,000.
const SURELY: f64 = 6.0;

impl StoppingPoint {
    /// Whether the runs are off the line here by more than chance.
    pub fn escapes(&self) -> bool {
        self.runs >= 6 && self.offset.abs() > SURELY * self.standard_error
    }
}

/// The offsets at every number of steps at which at least half of the runs, and no fewer than three, have an observation.
pub fn stopping_points(observations: &Observations, law: &LinearLaw) -> Vec<StoppingPoint> {
    let fewest = observations.present().len().div_ceil(2).max(3);
    let at = |steps: f64| {
        let rows = observations.rows().iter().filter(|(_, row)| row.steps == steps);
        let residuals: Vec<f64> = rows.map(|(_, row)| row.forgetting - law.forgetting(row.fine_tuning_loss)).collect();
        let runs = residuals.len();
        let offset = residuals.iter().sum::<f64>() / runs.max(1) as f64;
        let spread: f64 = residuals.iter().map(|residual| (residual - offset) * (residual - offset)).sum();
        let standard_error = (spread / (runs.max(2) - 1) as f64 / runs.max(1) as f64).sqrt();
        (runs >= fewest).then_some(StoppingPoint { steps, offset, standard_error, runs })
    };
    observations.different(|row| row.steps).into_iter().filter_map(at).collect()
}
