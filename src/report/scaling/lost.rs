//! What was learned and what was lost, and where L_f tells too much or too little of it.

use crate::experiments::scaling::{Ability, Checkpoint, Ending, Results, Trace};
use crate::figure::number::{count, percent, short, signed};
use crate::metrics::language::Share;
use crate::report::Statement;
use crate::stats::Quartiles;

/// A cell's checkpoints of one place, over seeds that have not diverged.
pub(super) fn at(results: &Results, cell: usize, place: usize) -> Vec<&Checkpoint> {
    let well = |trace: &&Trace| !matches!(trace.ending, Some(Ending::Diverged(_)));
    results.of_cell(cell).map(|(_, trace)| trace).filter(well).filter_map(|trace| trace.points.get(place)).collect()
}

/// The median of something over checkpoints; `None` of none.
pub(super) fn median(points: &[&Checkpoint], of: impl Fn(&Checkpoint) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = points.iter().filter_map(|point| of(point)).collect();
    Some(Quartiles::of(&values)?.median)
}

/// The share of an ability.
pub(super) fn share(point: &Checkpoint, ability: Ability) -> Option<f64> {
    Some(point.abilities.as_ref()?.share(ability).fraction())
}

/// How many checkpoints the longest run of a cell has.
pub(super) fn places(results: &Results, cell: usize) -> usize {
    results.of_cell(cell).map(|(_, trace)| trace.points.len()).max().unwrap_or(0)
}

/// Runs that blew up.
pub fn warnings(results: &Results) -> Vec<String> {
    let diverged = results.traces().filter_map(|(job, trace)| match trace.ending {
        Some(Ending::Diverged(step)) => Some((job, step)),
        _ => None,
    });
    let of = |(job, step): (crate::experiments::scaling::Job, u32)| {
        let cell = results.cells()[job.cell as usize].label(&results.spec);
        format!("Training blew up at step {step} with {cell}, seed {}: left out of fits. Try a smaller rate.", job.seed)
    };
    diverged.map(of).collect()
}

/// Statements on the runs that have ended.
pub fn statements(results: &Results) -> Vec<Statement> {
    let mut statements = Vec::new();
    // The cell that learned most.
    let ends = (0..results.cells().len()).filter_map(|cell| {
        let ends: Vec<&Checkpoint> = results.of_cell(cell).filter_map(|(_, trace)| trace.last()).collect();
        Some((cell, median(&ends, |point| Some(f64::from(point.losses.fine_tuning)))?, ends))
    });
    if let Some((cell, _, ends)) = ends.min_by(|a, b| a.1.total_cmp(&b.1)) {
        statements.extend(learned(results, cell, &ends));
        statements.extend(lost(results, cell, &ends));
    }
    statements.extend(misleading(results));
    statements
}

