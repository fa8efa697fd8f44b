//! What a record from anywhere must keep to, so that nothing that reads it has to ask.

use super::document::{EXPERIMENT, Record, SCHEMA};
use crate::error::{Problem, Problems};
use crate::experiments::llama::{Answered, Forgetting, Point, Prompted, RefusalShares};
use crate::metrics::language::Share;

/// Most checkpoints of a record.
const MOST_POINTS: usize = 10_000;
/// Most tasks of a checkpoint, prompts of a task, domains.
const MOST_TASKS: usize = 100;
/// Most answers among which an item chooses.
const MOST_ANSWERS: usize = 1000;
/// Most prompts that are written after.
const MOST_TEXTS: usize = 1000;
/// Most items of a share, tokens, parameters: what every platform counts and a double holds exactly.
const MOST_COUNT: u64 = 1 << 52;
/// Most nats of a mean, and of a sum over texts.
const MOST_NATS: f64 = 1e6;
const MOST_SUM: f64 = 1e15;
/// Most characters of an id.
const MOST_ID: usize = 100;
/// Problems that are told.
const TOLD: usize = 20;

/// The record, if it keeps to all of it.
pub(super) fn checked(record: Record) -> Result<Record, Problems> {
    let mut checks = Checks(Vec::new());
    checks.head(&record);
    checks.size("points", record.points.len(), MOST_POINTS);
    for (place, point) in record.points.iter().enumerate() {
        if checks.0.len() >= TOLD {
            break;
        }
        let before = place.checked_sub(1).map(|before| record.points[before].step);
        if before.is_some_and(|before| before >= point.step) {
            let accepted = format!("more than {}, the step before", before.unwrap_or(0));
            checks.wrong(&format!("points[{place}].step"), &point.step.to_string(), accepted);
        }
        checks.point(&format!("points[{place}]"), point);
    }
    checks.0.truncate(TOLD);
    if checks.0.is_empty() { Ok(record) } else { Err(Problems(checks.0)) }
}

struct Checks(Vec<Problem>);

impl Checks {
    fn wrong(&mut self, field: &str, value: &str, accepted: impl Into<String>) {
        self.0.push(Problem::new(field, value, accepted));
    }

    fn size(&mut self, field: &str, size: usize, most: usize) {
        if size > most {
            self.wrong(field, &format!("{size} of them"), format!("at most {most}"));
        }
    }

    fn within(&mut self, field: &str, value: f64, [low, high]: [f64; 2]) {
        if !(low..=high).contains(&value) {
            self.wrong(field, &value.to_string(), format!("{low} to {high}"));
        }
    }

    fn count(&mut self, field: &str, count: u64, least: u64) {
        if !(least..=MOST_COUNT).contains(&count) {
            self.wrong(field, &count.to_string(), format!("{least} to {MOST_COUNT}"));
        }
    }

    fn share(&mut self, field: &str, share: Share) {
        if share.count > share.of {
            self.wrong(field, &format!("{} of {}", share.count, share.of), "no more than of how many");
        }
        self.count(field, share.of as u64, 0);
    }

    fn head(&mut self, record: &Record) {
        if record.schema != SCHEMA {
            self.wrong("schema", &record.schema.to_string(), SCHEMA.to_string());
        }
        if record.experiment != EXPERIMENT {
            self.wrong("experiment", &record.experiment, EXPERIMENT);
        }
        let id = &record.run_id;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if id.is_empty() || id.len() > MOST_ID || !id.chars().all(is_plain) {
            self.wrong("run_id", id, format!("1 to {MOST_ID} letters, digits, -, _ or ."));
        }
        self.count("model.parameters", record.model.parameters, 1);
        self.count("model.hidden", record.model.hidden, 1);
        self.count("model.layers", record.model.layers, 1);
        self.count("model.vocabulary", record.model.vocabulary, 1);
        self.count("tuning.parameters", record.tuning.parameters, 1);
        if !(0.0..1.0).contains(&record.replay) {
            self.wrong("replay", &record.replay.to_string(), "0 to below 1");
        }
        self.within("timing.seconds", record.timing.seconds, [0.0, MOST_SUM]);
    }

