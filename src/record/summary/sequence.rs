//! A sequence of tasks in numbers.

use serde::{Deserialize, Serialize};

use super::Spread;
use crate::experiments::Results;
use crate::experiments::job::Cell;
use crate::metrics::TaskMatrix;
use crate::stats::{Interval, Quartiles, Resamples};

/// One cell of a run whose fine-tuning teaches several tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceSummary {
    pub width: u32,
    pub replay: f64,
    /// Median loss over seeds: row i after task i (0 is before fine-tuning), column j on task j (0 is the old one).
    pub matrix: Vec<Vec<f64>>,
    /// [`TaskMatrix::average_forgetting`] over seeds, with the 95 % bootstrap interval of its median; as are the others.
    pub average_forgetting: Spread,
    pub average_forgetting_interval: Option<Interval>,
    pub backward_transfer: Spread,
    pub backward_transfer_interval: Option<Interval>,
    pub plasticity: Spread,
    pub plasticity_interval: Option<Interval>,
}

/// The sequence of a cell, over the seeds that came to its end.
pub(super) fn sequence(results: &Results, cell: Cell, replay: f64) -> SequenceSummary {
    let mut matrices = Vec::new();
    let mut diverged = 0;
    for traces in results.of_width(cell.width).flatten() {
        diverged += usize::from(traces.diverged(cell.branch).is_some());
        let rows = traces
            .tasks
            .get(cell.branch)
            .map(|looks| looks.iter().map(|look| look.losses.iter().copied().map(f64::from).collect()).collect());
        let is_whole = traces.fine_tuning[cell.branch].last().is_some();
        matrices.extend(rows.filter(|_| is_whole).and_then(TaskMatrix::new));
    }
    let told = |of: fn(&TaskMatrix) -> f64| {
        let values: Vec<f64> = matrices.iter().map(of).collect();
        let spread = Spread { quartiles: Quartiles::of(&values), n: values.len(), diverged };
        (spread, Resamples::of(values.len()).interval_of_median(&values))
    };
    let (average_forgetting, average_forgetting_interval) = told(TaskMatrix::average_forgetting);
    let (backward_transfer, backward_transfer_interval) = told(TaskMatrix::backward_transfer);
    let (plasticity, plasticity_interval) = told(TaskMatrix::plasticity);
    let size = if matrices.is_empty() { 0 } else { results.spec.stages() + 1 };
    let median = |row: usize, column: usize| {
        let values: Vec<f64> = matrices.iter().map(|matrix| matrix.rows()[row][column]).collect();
        Quartiles::of(&values).map_or(f64::NAN, |q| q.median)
    };
    SequenceSummary {
        width: cell.width,
        replay,
        matrix: (0..size).map(|row| (0..size).map(|column| median(row, column)).collect()).collect(),
        average_forgetting,
        average_forgetting_interval,
        backward_transfer,
        backward_transfer_interval,
        plasticity,
        plasticity_interval,
    }
}