fn learned(results: &Results, cell: usize, ends: &[&Checkpoint]) -> Option<Statement> {
    let of = |of: &dyn Fn(&Checkpoint) -> f32| median(ends, |point| Some(f64::from(of(point))));
    let start = f64::from(at(results, cell, 0).first()?.losses.fine_tuning);
    let end = of(&|point| point.losses.fine_tuning)?;
    let values: Vec<f64> = ends.iter().map(|point| f64::from(point.losses.fine_tuning)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let deviation = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
    let (kl, nll, agreement) =
        (of(&|point| point.losses.kl)?, of(&|point| point.losses.nll_rise)?, of(&|point| point.losses.agreement)?);
    let moved = deviation.filter(|sd| *sd > 0.0).map(|sd| (start - end) / sd);
    let in_seeds = moved.map_or_else(String::new, |moved| format!(", {} standard deviations of seeds", short(moved)));
    let text = format!(
        "With {} the fine-tuning loss went from {} to {} nats{in_seeds}. On general text KL from the base is {} nats, the \
         text's own negative log-likelihood {}, and the likeliest word is the base's in {} of places.",
        results.cells()[cell].label(&results.spec),
        short(start),
        short(end),
        short(kl),
        signed(nll),
        percent(agreement)
    );
    let mut values = vec![("start", start), ("end", end), ("kl", kl), ("nll_rise", nll), ("agreement", agreement)];
    values.extend(moved.map(|moved| ("seed_deviations", moved)));
    Some(Statement { id: "learned", text, values })
}

fn lost(results: &Results, cell: usize, ends: &[&Checkpoint]) -> Option<Statement> {
    let start = *at(results, cell, 0).first()?;
    let mut values = Vec::new();
    let mut before_after = |ability: Ability| {
        let (before, after) = (share(start, ability)?, median(ends, |point| share(point, ability))?);
        values.push((ability.name(), after));
        Some(format!("{} {} → {}", ability.label(), percent(before), percent(after)))
    };
    let told: Vec<String> = Ability::ALL.into_iter().filter_map(&mut before_after).collect();
    let text = format!("With {}: {}.", results.cells()[cell].label(&results.spec), told.join("; "));
    Some(Statement { id: "lost", text, values })
}

/// Abilities whose loss is held against L_f.
const HELD: [Ability; 4] = [Ability::Kept, Ability::Composed, Ability::Sums, Ability::RefusedHarmful];
/// A fall of no more than this, in shares of 1, is little.
const LITTLE: f64 = 0.02;
/// KL above this is no small one: what the default run must exceed.
const NOTICEABLE: f64 = 0.05;

/// One place of one cell.
struct Moment {
    cell: usize,
    step: u32,
    kl: f64,
    /// The largest fall of an ability, and which.
    fall: f64,
    ability: Ability,
    /// Whether the intervals of before and after are apart: no chance of which items were asked.
    is_sure: bool,
}

/// An ability's items of all seeds together.
fn pooled(points: &[&Checkpoint], ability: Ability) -> Option<Share> {
    let shares: Vec<Share> = points.iter().filter_map(|point| Some(point.abilities.as_ref()?.share(ability))).collect();
    let sum = |of: fn(&Share) -> usize| shares.iter().map(of).sum();
    (!shares.is_empty()).then(|| Share { count: sum(|share| share.count), of: sum(|share| share.of) })
}

fn moments(results: &Results) -> Vec<Moment> {
    let mut moments = Vec::new();
    for cell in 0..results.cells().len() {
        let Some(start) = at(results, cell, 0).first().copied() else { continue };
        for place in 1..places(results, cell) {
            let points = at(results, cell, place);
            let Some(kl) = median(&points, |point| Some(f64::from(point.losses.kl))) else { continue };
            let falls = HELD.into_iter().filter_map(|ability| {
                let (before, now) = (pooled(&[start], ability)?, pooled(&points, ability)?);
                Some((ability, before.fraction() - now.fraction(), now.interval()[1] < before.interval()[0]))
            });
            let worst = falls.max_by(|a, b| (a.2, a.1).partial_cmp(&(b.2, b.1)).unwrap_or(core::cmp::Ordering::Equal));
            if let (Some((ability, fall, is_sure)), Some(point)) = (worst, points.first()) {
                moments.push(Moment { cell, step: point.step, kl, fall, ability, is_sure });
            }
        }
    }
    moments
}

/// The two moments that contradict L_f most: something surely lost at the least KL, and next to nothing lost at the
/// largest.
fn misleading(results: &Results) -> Option<Statement> {
    let moments = moments(results);
    let label = |moment: &Moment| {
        let steps = if moment.step == 1 { "step" } else { "steps" };
        format!("{} after {} {steps}", results.cells()[moment.cell].label(&results.spec), count(moment.step as usize))
    };
    let much = moments.iter().filter(|moment| moment.is_sure).min_by(|a, b| a.kl.total_cmp(&b.kl));
    let little = moments.iter().filter(|moment| moment.fall <= LITTLE && moment.kl > NOTICEABLE);
    let little = little.max_by(|a, b| a.kl.total_cmp(&b.kl));
    let understates = much.map(|moment| {
        format!(
            "Where L_f says little: with {} KL is {} nats, and \"{}\" has lost {} points of 100.",
            label(moment),
            short(moment.kl),
            moment.ability.label(),
            short(100.0 * moment.fall)
        )
    });
    let overstates = little.map(|moment| {
        format!(
            "Where it says much: with {} KL is {} nats, and none of facts, compositions, sums and refusals has lost more \
             than {} points.",
            label(moment),
            short(moment.kl),
            short(100.0 * moment.fall.max(0.0))
        )
    });
    let values = much.iter().flat_map(|moment| [("understated_kl", moment.kl), ("understated_fall", moment.fall)]);
    let more = little.iter().flat_map(|moment| [("overstated_kl", moment.kl), ("overstated_fall", moment.fall)]);
    let values: Vec<(&'static str, f64)> = values.chain(more).collect();
    let text = [understates, overstates].into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(Statement { id: "misleads", text, values })
}
