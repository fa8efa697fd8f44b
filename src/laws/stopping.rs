//! Whether a stopping point escapes the line: whether, at some number of steps, runs miss it to one side of what they miss
//! it by on average.

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

impl StoppingPoint {
    /// Whether the runs are off the line here by more than chance.
    pub fn escapes(&self) -> bool {
        self.runs >= 6 && self.offset.abs() > SURELY * self.standard_error
    }
}

/// The offsets at every number of steps at which at least half of the runs, and no fewer than three, have an observation.
pub fn stopping_points(observations: &Observations, law: &LinearLaw) -> Vec<StoppingPoint> {
    let fewest = observations.present().len().div_ceil(2).max(3);
    let beside = |row: &Observation| row.forgetting - law.forgetting(row.fine_tuning_loss);
    let means: Vec<f64> = (0..observations.runs().len())
        .map(|run| {
            let rows = observations.of_run(run);
            rows.iter().map(|row| beside(row)).sum::<f64>() / rows.len().max(1) as f64
        })
        .collect();
    let at = |steps: f64| {
        let rows = observations.rows().iter().filter(|(_, row)| row.steps == steps);
        let residuals: Vec<f64> = rows.map(|(run, row)| beside(row) - means[*run]).collect();
        let runs = residuals.len();
        let offset = residuals.iter().sum::<f64>() / runs.max(1) as f64;
        let spread: f64 = residuals.iter().map(|residual| (residual - offset) * (residual - offset)).sum();
        let standard_error = (spread / (runs.max(2) - 1) as f64 / runs.max(1) as f64).sqrt();
        (runs >= fewest).then_some(StoppingPoint { steps, offset, standard_error, runs })
    };
    observations.different(|row| row.steps).into_iter().filter_map(at).collect()
}
