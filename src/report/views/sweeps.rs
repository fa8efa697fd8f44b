//! Runs side by side: over widths, replay fractions and both.

use super::spread;
use crate::figure::forgetting_by_width::{Comparison, ForgettingByWidth};
use crate::figure::{Figure, ForgettingByReplay, ForgettingMap, GapByWidth, MapCell, Spread, WidthGap};
use crate::record::Summary;
use crate::record::summary::{self, CellSummary};
use crate::stats::sorted_by_key;

/// Forgetting against width, for one replay branch; `None` where there is one width only.
pub fn by_width(summary: &Summary, branch: usize, current: Option<u32>, reference: bool) -> Option<Figure> {
    let comparisons = summary.comparisons.get(branch)?;
    let points = &comparisons.equal_steps.points;
    let order = sorted_by_key((0..points.len()).collect(), |&index| f64::from(points[index].width));
    let side = |comparison: &summary::Comparison| Comparison {
        verdict: comparison.slope.per_doubling.map(|_| comparison.slope.verdict),
        forgetting: order.iter().map(|&k| spread(comparison.points[k].forgetting.as_ref())).collect(),
        reached: order.iter().map(|&k| comparison.points[k].reached).collect(),
    };
    let missing =
        Comparison { verdict: None, forgetting: vec![Spread::MISSING; order.len()], reached: vec![0; order.len()] };
    let widths: Vec<u32> = order.iter().map(|&k| comparisons.equal_steps.points[k].width).collect();
    let before = |&width: &u32| spread(summary.cell(width, branch).and_then(|c| c.pretraining_loss.quartiles.as_ref()));
    let figure = ForgettingByWidth {
        equal_steps: side(&comparisons.equal_steps),
        equal_loss: side(&comparisons.equal_id_loss),
        equal_time: comparisons.equal_effective_time.as_ref().map_or(missing, side),
        loss_level: comparisons.equal_id_loss.level,
        pre_training_loss: widths.iter().map(before).collect(),
        widths: widths.iter().map(|&width| width as usize).collect(),
        current: current.map(|width| width as usize),
        seeds: comparisons.equal_steps.points.iter().map(|point| point.seeds).max().unwrap_or_default(),
        reference,
    };
    Some(figure.figure())
}

/// Forgetting over width and replay; `None` unless there are several of both. `seeds` is how many each
/// cell will have.
pub fn by_both(summary: &Summary, seeds: usize, current: Option<(u32, f64)>, reference: bool) -> Option<Figure> {
    let sorted = |values: Vec<f64>| {
        let mut sorted = sorted_by_key(values, |&value| value);
        sorted.dedup();
        sorted
    };
    let widths = sorted(summary.cells.iter().map(|cell| f64::from(cell.width)).collect());
    let fractions = sorted(summary.cells.iter().map(|cell| cell.replay).collect());
    let at = |p: f64, width: f64| {
        let cell = summary.cells.iter().find(|cell| cell.replay == p && f64::from(cell.width) == width);
        cell.map_or(MapCell::default(), |cell| MapCell {
            forgetting: spread(cell.forgetting.quartiles.as_ref()),
            seeds: cell.forgetting.n,
            diverged: cell.divergences.len(),
        })
    };
    let figure = ForgettingMap {
        cells: fractions
            .iter()
            .flat_map(|&p| widths.iter().map(move |&width| (p, width)))
            .map(|(p, width)| at(p, width))
            .collect(),
        widths: widths.iter().map(|&width| width as u32).collect(),
        fractions,
        current,
        seeds,
        reference,
    };
    (figure.widths.len() > 1 && figure.fractions.len() > 1).then(|| figure.figure())
}

/// Forgetting against replay at one width; `None` where there is one fraction only, however it is spent.
pub fn by_replay(summary: &Summary, width: u32, current: Option<f64>, reference: bool) -> Option<Figure> {
    let cells: Vec<&CellSummary> = summary.cells.iter().filter(|cell| cell.width == width).collect();
    let figure = ForgettingByReplay {
        points: cells.iter().map(|cell| (cell.replay, spread(cell.forgetting.quartiles.as_ref()))).collect(),
        predicted: cells
            .iter()
            .filter_map(|cell| Some((cell.replay, cell.theory.as_ref()?.predicted_forgetting.quartiles?.median)))
            .collect(),
        current,
        seeds: cells.iter().map(|cell| cell.forgetting.n).max().unwrap_or_default(),
        reference,
    };
    let by_fraction = cells.iter().all(|cell| cell.way.is_none() && cell.mitigation.is_none());
    (cells.len() > 1 && by_fraction).then(|| figure.figure())
}

/// How far the kernel's prediction is off against width, for one replay branch; `None` where it was not asked.
pub fn by_gap(summary: &Summary, branch: usize, current: Option<u32>, reference: bool) -> Option<Figure> {
    let replay = summary.branch_replay(branch)?;
    let cells = summary.cells.iter().filter(|cell| cell.replay == replay && cell.theory.is_some());
    let cells = sorted_by_key(cells.collect(), |cell: &&CellSummary| f64::from(cell.width));
    let gap = |cell: &&CellSummary| {
        let theory = cell.theory.as_ref()?;
        let of = |error: &summary::Spread| spread(error.quartiles.as_ref());
        Some(WidthGap {
            width: cell.width,
            kernel: of(cell.drift_relative_error.as_ref()?),
            constant: of(&theory.drift_relative_error_of_constant),
            first_step: of(&theory.drift_relative_error_of_first_step),
        })
    };
    let slope = summary.gap_by_width.get(branch).map(|gap| gap.slope);
    let figure = GapByWidth {
        widths: cells.iter().filter_map(gap).collect(),
        exponent: slope.and_then(|s| Some((s.per_doubling?, s.interval.map(|i| [i.low, i.high])))),
        current,
        seeds: cells.iter().map(|cell| cell.forgetting.n).max().unwrap_or_default(),
        reference,
    };
    (!figure.widths.is_empty()).then(|| figure.figure())
}
