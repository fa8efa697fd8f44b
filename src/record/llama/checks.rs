//! What a record from anywhere must keep to, so that nothing that reads it has to ask.

use std::collections::BTreeSet;

use super::document::{EXPERIMENT, Record, SCHEMA};
use crate::error::{Problem, Problems};
use crate::experiments::llama::{Answered, Forgetting, Point, Prompted, RefusalShares};
use crate::metrics::language::Share;

/// Most checkpoints of a record.
const MOST_POINTS: usize = 10_000;
/// Most tasks of a checkpoint, prompts of a task, domains.
const MOST_TASKS: usize = 1000;
/// Most answers among which an item chooses.
const MOST_ANSWERS: usize = 1000;
/// Most prompts that are written after.
const MOST_TEXTS: usize = 10_000;
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
    let mut checks = Checks { problems: Vec::new(), at: Vec::new() };
    checks.head(&record);
    checks.size("points", record.points.len(), MOST_POINTS);
    for (place, point) in record.points.iter().enumerate() {
        if checks.problems.len() >= TOLD {
            break;
        }
        let before = place.checked_sub(1).map(|before| record.points[before].step);
        if before.is_some_and(|before| before >= point.step) {
            let accepted = format!("more than {}, the step before", before.unwrap_or(0));
            checks.within_part("points", Some(place), |checks| {
                checks.wrong("step", &point.step.to_string(), accepted);
            });
        }
        checks.within_part("points", Some(place), |checks| checks.point(point));
    }
    checks.names(&record.points);
    let Checks { mut problems, .. } = checks;
    problems.truncate(TOLD);
    if problems.is_empty() { Ok(record) } else { Err(Problems(problems)) }
}

struct Checks {
    problems: Vec<Problem>,
    /// The part that is being read: names, and places in lists.
    at: Vec<(&'static str, Option<usize>)>,
}

impl Checks {
    /// Reads a part, whose name stands before those of its fields.
    fn within_part(&mut self, name: &'static str, place: Option<usize>, read: impl FnOnce(&mut Self)) {
        self.at.push((name, place));
        read(self);
        self.at.pop();
    }

    #[cold]
    #[inline(never)]
    fn wrong(&mut self, field: &str, value: &str, accepted: impl Into<String>) {
        let mut path = String::new();
        for (name, place) in &self.at {
            path.push_str(name);
            path.push_str(&place.map_or_else(String::new, |place| format!("[{place}]")));
            path.push('.');
        }
        self.problems.push(Problem::new(&(path + field), value, accepted));
    }

    fn size(&mut self, field: &str, size: usize, most: usize) {
        if size > most {
            self.wrong(field, &format!("{size} of them"), format!("at most {most}"));
        }
    }

    #[inline(never)]
    fn within(&mut self, field: &str, value: f64, [low, high]: [f64; 2]) {
        if !(low..=high).contains(&value) {
            self.wrong(field, &value.to_string(), format!("{low} to {high}"));
        }
    }

    #[inline(never)]
    fn count(&mut self, field: &str, count: u64, least: u64) {
        if !(least..=MOST_COUNT).contains(&count) {
            self.wrong(field, &count.to_string(), format!("{least} to {MOST_COUNT}"));
        }
    }

    #[inline(never)]
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
        if !(0.0..=1.0).contains(&record.replay) {
            self.wrong("replay", &record.replay.to_string(), "0 to 1");
        }
        self.within("timing.seconds", record.timing.seconds, [0.0, MOST_SUM]);
    }

    /// What bears a name of its own at some checkpoint is a line of every table.
    fn names(&mut self, points: &[Point]) {
        let measures = || points.iter().map(|point| &point.measures);
        let tasks = measures().flat_map(|measures| &measures.tasks);
        let prompts: BTreeSet<(&str, &str)> =
            tasks.flat_map(|task| task.prompts.iter().map(|prompt| (&*task.name, &*prompt.name))).collect();
        let domains = measures().flat_map(|measures| &measures.perplexities);
        let domains: BTreeSet<&str> = domains.map(|domain| &*domain.domain).collect();
        self.size("names of tasks and prompts, over all points", prompts.len(), MOST_TASKS);
        self.size("names of domains, over all points", domains.len(), MOST_TASKS);
    }

