//! What blew up, and who is left out for it.

use super::parts::{Part, Sentence, Writer};
use crate::figure::number::short;
use crate::record::Summary;
use crate::record::summary::CellSummary;

/// The worst cell's divergences in words.
pub(super) fn left_out(summary: &Summary) -> Option<Vec<Part>> {
    let worst = summary.cells.iter().max_by_key(|cell| cell.divergences.len())?;
    let diverged = worst.divergences.len();
    if diverged == 0 {
        return None;
    }
    let mut said = Writer::default();
    let seeds: Vec<String> = worst.divergences.iter().take(8).map(|(seed, ..)| seed.to_string()).collect();
    let ellipsis = if diverged > seeds.len() { ", …" } else { "" };
    let place = if summary.cells.len() > 1 {
        let way = worst.way.map_or("", |way| way.words());
        format!(" at width {}, p = {} {way}", worst.width, short(worst.replay)).trim_end().to_owned()
    } else {
        String::new()
    };
    said.say(" ").strong(format!("Training blew up on {diverged} of {} seeds{place}", worst.forgetting.n + diverged));
    said.say(format!(
        ", {}; seeds {}{ellipsis} are left out of those medians.",
        first_divergence(worst),
        seeds.join(", ")
    ));
    Some(said.0)
}

fn first_divergence(cell: &CellSummary) -> String {
    let earliest = cell.divergences.iter().min_by_key(|&&(_, before, step)| (!before, step));
    earliest.map_or(String::new(), |&(_, before, step)| {
        let phase = if before { "pre-training" } else { "fine-tuning" };
        format!("first at {phase} step {step}")
    })
}

/// The sentence of a run that left nothing else.
pub(super) fn blown_up(summary: &Summary, focus: &CellSummary) -> Sentence {
    let mut said = Writer::default();
    if focus.divergences.is_empty() {
        said.say("No seed has finished yet.");
        return Sentence { headline: said.0, more: Vec::new() };
    }
    said.say("Training blew up on ").strong(format!("all {} seeds", focus.divergences.len()));
    if summary.cells.len() > 1 {
        said.say(" of every setting");
    }
    said.say(format!(", {}. ", first_divergence(focus)));
    let mut more = Writer::default();
    more.say("Every seed is left out of the medians. A smaller learning rate helps.");
    Sentence { headline: said.0, more: more.0 }
}
