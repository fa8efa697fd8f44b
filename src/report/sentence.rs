//! The generated sentence above the figures: what happened, with numbers and interval.

use serde::{Deserialize, Serialize};

use crate::experiments::{CheckedSpec, Swept};
use crate::figure::number::{percent, short, signed};
use crate::record::Summary;
use crate::record::summary::{BranchComparisons, CellSummary, Comparison};
use crate::stats::sorted_by_key;
use crate::stats::{Interval, Verdict};

/// What a piece of a sentence is about; the page colours it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Plain,
    /// A number of the old task.
    Old,
    /// A number of the new task.
    New,
    Strong,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub text: String,
    pub role: Role,
}

/// The headline and the smaller line under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    pub headline: Vec<Part>,
    pub more: Vec<Part>,
}

impl Sentence {
    /// The headline as plain text.
    pub fn text(&self) -> String {
        self.headline.iter().map(|part| part.text.as_str()).collect()
    }

    /// The smaller line as plain text.
    pub fn more_text(&self) -> String {
        self.more.iter().map(|part| part.text.as_str()).collect()
    }
}

/// Pieces being put together.
#[derive(Default)]
struct Writer(Vec<Part>);

impl Writer {
    fn put(&mut self, role: Role, text: impl Into<String>) -> &mut Self {
        self.0.push(Part { text: text.into(), role });
        self
    }

    fn say(&mut self, text: impl Into<String>) -> &mut Self {
        self.put(Role::Plain, text)
    }

    fn old(&mut self, value: f64) -> &mut Self {
        self.put(Role::Old, short(value))
    }

    fn new_task(&mut self, value: f64) -> &mut Self {
        self.put(Role::New, short(value))
    }

    fn strong(&mut self, text: impl Into<String>) -> &mut Self {
        self.put(Role::Strong, text)
    }
}

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
    match spec.experiment.swept() {
        Swept::Widths if summary.comparisons.first().is_some_and(|c| has_ends(&c.equal_steps)) => {
            let comparisons = &summary.comparisons[0];
            across_widths(&mut said, comparisons);
            let more = if finished { evidence_across_widths(comparisons) } else { Vec::new() };
            close(said, more, summary)
        }
        Swept::Fractions if replayed(summary, focus.width).is_some() => {
            across_replay(&mut said, summary, focus.width);
            let more = if finished { evidence(summary, focus) } else { Vec::new() };
            close(said, more, summary)
        }
        _ => {
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

fn has_ends(comparison: &Comparison) -> bool {
    let known = comparison.points.iter().filter(|point| point.forgetting.is_some()).count();
    known >= 2
}

fn across_widths(said: &mut Writer, comparisons: &BranchComparisons) {
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

fn interval(interval: Option<Interval>) -> String {
    interval.map_or("no interval".to_owned(), |i| format!("95 % interval {} to {}", signed(i.low), signed(i.high)))
}

fn evidence_across_widths(comparisons: &BranchComparisons) -> Vec<Part> {
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

/// The cells of a width without replay and with, by rising fraction, where their medians are known.
fn replayed(summary: &Summary, width: u32) -> Option<(f64, Vec<(f64, f64)>)> {
    let median = |cell: &CellSummary| Some((cell.replay, cell.forgetting.quartiles?.median));
    let known = summary.cells.iter().filter(|cell| cell.width == width).filter_map(median).collect();
    let mut known: Vec<(f64, f64)> = sorted_by_key(known, |&(replay, _)| replay);
    let &(least, without) = known.first()?;
    (least == 0.0 && known.len() > 1).then(|| (without, known.split_off(1)))
}

/// Share of the forgetting that a replay fraction must remove to be called enough.
const ENOUGH: f64 = 0.9;

fn across_replay(said: &mut Writer, summary: &Summary, width: u32) {
    let Some((without, with)) = replayed(summary, width) else { return };
    if without <= 0.0 {
        said.say("without replay nothing is forgotten here: the old task's loss changes by ").old(without).say(".");
        return;
    }
    let removed = |forgetting: f64| 1.0 - forgetting / without;
    let enough = with.iter().find(|&&(_, forgetting)| removed(forgetting) >= ENOUGH);
    let best = with.iter().max_by(|a, b| removed(a.1).total_cmp(&removed(b.1)));
    match (enough, best) {
        (Some(&(p, forgetting)), _) => {
            said.say("giving ").strong(percent(p)).say(" of the weight to old data removes ");
            said.strong(percent(removed(forgetting).min(1.0))).say(" of the forgetting: ");
            said.old(without).say(" without replay, ").old(forgetting).say(" with it.");
        }
        (None, Some(&(p, forgetting))) => {
            said.say("no replay fraction tried removes nine tenths of the forgetting; ").strong(percent(p));
            said.say(" does most: ").old(without).say(" without replay, ").old(forgetting).say(" with it.");
        }
        (None, None) => {}
    }
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

/// The worst cell's divergences in words.
fn left_out(summary: &Summary) -> Option<Vec<Part>> {
    let worst = summary.cells.iter().max_by_key(|cell| cell.divergences.len())?;
    let diverged = worst.divergences.len();
    if diverged == 0 {
        return None;
    }
    let mut said = Writer::default();
    let seeds: Vec<String> = worst.divergences.iter().take(8).map(|(seed, ..)| seed.to_string()).collect();
    let ellipsis = if diverged > seeds.len() { ", …" } else { "" };
    let place = if summary.cells.len() > 1 {
        format!(" at width {}, p = {}", worst.width, short(worst.replay))
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

fn blown_up(summary: &Summary, focus: &CellSummary) -> Sentence {
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