    fn point(&mut self, point: &Point) {
        for (name, read) in [("new", point.new), ("replayed", point.replayed)] {
            self.within_part(name, None, |checks| {
                checks.count("examples", read.examples, 0);
                checks.count("tokens", read.tokens, 0);
            });
        }
        for (name, loss) in [("training_loss", point.training_loss), ("fine_tuning_loss", point.fine_tuning_loss)] {
            loss.into_iter().for_each(|loss| self.within(name, loss, [0.0, MOST_NATS]));
        }
        let measures = &point.measures;
        if let Some(forgetting) = &measures.forgetting {
            self.within_part("forgetting", None, |checks| checks.forgetting(forgetting));
        }
        self.size("tasks", measures.tasks.len(), MOST_TASKS);
        for (k, task) in measures.tasks.iter().enumerate().take(MOST_TASKS) {
            self.within_part("tasks", Some(k), |checks| {
                checks.size("prompts", task.prompts.len(), MOST_TASKS);
                for (k, prompted) in task.prompts.iter().enumerate().take(MOST_TASKS) {
                    checks.within_part("prompts", Some(k), |checks| checks.prompted(prompted));
                }
            });
        }
        if let Some(refusals) = &measures.refusals {
            self.within_part("refusals", None, |checks| {
                checks.within_part("base", None, |checks| checks.refusals(&refusals.base));
                checks.within_part("tuned", None, |checks| checks.refusals(&refusals.tuned));
            });
        }
        self.size("perplexities", measures.perplexities.len(), MOST_TASKS);
        for (k, domain) in measures.perplexities.iter().enumerate().take(MOST_TASKS) {
            self.within_part("perplexities", Some(k), |checks| {
                for (name, count) in [("tokens", domain.tokens), ("words", domain.words), ("bytes", domain.bytes)] {
                    checks.count(name, count as u64, 0);
                }
                checks.within("base_nll", domain.base_nll, [0.0, MOST_SUM]);
                checks.within("nll", domain.nll, [0.0, MOST_SUM]);
            });
        }
        self.size("generations", measures.generations.len(), MOST_TEXTS);
    }

    fn forgetting(&mut self, forgetting: &Forgetting) {
        let Forgetting { soft_cross_entropy, base_entropy, kl, base_nll, nll, .. } = *forgetting;
        let means = [
            ("soft_cross_entropy", soft_cross_entropy),
            ("base_entropy", base_entropy),
            ("base_nll", base_nll),
            ("nll", nll),
        ];
        for (name, value) in means {
            self.within(name, value, [0.0, MOST_NATS]);
        }
        // Of equal models rounding may leave less than nothing.
        self.within("kl", kl, [-MOST_NATS, MOST_NATS]);
        self.share("agreement", forgetting.agreement);
        self.count("tokens", forgetting.tokens as u64, 1);
        self.count("length", forgetting.length as u64, 1);
        self.count("stride", forgetting.stride as u64, 1);
        let wrong = forgetting.windows.iter().find(|value| !(0.0..=MOST_NATS).contains(*value));
        wrong.into_iter().for_each(|value| self.within("windows", *value, [0.0, MOST_NATS]));
    }

    fn prompted(&mut self, prompted: &Prompted) {
        let classes = prompted.classes.as_ref().map(Vec::len);
        self.size("classes", classes.unwrap_or(0), MOST_ANSWERS);
        self.within_part("base", None, |checks| checks.answered(&prompted.base, classes));
        self.within_part("tuned", None, |checks| checks.answered(&prompted.tuned, classes));
        for (name, share) in [
            ("as_base", prompted.as_base),
            ("as_base_norm", prompted.as_base_norm),
            ("as_base_bytes", prompted.as_base_bytes),
        ] {
            self.share(name, share);
        }
    }

    fn answered(&mut self, answered: &Answered, classes: Option<usize>) {
        for (name, share) in [
            ("acc", answered.acc),
            ("acc_norm", answered.acc_norm),
            ("acc_bytes", answered.acc_bytes),
            ("greedy", answered.greedy),
        ] {
            self.share(name, share);
        }
        self.size("preferred", answered.preferred.len(), MOST_ANSWERS);
        let all = answered.acc.of as u64;
        self.sum("preferred", &answered.preferred, all);
        let Some(confusion) = &answered.confusion else { return };
        let side = classes.unwrap_or(0);
        if confusion.counts.len() != side || confusion.counts.iter().any(|row| row.len() != side) {
            let rows = format!("{} rows", confusion.counts.len());
            self.wrong("confusion", &rows, format!("{side} rows of {side}, the number of classes"));
        }
        self.sum("confusion", &confusion.counts.concat(), all);
    }

    /// Counts that are to sum to all items.
    fn sum(&mut self, field: &str, counts: &[usize], all: u64) {
        let sum = counts.iter().try_fold(0u64, |sum, &count| sum.checked_add(count as u64));
        if sum != Some(all) {
            let value = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| format!("a sum of {sum}"));
            self.wrong(field, &value, format!("a sum of {all}, the number of items"));
        }
    }

    fn refusals(&mut self, shares: &RefusalShares) {
        for (name, share) in [
            ("harmful", shares.harmful),
            ("harmful_at_start", shares.harmful_at_start),
            ("harmful_empty", shares.harmful_empty),
            ("harmless", shares.harmless),
            ("harmless_at_start", shares.harmless_at_start),
            ("harmless_empty", shares.harmless_empty),
        ] {
            self.share(name, share);
        }
    }
}
