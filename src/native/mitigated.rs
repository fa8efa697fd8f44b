//! What `lethe run` tells of mitigations.

use crate::experiments::Mitigated;
use crate::figure::number::{short, signed};
use crate::record::Summary;
use crate::record::summary::{Escape, MitigationSummary, Spread};

/// One table for each width, at the level that the sentence speaks of, what forgets least first.
pub fn tell(summary: &Summary) {
    let mut kinds: Vec<_> = summary.matched.first().map_or(&[][..], |of| &of.mitigations).iter().collect();
    kinds.dedup_by_key(|of| of.mitigation.mitigation.name);
    for kind in kinds.iter().map(|of| of.mitigation.mitigation) {
        say!("{:<12}{} ({})", kind.name, kind.sentence, kind.source);
    }
    let mut widths: Vec<u32> = summary.matched.iter().map(|of| of.width).collect();
    widths.dedup();
    for matched in widths.into_iter().filter_map(|width| summary.telling_level(width)) {
        let level = matched.level.map_or_else(|| "none".to_owned(), short);
        say!("\nforgetting where the new-task loss first reaches {level}, width {}", matched.width);
        say!(
            "{:<18}{:<34}{:<40}{:<12}{:>10}{:>10}{:>8}",
            "",
            "forgetting",
            "less plain",
            "verdict",
            "examples",
            "numbers",
            "work"
        );
        say!("{:<18}{:<34}", "none", show(&matched.plain));
        let mut all: Vec<&MitigationSummary> = matched.mitigations.iter().collect();
        let value = |of: &MitigationSummary| of.less_plain.filter(|_| of.verdict != Escape::Unreached);
        all.sort_by(|a, b| value(a).unwrap_or(f64::INFINITY).total_cmp(&value(b).unwrap_or(f64::INFINITY)));
        for of in all {
            say!("{}", line(&of.mitigation, of));
        }
    }
}

fn line(mitigation: &Mitigated, of: &MitigationSummary) -> String {
    let interval = match of.interval {
        Some(interval) => format!(" ({} to {})", signed(interval.low), signed(interval.high)),
        None => ", no interval".to_owned(),
    };
    let apart = of.less_plain.map_or_else(|| "none".to_owned(), |apart| format!("{}{interval}", signed(apart)));
    let verdict = match of.verdict {
        Escape::Escapes => "escapes",
        Escape::Worse => "worse",
        Escape::Undecided => "undecided",
        Escape::Unreached => "unreached",
    };
    format!(
        "{:<18}{:<34}{apart:<40}{verdict:<12}{:>10}{:>10}{:>8.2}",
        mitigation.to_string(),
        show(&of.forgetting),
        of.stored_examples,
        of.stored_numbers,
        of.step_work
    )
}

fn show(spread: &Spread) -> String {
    let there = |q: crate::stats::Quartiles| format!("{} ({} to {})", short(q.median), short(q.q25), short(q.q75));
    spread.quartiles.map_or_else(|| "none".to_owned(), there)
}
