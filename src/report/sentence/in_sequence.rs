//! What a run over a sequence of tasks says: what later tasks did to earlier ones.

use super::super::views::task_matrix;
use super::parts::{Part, Writer};
use crate::figure::number::{count, seeds};
use crate::record::summary::SequenceSummary;

/// The headline.
pub(super) fn across_tasks(said: &mut Writer, told: &SequenceSummary) {
    let (Some(transfer), Some(learned)) = (told.backward_transfer.quartiles, told.plasticity.quartiles) else {
        said.say("no seed has come to the end of the sequence yet.");
        return;
    };
    let last = told.matrix.len() - 1;
    let undecided = told.backward_transfer_interval.is_some_and(|i| i.low <= 0.0 && i.high >= 0.0);
    said.say(match (undecided, transfer.median < 0.0) {
        (true, _) => "it is undecided whether later tasks cost the network earlier ones: ",
        (false, true) => "later tasks cost the network part of the earlier ones: ",
        (false, false) => "later tasks cost the earlier ones nothing: ",
    });
    said.say("after ").say(count(last)).say(" new tasks in turn, a task\u{2019}s loss is ").old(transfer.median.abs());
    said.say(if transfer.median < 0.0 { " above" } else { " below" }).say(" what it was when just learned, on average");
    said.say("; that of the old task went from ").old(told.matrix[0][0]).say(" to ").old(told.matrix[last][0]);
    said.say(", and each new one was learned to ").new_task(learned.median).say(".");
}

/// The numbers behind it; `overwrites` where each new task gives the same points another label.
pub(super) fn evidence_across_tasks(told: &SequenceSummary, overwrites: bool) -> Vec<Part> {
    let mut said = Writer::default();
    said.say(task_matrix(told).summary()).say(" Medians of ").say(seeds(told.plasticity.n));
    said.say(if told.plasticity_interval.is_some() { ", bootstrap." } else { "; add seeds for intervals." });
    if overwrites {
        said.say(
            " The earlier labels of X\u{2081} are overwritten on purpose: of these tasks only the old one is forgotten.",
        );
    }
    said.0
}
