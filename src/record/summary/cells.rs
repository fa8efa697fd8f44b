//! One cell at the end of fine-tuning.

use super::{CellSummary, CellTheory, GapByWidth, Spread};
use crate::experiments::job::Cell;
use crate::experiments::results::JobTraces;
use crate::experiments::{Branch, Gap, Measures, Results};
use crate::stats::{Quartiles, Resamples, slope_over_seeds};

/// One cell in numbers.
pub(super) fn summarise(results: &Results, cell: Cell, branch: &Branch) -> CellSummary {
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
    let predicts = results.spec.experiment.predicts();
    let forgetting: Vec<f64> = jobs.iter().filter_map(|(_, traces)| traces.forgetting(cell.branch)).collect();
    CellSummary {
        width: cell.width,
        replay: branch.mean(results.spec.fine_tuning_steps),
        way: branch.way(),
        mitigation: branch.mitigated(),
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
            let [old, overwritten] = [end.old_loss, end.overwritten_loss].map(f64::from);
            Some(if results.spec.world.overwrites { (old + overwritten) / 2.0 } else { old })
        }),
        parameter_distance: last(|m| m.distance),
        drift_relative_error: predicts
            .then(|| spread(&|traces| Some(f64::from(last_gap(traces, cell.branch)?.drift_error?)))),
        forgetting_relative_error: predicts.then(|| spread(&|traces| traces.forgetting_error(cell.branch))),
        theory: predicts.then(|| theory(&spread, cell.branch)),
        divergences,
    }
}

/// The gap at the end of a branch.
fn last_gap(traces: &JobTraces, branch: usize) -> Option<&Gap> {
    traces.predicted.get(branch)?.gap_at(traces.fine_tuning[branch].last()?.step)
}

/// What a spread is of.
type Value<'a> = &'a dyn Fn(&JobTraces) -> Option<f64>;

/// How the prediction of a branch fared, by a spread over its seeds.
fn theory(spread: &dyn Fn(Value) -> Spread, branch: usize) -> CellTheory {
    let gap = |first: bool, value: fn(&Gap) -> Option<f32>| {
        spread(&|traces| {
            let last = last_gap(traces, branch)?;
            value(if first { traces.predicted[branch].gap_at(0)? } else { last }).map(f64::from)
        })
    };
    CellTheory {
        drift_relative_error_of_constant: gap(false, |gap| gap.constant_error),
        drift_relative_error_of_first_step: gap(false, |gap| gap.first_step_error),
        predicted_forgetting: spread(&|traces| traces.predicted_forgetting(branch)),
        forgetting_relative_error_largest: spread(&|traces| traces.largest_forgetting_error(branch)),
        kernel_drift: gap(false, |gap| gap.kernel_drift),
        kernel_growth: gap(false, |gap| gap.kernel_growth),
        kernel_alignment_before: gap(true, |gap| gap.alignment),
        kernel_alignment: gap(false, |gap| gap.alignment),
    }
}

/// The exponent of the gap in the width, for one branch.
pub(super) fn gap_by_width(results: &Results, branch: usize, replay: f64) -> GapByWidth {
    let widths = &results.spec.widths;
    let log_gap = |traces: Option<&JobTraces>| {
        last_gap(traces?, branch)?.drift_error.filter(|&error| error > 0.0).map(|error| libm::log2(f64::from(error)))
    };
    let by_width: Vec<Vec<Option<f64>>> =
        widths.iter().map(|&width| results.of_width(width).map(log_gap).collect()).collect();
    let by_seed: Vec<Vec<Option<f64>>> =
        (0..results.spec.seeds.len()).map(|seed| by_width.iter().map(|row| row[seed]).collect()).collect();
    let as_numbers: Vec<f64> = widths.iter().map(|&width| f64::from(width)).collect();
    GapByWidth { replay, slope: slope_over_seeds(&as_numbers, &by_seed) }
}
