//! The generated sentence above the figures: what happened, with numbers and interval.

mod both;
mod diverged;
mod fractions;
mod in_sequence;
mod mitigated;
mod parts;
mod predicted;
mod ways;
mod widths;

pub use parts::{Part, Role, Sentence};

use self::both::{across_both, evidence_across_both, telling};
use self::diverged::{blown_up, left_out};
use self::fractions::{across_replay, replayed};
use self::in_sequence::{across_tasks, evidence_across_tasks};
use self::mitigated::{across_mitigations, compared, evidence_across_mitigations};
use self::parts::Writer;
use self::predicted::{evidence_predicted, predicted, widest};
use self::ways::{across_ways, evidence_across_ways, spent};
use self::widths::{across_widths, evidence_across_widths, has_ends};
use crate::experiments::{CheckedSpec, Swept};
use crate::figure::number::{percent, signed};
use crate::record::Summary;
use crate::record::summary::{CellSummary, SequenceSummary};
use crate::stats::Interval;

/// What a run has come to. `focus` is the cell that the single-run figures show, `complete` how
/// many seeds are done of `total`.
pub fn result(summary: &Summary, spec: &CheckedSpec, focus: &CellSummary, complete: usize, total: usize) -> Sentence {
    let mut said = Writer::default();
    let finished = complete == total;
    if !finished {
        said.say(format!("So far, on {complete} of {total} seeds, "));
    }
    let all_diverged = summary.cells.iter().all(|cell| cell.forgetting.n == 0);
    if all_diverged {
        return blown_up(summary, focus);
    }
    if let Some((cell, theory)) = widest(summary, focus.replay) {
        predicted(&mut said, cell, theory);
        let more = if finished { evidence_predicted(summary, cell, theory) } else { Vec::new() };
        return close(said, more, summary);
    }
    if spent(summary) {
        across_ways(&mut said, summary);
        let more = if finished { evidence_across_ways(summary) } else { Vec::new() };
        return close(said, more, summary);
    }
    if let Some(matched) = compared(summary, focus.width) {
        across_mitigations(&mut said, matched);
        let more = if finished { evidence_across_mitigations(matched) } else { Vec::new() };
        return close(said, more, summary);
    }
    match (spec.experiment.swept(), telling(summary)) {
        (Swept::Both, Some(left)) => {
            across_both(&mut said, summary, left);
            let more = if finished { evidence_across_both(summary, left) } else { Vec::new() };
            close(said, more, summary)
        }
        (Swept::Widths, _) if summary.comparisons.first().is_some_and(|c| has_ends(&c.equal_steps)) => {
            let comparisons = &summary.comparisons[0];
            across_widths(&mut said, comparisons);
            let more = if finished { evidence_across_widths(comparisons) } else { Vec::new() };
            close(said, more, summary)
        }
        (Swept::Fractions, _) if replayed(summary, focus.width).is_some() => {
            across_replay(&mut said, summary, focus.width);
            let more = if finished { evidence(summary, focus) } else { Vec::new() };
            close(said, more, summary)
        }
        _ => {
            let is_its = |told: &&SequenceSummary| (told.width, told.replay) == (focus.width, focus.replay);
            if let Some(told) = summary.sequences.iter().find(is_its) {
                across_tasks(&mut said, told);
                let more = if finished { evidence_across_tasks(told, spec.world.overwrites) } else { Vec::new() };
                return close(said, more, summary);
            }
            one_run(&mut said, focus);
            let more = if finished { evidence(summary, focus) } else { Vec::new() };
            close(said, more, summary)
        }
    }
}

/// Begins the sentence with a capital, adds which seeds were left out.
fn close(said: Writer, mut more: Vec<Part>, summary: &Summary) -> Sentence {
    let mut headline = said.0;
    if let Some(first) = headline.first_mut() {
        // Our sentences begin with letters of ASCII.
        if let Some(letter) = first.text.get_mut(..1) {
            letter.make_ascii_uppercase();
        }
    }
    if let Some(left_out) = left_out(summary) {
        more.extend(left_out);
    }
    Sentence { headline, more }
}

fn one_run(said: &mut Writer, cell: &CellSummary) {
    let (Some(old_before), Some(old), Some(new_before), Some(new), Some(change)) = (
        cell.ood_loss_before.quartiles,
        cell.ood_loss.quartiles,
        cell.id_loss_before.quartiles,
        cell.id_loss.quartiles,
        cell.forgetting.quartiles,
    ) else {
        said.say("no seed has finished yet.");
        return;
    };
    let undecided = cell.forgetting_interval.is_some_and(|i| i.low <= 0.0 && i.high >= 0.0);
    let opening = match (undecided, change.median > 0.0, new.median < new_before.median) {
        (true, _, _) => "learning the new task left it open whether the old one suffers: ",
        (false, true, true) => "learning the new task cost the network part of the old one: ",
        (false, true, false) => "fine-tuning cost the network part of the old task and did not learn the new one: ",
        (false, false, _) => "fine-tuning did not cost the old task anything: ",
    };
    let went = |from: f64, to: f64| if to > from { "rose" } else { "fell" };
    said.say(opening).say(format!("old-task loss {} from ", went(old_before.median, old.median)));
    said.old(old_before.median).say(" to ").old(old.median);
    let joint =
        if went(new_before.median, new.median) == went(old_before.median, old.median) { "and" } else { "while" };
    said.say(format!(", {joint} new-task loss {} from ", went(new_before.median, new.median)));
    said.new_task(new_before.median).say(" to ").new_task(new.median).say(".");
}

fn interval(interval: Option<Interval>) -> String {
    interval.map_or("no interval".to_owned(), |i| format!("95 % interval {} to {}", signed(i.low), signed(i.high)))
}

fn evidence(summary: &Summary, cell: &CellSummary) -> Vec<Part> {
    let mut said = Writer::default();
    let Some(forgetting) = cell.forgetting.quartiles else { return said.0 };
    said.strong(format!("Forgetting {}", signed(forgetting.median)));
    if summary.cells.len() > 1 {
        said.say(format!(" at width {}, p = {}", cell.width, percent(cell.replay)));
    }
    let n = cell.forgetting.n;
    match cell.forgetting_interval {
        Some(_) => said.say(format!(", {}: median of {n} seeds, bootstrap. ", interval(cell.forgetting_interval))),
        None => {
            said.say(format!(", median of {n} {}: add seeds for an interval. ", if n == 1 { "seed" } else { "seeds" }))
        }
    };
    said.say(if cell.forgot == n { format!("All {n} forgot") } else { format!("{} of {n} forgot", cell.forgot) });
    said.say(if cell.divergences.is_empty() { "; none diverged." } else { "." });
    said.0
}
