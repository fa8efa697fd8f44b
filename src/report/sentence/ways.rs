//! What a run says of ways to spend a budget of replay.

use super::interval;
use super::parts::{Part, Writer};
use crate::experiments::Way;
use crate::figure::number::{percent, seeds, short, signed};
use crate::record::Summary;
use crate::record::summary::WaySummary;

/// The median ID loss of a way over that of uniform replay.
fn price(summary: &Summary, way: Way) -> f64 {
    let id_loss = |way| {
        let cell = summary.cells.iter().find(|cell| cell.way == Some(way));
        cell.and_then(|cell| cell.id_loss.quartiles).map_or(f64::NAN, |q| q.median)
    };
    id_loss(way) / id_loss(Way::Uniform)
}

/// Whether there is anything to compare.
pub(super) fn spent(summary: &Summary) -> bool {
    summary.goals.iter().any(|goal| goal.best().is_some())
}

/// The headline.
pub(super) fn across_ways(said: &mut Writer, summary: &Summary) {
    let budget = summary.cells.first().map_or(0.0, |cell| cell.replay);
    said.say("spending ").strong(percent(budget)).say(" of the weight on old data");
    let mut link = ": ";
    for goal in &summary.goals {
        let Some(best) = goal.best() else { continue };
        said.say(link).say(goal.goal.when());
        link = "; ";
        let sure = best.way == Way::Uniform || best.interval.is_some_and(|interval| interval.high < 0.0);
        said.say(if sure { ", " } else { ", it is undecided whether " }).strong(best.way.words());
        said.say(" is best").loss(best);
        if best.way != Way::Uniform {
            said.say(" against uniform replay").loss(&goal.ways[0]);
            let price = price(summary, best.way);
            // A tenth more or less is not worth a word.
            if price.is_finite() && (price - 1.0).abs() > 0.1 {
                said.say(" at ").say(short(price)).say(" times the new-task loss");
            }
        }
    }
    said.say(".");
}

impl Writer {
    fn loss(&mut self, way: &WaySummary) -> &mut Self {
        match way.trained.quartiles {
            Some(q) => self.say(", ").old(q.median),
            None => self,
        }
    }
}

/// The differences behind it: of the winner and of what was prescribed.
pub(super) fn evidence_across_ways(summary: &Summary) -> Vec<Part> {
    let mut said = Writer::default();
    let (mut pairs, mut unplanned) = (0, 0);
    said.say("Less uniform replay on the same seed: ");
    for goal in &summary.goals {
        said.strong(goal.goal.when());
        let best = goal.best().map(|best| best.way);
        for way in &goal.ways {
            unplanned = unplanned.max(way.unplanned);
            let is_told = best == Some(way.way) || way.way.goal() == Some(goal.goal);
            let (true, Some(apart), Some(predicted)) = (is_told, way.less_uniform, way.predicted) else { continue };
            said.say(", ").say(way.way.words()).say(" ").say(signed(apart)).say(" (").say(interval(way.interval));
            said.say(", predicted loss ").say(short(predicted)).say(")");
            pairs = pairs.max(way.pairs);
        }
        said.say("; ");
    }
    said.say("medians of ").say(seeds(pairs)).say(", bootstrap.");
    if unplanned > 0 {
        said.say(" On ").strong(seeds(unplanned));
        said.say(" theory prescribes nothing: the learning rate is beyond the linearised network's edge of stability.");
    }
    said.0
}
