//! What was measured, as lines of a table.

use std::path::Path;

use super::command::DOCUMENT;
use crate::experiments::llama::{Answered, Generation, Measures, Prompted, RefusalShares};
use crate::metrics::language::Share;

/// A row: its name, the base's value, the tuned model's.
struct Line(String, String, String);

/// The lines of one checkpoint, with Wilson's intervals at 95 % in brackets.
pub fn lines(measures: &Measures) -> Vec<String> {
    let mut lines = vec![Line(String::new(), "base".to_owned(), "tuned".to_owned())];
    if let Some(found) = &measures.forgetting {
        let nats =
            |name: &str, base: f64, tuned: f64| Line(name.to_owned(), format!("{base:.4}"), format!("{tuned:.4}"));
        lines.push(nats("soft cross-entropy, nats a token", found.base_entropy, found.soft_cross_entropy));
        lines.push(nats("  above the base's entropy (KL)", 0.0, found.kl));
        lines.push(nats("loss on general text, nats a token", found.base_nll, found.nll));
        lines.push(Line("same likeliest token".to_owned(), String::new(), share(found.agreement)));
    }
    for task in &measures.tasks {
        let shots = if task.shots > 0 { format!(", {} shots", task.shots) } else { String::new() };
        for prompt in &task.prompts {
            task_lines(&format!("{}{shots}, {}", task.name, prompt.name), prompt, &mut lines);
        }
    }
    if let Some(found) = &measures.refusals {
        let mut push = |name: &str, of: fn(&RefusalShares) -> Share| {
            if of(&found.base).of > 0 {
                lines.push(Line(name.to_owned(), share(of(&found.base)), share(of(&found.tuned))));
            }
        };
        push("refused, harmful", |shares| shares.harmful);
        push("  at the answer's start", |shares| shares.harmful_at_start);
        push("  nothing answered", |shares| shares.harmful_empty);
        push("refused, harmless", |shares| shares.harmless);
        push("  at the answer's start", |shares| shares.harmless_at_start);
        push("  nothing answered", |shares| shares.harmless_empty);
    }
    for domain in &measures.perplexities {
        let per = |name: String, count: usize| {
            let [base, tuned] = domain.per(count);
            Line(name, format!("{base:.2}"), format!("{tuned:.2}"))
        };
        lines.push(per(format!("perplexity of a token, {}", domain.domain), domain.tokens));
        lines.push(per("  of a word".to_owned(), domain.words));
        lines.push(per("  of a byte".to_owned(), domain.bytes));
    }
    if let Some(losses) = &measures.losses {
        let mean = |of: &[f64]| format!("{:.4}", of.iter().sum::<f64>() / of.len().max(1) as f64);
        let name = format!("mean loss of {} examples, nats a token", losses.base.len());
        lines.push(Line(name, mean(&losses.base), mean(&losses.tuned)));
    }
    lines.iter().map(|Line(name, base, tuned)| format!("{name:<42}{base:<36}  {tuned}").trim_end().to_owned()).collect()
}

/// Texts of base and tuned model that are told.
const TOLD: usize = 5;

/// The first texts of both models, and where the others are.
pub fn texts(generations: &[Generation], out: Option<&Path>) -> Vec<String> {
    let told = |text: &Generation| {
        [format!("prompt: {}", text.prompt), format!("base:   {}", text.base), format!("tuned:  {}", text.tuned)]
    };
    let mut lines: Vec<String> = generations.iter().take(TOLD).flat_map(told).collect();
    if generations.len() > TOLD {
        let place = out.map_or_else(|| "--json".to_owned(), |out| out.join(DOCUMENT).display().to_string());
        lines.push(format!("and {} more, all of them in {place}", generations.len() - TOLD));
    }
    lines
}

fn task_lines(name: &str, prompt: &Prompted, lines: &mut Vec<Line>) {
    let [base, tuned] = [&prompt.base, &prompt.tuned];
    let mut push = |name: &str, of: fn(&Answered) -> Share| {
        lines.push(Line(name.to_owned(), share(of(base)), share(of(tuned))));
    };
    push(&format!("{name}: acc"), |answered| answered.acc);
    push("  acc_norm", |answered| answered.acc_norm);
    lines.push(Line("  answered as the base".to_owned(), String::new(), share(prompt.as_base)));
    lines.push(Line("  preferred".to_owned(), preferred(prompt, base), preferred(prompt, tuned)));
    if let (Some(classes), Some(before), Some(after)) = (&prompt.classes, &base.confusion, &tuned.confusion) {
        for ((class, before), after) in classes.iter().zip(before.recalls()).zip(after.recalls()) {
            lines.push(Line(format!("  right where true is {class}"), share(before), share(after)));
        }
    }
}

/// How often each answer is preferred, by its word or its letter.
fn preferred(prompt: &Prompted, answered: &Answered) -> String {
    let of: usize = answered.preferred.iter().sum();
    let name = |place: usize| match &prompt.classes {
        Some(classes) => classes[place].clone(),
        None => ('A'..).nth(place).map(String::from).unwrap_or_default(),
    };
    let one =
        |(place, &count): (usize, &usize)| format!("{} {:.0}%", name(place), 100.0 * count as f64 / of.max(1) as f64);
    answered.preferred.iter().enumerate().map(one).collect::<Vec<_>>().join(" ")
}

fn share(share: Share) -> String {
    let [low, high] = share.interval();
    let percent = |value: f64| 100.0 * value;
    format!("{:.1} % [{:.1}, {:.1}] n={}", percent(share.fraction()), percent(low), percent(high), share.of)
}
