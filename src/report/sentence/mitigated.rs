//! What a run over mitigations says: does anything escape the front that early stopping traces?

use super::interval;
use super::parts::{Part, Writer};
use crate::figure::number::{seeds, short, signed};
use crate::record::Summary;
use crate::record::summary::{Escape, MatchedSummary, MitigationSummary};

/// The comparison to speak of, where there is one.
pub(super) fn compared(summary: &Summary, width: u32) -> Option<&MatchedSummary> {
    summary.telling_level(width).filter(|matched| !matched.mitigations.is_empty())
}

fn by(matched: &MatchedSummary, verdict: Escape) -> Vec<&MitigationSummary> {
    matched.mitigations.iter().filter(|of| of.verdict == verdict).collect()
}

/// The headline.
pub(super) fn across_mitigations(said: &mut Writer, matched: &MatchedSummary) {
    let escaped = by(matched, Escape::Escapes);
    said.say("at a new-task loss of ")
        .strong(short(matched.level.unwrap_or_default()))
        .say(", where plain fine-tuning ");
    said.say("forgets ").old(matched.plain.quartiles.map_or(f64::NAN, |q| q.median)).say(", ");
    let best = escaped.iter().min_by(|a, b| a.less_plain.unwrap_or(0.0).total_cmp(&b.less_plain.unwrap_or(0.0)));
    match best {
        Some(best) => {
            said.strong(format!("{} of {}", escaped.len(), matched.mitigations.len()));
            let escape = if escaped.len() == 1 { "escapes" } else { "escape" };
            said.say(format!(" mitigations {escape} the front of early stopping; most does "));
            said.strong(best.mitigation.mitigation.title).say(format!(" ({})", best.mitigation));
            if let Some(forgetting) = best.forgetting.quartiles {
                said.say(", with ").old(forgetting.median);
            }
            said.say(".");
        }
        None if matched.mitigations.iter().any(|of| of.verdict != Escape::Unreached && of.interval.is_none()) => {
            said.say("it takes more seeds to tell whether a mitigation escapes the front of early stopping.");
        }
        None => {
            said.say("no mitigation escapes the front of early stopping.");
        }
    }
}

/// Each mitigation's difference, verdict by verdict.
pub(super) fn evidence_across_mitigations(matched: &MatchedSummary) -> Vec<Part> {
    let mut said = Writer::default();
    let words = [
        (Escape::Escapes, "Less than plain fine-tuning at the same new-task loss"),
        (Escape::Undecided, "Undecided"),
        (Escape::Worse, "More"),
        (Escape::Unreached, "Does not get to that loss"),
    ];
    for (verdict, words) in words {
        let of = by(matched, verdict);
        if of.is_empty() {
            continue;
        }
        said.strong(words);
        let mut link = ": ";
        for each in of {
            said.say(link).say(each.mitigation.to_string());
            if let (Some(apart), true) = (each.less_plain, verdict != Escape::Unreached) {
                said.say(" ").say(signed(apart)).say(" (").say(interval(each.interval)).say(")");
            }
            link = ", ";
        }
        said.say(". ");
    }
    said.say("Medians over ").say(seeds(matched.plain.n)).say(" of differences on the same seed, bootstrap.");
    said.0
}
