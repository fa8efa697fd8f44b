//! One cell at the end of fine-tuning.

use super::{CellSummary, Spread};
use crate::experiments::job::Cell;
use crate::experiments::results::JobTraces;
use crate::experiments::{Measures, Results};
use crate::stats::{Quartiles, Resamples};

/// One cell in numbers.
pub(super) fn summarise(results: &Results, cell: Cell, replay: f64) -> CellSummary {
    let jobs: Vec<(u32, &JobTraces)> = results
        .spec
        .seeds
        .iter()
        .zip(results.of_width(cell.width))
        .filter_map(|(&seed, traces)| traces.filter(|t| t.is_complete()).map(|t| (seed, t)))
        .collect();
    let divergences: Vec<(u32, bool, u32)> = jobs
        .iter()
        .filter_map(|(seed, traces)| traces.diverged(cell.branch).map(|(before, step)| (*seed, before, step)))
        .collect();
    let spread = |value: &dyn Fn(&JobTraces) -> Option<f64>| {
        let values: Vec<f64> = jobs.iter().filter_map(|(_, traces)| value(traces)).collect();
        Spread { quartiles: Quartiles::of(&values), n: values.len(), diverged: divergences.len() }
    };
    let last = |measure: fn(&Measures) -> f32| {
        spread(&|traces| Some(f64::from(measure(&traces.fine_tuning[cell.branch].last()?.measures))))
    };
    // Of the seeds that reach the end, so that before and after speak of the same seeds.
    let first = |measure: fn(&Measures) -> f32| {
        spread(&|traces| {
            let trace = &traces.fine_tuning[cell.branch];
            trace.last().map(|_| f64::from(measure(&trace.points[0].measures)))
        })
    };
    let forgetting: Vec<f64> = jobs.iter().filter_map(|(_, traces)| traces.forgetting(cell.branch)).collect();
    CellSummary {
        width: cell.width,
        replay,
        id_loss: last(|m| m.id_loss),
        ood_loss: last(|m| m.old_loss),
        id_loss_before: first(|m| m.id_loss),
        ood_loss_before: first(|m| m.old_loss),
        overwritten_loss: last(|m| m.overwritten_loss),
        forgetting: spread(&|traces| traces.forgetting(cell.branch)),
        forgetting_interval: Resamples::of(forgetting.len()).interval_of_median(&forgetting),
        forgot: forgetting.iter().filter(|&&f| f > 0.0).count(),
        pretraining_loss: spread(&|traces| {
            let end = traces.pretraining.last()?.measures;
            Some((f64::from(end.old_loss) + f64::from(end.overwritten_loss)) / 2.0)
        }),
        parameter_distance: last(|m| m.distance),
        divergences,
    }
}
