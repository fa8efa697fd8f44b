//! What a run says of ways to spend a budget of replay.

use super::interval;
use super::parts::{Part, Writer};
use crate::experiments::Way;
use crate::figure::number::{percent, seeds, short, signed, significant};
use crate::record::Summary;
use crate::record::summary::{GoalSummary, WaySummary};

/// A way in words: `front-loaded`, `prescribed for end`.
pub fn words(way: Way) -> String {
    way.name().replace('_', if way.goal().is_some() { " " } else { "-" })
}

fn median(way: &WaySummary) -> Option<f64> {
    way.trained.quartiles.map(|q| q.median)
}

/// The new task's loss of a way over that of uniform replay, where it is a tenth or more apart.
fn price(summary: &Summary, way: Way) -> Option<f64> {
    let id_loss = |way| summary.cells.iter().find(|cell| cell.way == Some(way))?.id_loss.quartiles.map(|q| q.median);
    let ratio = id_loss(way)? / id_loss(Way::Uniform)?;
    Some(ratio).filter(|ratio| ratio.is_finite() && !(0.9..=1.1).contains(ratio))
}

/// Whether there is anything to compare.
pub(super) fn spent(summary: &Summary) -> bool {
    summary.goals.iter().any(|goal| goal.best().is_some() && median(&goal.ways[0]).is_some())
}

/// The headline.
pub(super) fn across_ways(said: &mut Writer, summary: &Summary) {
    let budget = summary.cells.first().map_or(0.0, |cell| cell.replay);
    said.say("spending ").strong(percent(budget)).say(" of the weight on old data");
    let mut link = ": ";
    for goal in &summary.goals {
        let (Some(best), Some(uniform)) = (goal.best(), median(&goal.ways[0])) else { continue };
        let Some(least) = median(best) else { continue };
        said.say(format!("{}{}, ", std::mem::replace(&mut link, "; "), goal.goal.when()));
        if best.way == Way::Uniform {
            said.strong("uniform replay").say(" is best, old-task loss ").old(uniform);
            continue;
        }
        let way = match best.way.goal() {
            None => format!("{} replay", words(best.way)),
            Some(own) if own == goal.goal => "what the kernel prescribes for it".to_owned(),
            Some(other) => format!("what the kernel prescribes for {}", other.word()),
        };
        if best.interval.is_some_and(|interval| interval.high < 0.0) {
            said.strong(way).say(" is best, ").old(least).say(" against ").old(uniform).say(" with uniform replay");
        } else {
            said.say("it is undecided whether ").strong(way).say(" beats uniform replay, ");
            said.old(least).say(" against ").old(uniform);
        }
        if let Some(price) = price(summary, best.way) {
            said.say(format!(", at {} times the new task’s loss", significant(price, 2)));
        }
    }
    said.say(".");
}

/// The differences behind it.
pub(super) fn evidence_across_ways(summary: &Summary) -> Vec<Part> {
    let mut said = Writer::default();
    let mut pairs = 0;
    for goal in &summary.goals {
        let when = goal.goal.when();
        said.strong(format!("{}{}", when[..1].to_uppercase(), &when[1..])).say(": ");
        for (k, way) in told(goal).enumerate() {
            let apart = way.less_uniform.map_or("no difference known".to_owned(), signed);
            let said_so = way.predicted.map_or(String::new(), |p| format!(", predicted {}", short(p)));
            said.say(if k > 0 { ", " } else { "" });
            said.say(format!("{} {apart} ({}{said_so})", words(way.way), interval(way.interval)));
            pairs = pairs.max(way.pairs);
        }
        said.say(". ");
    }
    said.say(format!("Differences from uniform replay on the same seed, medians of {pairs} seeds, bootstrap."));
    let unplanned = summary.goals.iter().flat_map(|goal| &goal.ways).map(|way| way.unplanned).max().unwrap_or(0);
    if unplanned > 0 {
        said.say(" ").strong(format!("On {} theory prescribes nothing", seeds(unplanned)));
        said.say(": at this learning rate the linearised network is beyond its edge of stability, or it is too large.");
    }
    said.0
}

/// The winner and what was prescribed, once each.
fn told(goal: &GoalSummary) -> impl Iterator<Item = &WaySummary> {
    let best = goal.best().filter(|best| best.way != Way::Uniform);
    let prescribed = goal.prescribed().filter(|way| best.is_none_or(|best| best.way != way.way));
    best.into_iter().chain(prescribed)
}
