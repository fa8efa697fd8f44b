//! What a run over widths and replay fractions says.

use super::interval;
use super::parts::{Part, Writer};
use crate::figure::number::{percent, signed, significant};
use crate::record::Summary;
use crate::record::summary::LeftByReplay;
use crate::stats::{Verdict, sorted_by_key};

/// The fraction whose effect depends on width the most, where two widths are known.
pub(super) fn telling(summary: &Summary) -> Option<&LeftByReplay> {
    let steepness = |left: &LeftByReplay| left.slope.per_doubling.map(f64::abs);
    let known = summary.left_by_replay.iter().filter(|left| ends(left).is_some());
    known.max_by(|a, b| steepness(a).unwrap_or(0.0).total_cmp(&steepness(b).unwrap_or(0.0)))
}

/// The narrowest and the widest network with a share, and their median shares.
fn ends(left: &LeftByReplay) -> Option<[(u32, f64); 2]> {
    let known = left.points.iter().filter_map(|point| Some((point.width, point.share?.median))).collect();
    let known: Vec<(u32, f64)> = sorted_by_key(known, |&(width, _)| f64::from(width));
    (known.len() > 1).then(|| [known[0], known[known.len() - 1]])
}

/// The headline.
pub(super) fn across_both(said: &mut Writer, summary: &Summary, left: &LeftByReplay) {
    let Some([(narrow, first), (wide, last)]) = ends(left) else { return };
    said.say(match left.slope.verdict {
        Verdict::Falls => "replay does more the wider the network: giving ",
        Verdict::Rises => "replay does less the wider the network: giving ",
        Verdict::Undecided => "it is undecided whether replay does more in wider networks: giving ",
    });
    said.strong(percent(left.replay)).say(" of the weight to old data leaves ").strong(percent(first));
    said.say(format!(" of the forgetting at width {narrow} and ")).strong(percent(last));
    said.say(format!(" at width {wide}."));
    let runs = runs(summary);
    if let [_, _, ..] = runs[..] {
        said.say(" At equal steps, forgetting ");
        for (k, (verdict, from, to)) in runs.iter().enumerate() {
            // "with width" is said once.
            let (link, width) = match k {
                0 => ("", " with width"),
                k if k + 1 == runs.len() => (" and ", ""),
                _ => (", ", ""),
            };
            said.say(format!("{link}{}{width}{}", how(*verdict), span(*from, *to)));
        }
        said.say(".");
    } else if let [(verdict, ..)] = runs[..] {
        said.say(format!(" At equal steps, forgetting {} with width at every replay fraction.", how(verdict)));
    }
}

fn how(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Rises => "rises",
        Verdict::Falls => "falls",
        Verdict::Undecided => "is undecided",
    }
}

fn span(from: f64, to: f64) -> String {
    match (from, to) {
        (0.0, 0.0) => " without replay".to_owned(),
        (from, to) if from == to => format!(" at p = {}", percent(from)),
        (0.0, to) => format!(" up to p = {}", percent(to)),
        (from, to) => format!(" from p = {} to {}", percent(from), percent(to)),
    }
}

/// Runs of neighbouring fractions at which forgetting does the same with width at equal steps.
fn runs(summary: &Summary) -> Vec<(Verdict, f64, f64)> {
    let known: Vec<_> = summary.comparisons.iter().map(|c| (c.replay, c.equal_steps.slope.verdict)).collect();
    let mut runs: Vec<(Verdict, f64, f64)> = Vec::new();
    for (replay, verdict) in sorted_by_key(known, |&(replay, _)| replay) {
        match runs.last_mut() {
            Some((before, _, to)) if *before == verdict => *to = replay,
            _ => runs.push((verdict, replay, replay)),
        }
    }
    runs
}

/// A share per doubling in percentage points, three digits of it: its interval is narrow.
fn points(share: f64) -> String {
    let size = significant((100.0 * share).abs(), 3);
    if share < 0.0 { format!("−{size}") } else { format!("+{size}") }
}

/// The slopes behind it.
pub(super) fn evidence_across_both(summary: &Summary, left: &LeftByReplay) -> Vec<Part> {
    let mut said = Writer::default();
    let slope = &left.slope;
    let all = summary.left_by_replay.len();
    let alike = summary.left_by_replay.iter().filter(|other| other.slope.verdict == slope.verdict).count();
    said.strong(format!("The share left {}", slope.verdict.word()));
    if let Some(per_doubling) = slope.per_doubling {
        said.say(format!(
            ": {} percentage points per doubling of the width at p = {}, {}",
            points(per_doubling),
            percent(left.replay),
            slope.interval.map_or("no interval".to_owned(), |i| {
                format!("95 % interval {} to {}", points(i.low), points(i.high))
            })
        ));
    }
    said.say(format!("; the same at {alike} of {all} fractions"));
    for comparisons in summary.comparisons.iter().filter(|c| c.replay == 0.0 || c.replay == left.replay) {
        let slope = &comparisons.equal_steps.slope;
        let Some(per_doubling) = slope.per_doubling else { continue };
        let at = if comparisons.replay == 0.0 {
            "without replay".to_owned()
        } else {
            format!("at p = {}", percent(comparisons.replay))
        };
        let (change, interval) = (signed(per_doubling), interval(slope.interval));
        said.say("; ").strong(format!("forgetting {at} {}", slope.verdict.word()));
        said.say(format!(": {change} per doubling, {interval}"));
    }
    said.say(format!("; median of the slopes of {} seeds, bootstrap.", slope.seeds));
    said.0
}
