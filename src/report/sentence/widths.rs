//! What a run over widths says.

use super::interval;
use super::parts::{Part, Writer};
use crate::figure::number::signed;
use crate::record::summary::{BranchComparisons, Comparison};
use crate::stats::{Verdict, sorted_by_key};

/// Whether forgetting is known at two widths at least.
pub(super) fn has_ends(comparison: &Comparison) -> bool {
    let known = comparison.points.iter().filter(|point| point.forgetting.is_some()).count();
    known >= 2
}

/// The headline.
pub(super) fn across_widths(said: &mut Writer, comparisons: &BranchComparisons) {
    let steps = &comparisons.equal_steps;
    let known: Vec<(u32, f64)> = steps.points.iter().filter_map(|p| Some((p.width, p.forgetting?.median))).collect();
    let known = sorted_by_key(known, |&(width, _)| f64::from(width));
    let ((narrow, first), (wide, last)) = (known[0], known[known.len() - 1]);
    let opening = match steps.slope.verdict {
        Verdict::Rises => "at equal steps, wider networks forget more: ",
        Verdict::Falls => "at equal steps, wider networks forget less: ",
        Verdict::Undecided => "at equal steps, it is undecided whether wider networks forget more: ",
    };
    said.say(opening).say("median forgetting is ").old(first).say(format!(" at width {narrow} and "));
    said.old(last).say(format!(" at width {wide}. "));
    let word = |comparison: &Comparison| match comparison.slope.verdict {
        Verdict::Rises => "they forget more",
        Verdict::Falls => "they forget less",
        Verdict::Undecided => "it is undecided",
    };
    said.say(format!("At equal new-task loss, {}", word(&comparisons.equal_id_loss)));
    match &comparisons.equal_effective_time {
        Some(time) => said.say(format!("; at equal effective time, {}.", word(time))),
        None => said.say("."),
    };
}

/// The slopes behind it.
pub(super) fn evidence_across_widths(comparisons: &BranchComparisons) -> Vec<Part> {
    let mut said = Writer::default();
    let mut one = |name: &str, comparison: &Comparison| {
        said.strong(format!("{name} {}", comparison.slope.verdict.word()));
        let Some(slope) = comparison.slope.per_doubling else {
            said.say(": there is no level that nine seeds in ten reach at every width; ");
            return;
        };
        let few = if comparison.slope.interval.is_none() { ", add seeds" } else { "" };
        said.say(format!(": {} per doubling, {}{few}", signed(slope), interval(comparison.slope.interval)));
        let fewest = comparison.points.iter().map(|point| point.reached).min().unwrap_or_default();
        let seeds = comparison.points.iter().map(|point| point.seeds).max().unwrap_or_default();
        if comparison.selective {
            said.say(format!(", on the seeds that get there (at least {fewest} of {seeds})"));
        }
        said.say("; ");
    };
    one("Equal steps", &comparisons.equal_steps);
    one("Equal loss", &comparisons.equal_id_loss);
    if let Some(time) = &comparisons.equal_effective_time {
        one("Equal time", time);
    }
    let seeds = comparisons.equal_steps.slope.seeds;
    said.say(format!("median of the slopes of {seeds} seeds, bootstrap."));
    said.0
}
