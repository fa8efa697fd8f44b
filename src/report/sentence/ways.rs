//! What a run says of ways to spend a budget of replay.

use super::interval;
use super::parts::{Part, Role, Writer};
use crate::experiments::Way;
use crate::figure::number::{percent, seeds, short, signed};
use crate::record::Summary;
use crate::record::summary::{GoalSummary, WaySummary};

/// The median ID loss of a way over that of uniform replay.
fn price(summary: &Summary, way: Way) -> f64 {
    let id_loss = |way| {
        let cell = summary.cells.iter().find(|cell| cell.way == Some(way));
        cell.and_then(|cell| cell.id_loss.quartiles).map_or(f64::NAN, |q| q.median)
    };
    id_loss(way) / id_loss(Way::Uniform)
}

/// The best way of each goal and uniform replay, with their median losses, as far as they are known.
fn decided(summary: &Summary) -> impl Iterator<Item = (&GoalSummary, [(&WaySummary, f64); 2])> {
    let median = |way: &'_ WaySummary| way.trained.quartiles.map(|q| q.median);
    summary.goals.iter().filter_map(move |goal| {
        let (best, uniform) = (goal.best()?, goal.ways.first()?);
        Some((goal, [(best, median(best)?), (uniform, median(uniform)?)]))
    })
}

/// Whether there is anything to compare.
pub(super) fn spent(summary: &Summary) -> bool {
    decided(summary).next().is_some()
}

/// The headline.
pub(super) fn across_ways(said: &mut Writer, summary: &Summary) {
    let budget = summary.cells.first().map_or(0.0, |cell| cell.replay);
    said.say("spending ").strong(percent(budget)).say(" of the weight on old data");
    for (k, (goal, [(best, least), (_, uniform)])) in decided(summary).enumerate() {
        said.say(if k == 0 { ": " } else { "; " }).say(goal.goal.when());
        let sure = best.way == Way::Uniform || best.interval.is_some_and(|interval| interval.high < 0.0);
        said.say(if sure { ", " } else { ", it is undecided whether " }).strong(best.way.words());
        said.say(if sure { " is best, " } else { " is best: " }).old(least);
        if best.way != Way::Uniform {
            said.say(" against ").old(uniform).say(" with uniform replay");
            // What a tenth more or less of the new task's loss costs is not worth a word.
            let price = price(summary, best.way);
            if price.is_finite() && (price - 1.0).abs() > 0.1 {
                said.say(", at ").put(Role::New, short(price)).say(" times its new-task loss");
            }
        }
    }
    said.say(".");
}

/// The differences behind it.
pub(super) fn evidence_across_ways(summary: &Summary) -> Vec<Part> {
    let mut said = Writer::default();
    let (mut pairs, mut unplanned) = (0, 0);
    for goal in &summary.goals {
        said.strong(goal.goal.when());
        for (k, way) in told(goal).enumerate() {
            let (Some(apart), Some(predicted)) = (way.less_uniform, way.predicted) else { continue };
            said.say(if k == 0 { ": " } else { ", " }).say(way.way.words()).say(" ").say(signed(apart)).say(" (");
            said.say(interval(way.interval)).say(", predicted ").say(short(predicted)).say(")");
            pairs = pairs.max(way.pairs);
        }
        said.say("; ");
        unplanned = goal.ways.iter().map(|way| way.unplanned).fold(unplanned, usize::max);
    }
    said.say("differences from uniform replay on the same seed, medians of ").say(seeds(pairs)).say(", bootstrap.");
    if unplanned > 0 {
        said.say(" On ").strong(seeds(unplanned));
        said.say(" theory prescribes nothing: the learning rate is beyond the linearised network's edge of stability.");
    }
    said.0
}

/// The winner and what was prescribed, once each.
fn told(goal: &GoalSummary) -> impl Iterator<Item = &WaySummary> {
    let best = goal.best().filter(|best| best.way != Way::Uniform);
    let prescribed = goal.prescribed().filter(|way| best.is_none_or(|best| best.way != way.way));
    best.into_iter().chain(prescribed)
}