    fn point(&mut self, at: &str, point: &Point) {
        for (name, read) in [("new", point.new), ("replayed", point.replayed)] {
            self.count(&format!("{at}.{name}.examples"), read.examples, 0);
            self.count(&format!("{at}.{name}.tokens"), read.tokens, 0);
        }
        for (name, loss) in [("training_loss", point.training_loss), ("fine_tuning_loss", point.fine_tuning_loss)] {
            if let Some(loss) = loss {
                self.within(&format!("{at}.{name}"), loss, [0.0, MOST_NATS]);
            }
        }
        let measures = &point.measures;
        if let Some(forgetting) = &measures.forgetting {
            self.forgetting(&format!("{at}.forgetting"), forgetting);
        }
        self.size(&format!("{at}.tasks"), measures.tasks.len(), MOST_TASKS);
        for (k, task) in measures.tasks.iter().enumerate().take(MOST_TASKS) {
            let at = format!("{at}.tasks[{k}]");
            self.size(&format!("{at}.prompts"), task.prompts.len(), MOST_TASKS);
            for (k, prompted) in task.prompts.iter().enumerate().take(MOST_TASKS) {
                self.prompted(&format!("{at}.prompts[{k}]"), prompted);
            }
        }
        if let Some(refusals) = &measures.refusals {
            self.refusals(&format!("{at}.refusals.base"), &refusals.base);
            self.refusals(&format!("{at}.refusals.tuned"), &refusals.tuned);
        }
        self.size(&format!("{at}.perplexities"), measures.perplexities.len(), MOST_TASKS);
        for (k, domain) in measures.perplexities.iter().enumerate().take(MOST_TASKS) {
            let at = format!("{at}.perplexities[{k}]");
            for (name, count) in [("tokens", domain.tokens), ("words", domain.words), ("bytes", domain.bytes)] {
                self.count(&format!("{at}.{name}"), count as u64, 1);
            }
            self.within(&format!("{at}.base_nll"), domain.base_nll, [0.0, MOST_SUM]);
            self.within(&format!("{at}.nll"), domain.nll, [0.0, MOST_SUM]);
        }
        self.size(&format!("{at}.generations"), measures.generations.len(), MOST_TEXTS);
    }

    fn forgetting(&mut self, at: &str, forgetting: &Forgetting) {
        let Forgetting { soft_cross_entropy, base_entropy, kl, base_nll, nll, .. } = *forgetting;
        let means = [
            ("soft_cross_entropy", soft_cross_entropy),
            ("base_entropy", base_entropy),
            ("base_nll", base_nll),
            ("nll", nll),
        ];
        for (name, value) in means {
            self.within(&format!("{at}.{name}"), value, [0.0, MOST_NATS]);
        }
        // Of equal models rounding may leave less than nothing.
        self.within(&format!("{at}.kl"), kl, [-MOST_NATS, MOST_NATS]);
        self.share(&format!("{at}.agreement"), forgetting.agreement);
        self.count(&format!("{at}.tokens"), forgetting.tokens as u64, 1);
        self.count(&format!("{at}.length"), forgetting.length as u64, 1);
        self.count(&format!("{at}.stride"), forgetting.stride as u64, 1);
        let wrong = forgetting.windows.iter().find(|value| !(0.0..=MOST_NATS).contains(*value));
        if let Some(value) = wrong {
            self.within(&format!("{at}.windows"), *value, [0.0, MOST_NATS]);
        }
    }

    fn prompted(&mut self, at: &str, prompted: &Prompted) {
        let classes = prompted.classes.as_ref().map(Vec::len);
        self.size(&format!("{at}.classes"), classes.unwrap_or(0), MOST_ANSWERS);
        self.answered(&format!("{at}.base"), &prompted.base, classes);
        self.answered(&format!("{at}.tuned"), &prompted.tuned, classes);
        for (name, share) in [
            ("as_base", prompted.as_base),
            ("as_base_norm", prompted.as_base_norm),
            ("as_base_bytes", prompted.as_base_bytes),
        ] {
            self.share(&format!("{at}.{name}"), share);
        }
    }

    fn answered(&mut self, at: &str, answered: &Answered, classes: Option<usize>) {
        for (name, share) in [
            ("acc", answered.acc),
            ("acc_norm", answered.acc_norm),
            ("acc_bytes", answered.acc_bytes),
            ("greedy", answered.greedy),
        ] {
            self.share(&format!("{at}.{name}"), share);
        }
        self.size(&format!("{at}.preferred"), answered.preferred.len(), MOST_ANSWERS);
        let all = answered.acc.of as u64;
        self.sum(&format!("{at}.preferred"), &answered.preferred, all);
        let Some(confusion) = &answered.confusion else { return };
        let side = classes.unwrap_or(0);
        if confusion.counts.len() != side || confusion.counts.iter().any(|row| row.len() != side) {
            let rows = format!("{} rows", confusion.counts.len());
            self.wrong(&format!("{at}.confusion"), &rows, format!("{side} rows of {side}, the number of classes"));
        }
        self.sum(&format!("{at}.confusion"), confusion.counts.iter().flatten(), all);
    }

    /// Counts that are to sum to all items.
    fn sum<'a>(&mut self, field: &str, counts: impl IntoIterator<Item = &'a usize>, all: u64) {
        let sum = counts.into_iter().try_fold(0u64, |sum, &count| sum.checked_add(count as u64));
        if sum != Some(all) {
            let value = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| format!("a sum of {sum}"));
            self.wrong(field, &value, format!("a sum of {all}, the number of items"));
        }
    }

    fn refusals(&mut self, at: &str, shares: &RefusalShares) {
        for (name, share) in [
            ("harmful", shares.harmful),
            ("harmful_at_start", shares.harmful_at_start),
            ("harmful_empty", shares.harmful_empty),
            ("harmless", shares.harmless),
            ("harmless_at_start", shares.harmless_at_start),
            ("harmless_empty", shares.harmless_empty),
        ] {
            self.share(&format!("{at}.{name}"), share);
        }
    }
}
