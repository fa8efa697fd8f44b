//! A report that stands alone: one HTML file with everything in it, for someone who was not there.

use core::fmt::Write as _;

use super::page::{END, begun, drawn, escaped, flatten, list, rows};
use super::{figures, plain, report, written};
use crate::figure::number::{count, significant};
use crate::record::llama::{Estimate, Record, kept_windows, measured};
use crate::report::{Compared, Word};

/// The report. Nothing of what a record says becomes markup.
///
/// # Errors
/// In words, a figure that could not be drawn.
pub fn html(record: &Record) -> Result<String, String> {
    let said = report(record);
    let mut page = begun(&format!("Fine-tuning of {}", plain(&record.model.name)));
    let _ = writeln!(page, "<p class=\"said\">{}</p>\n<p>{}</p>", escaped(&said.headline), escaped(&said.more));
    list(&mut page, "warnings", said.warnings.iter().map(String::as_str));
    list(&mut page, "statements", said.statements.iter().map(|statement| statement.text.as_str()));
    page.push_str("<h2>Figures</h2>\n");
    for figure in figures(record, "") {
        drawn(&mut page, &figure, &record.run_id)?;
    }
    last_measures(&mut page, record);
    texts(&mut page, record);
    settings(&mut page, record);
    page.push_str(END);
    Ok(page)
}

fn last_measures(page: &mut String, record: &Record) {
    let Some(point) = record.points.last() else { return };
    let shown = |estimate: Estimate| {
        let interval = estimate.interval.map(|ends| ends.map(|end| significant(end, 3)));
        let interval = interval.map(|[low, high]| format!(" ({low} to {high})"));
        format!("{}{}", significant(estimate.value, 4), interval.unwrap_or_default())
    };
    let row = |found: crate::record::llama::Measured| {
        let base = found.base.map_or_else(String::new, shown);
        vec![found.measure.name().to_owned(), plain(&found.of), base, shown(found.tuned)]
    };
    let _ = writeln!(page, "<h2>Everything measured after step {}</h2>", point.step);
    page.push_str("<p>In brackets: 95 %. Shares are from 0 to 1, losses in nats a token.</p>\n");
    let all = measured(point, kept_windows(&record.points));
    rows(page, &["measure", "of", "base", "tuned"], all.into_iter().map(row));
}

fn texts(page: &mut String, record: &Record) {
    let Some(point) = record.points.iter().rev().find(|point| !point.measures.generations.is_empty()) else { return };
    let _ = writeln!(page, "<h2>Texts side by side, after step {}</h2>", point.step);
    page.push_str("<p>What base and tuned model write to the same prompts. What differs is underlined.</p>\n");
    for Compared { kind, prompt, base, tuned } in written(point) {
        let _ =
            writeln!(page, "<article><h3>{}</h3>\n<p class=\"text\">{}</p>\n<dl>", escaped(&kind), escaped(&prompt));
        for (name, words) in [("base", base), ("tuned", tuned)] {
            let _ = writeln!(page, "<dt>{name}</dt><dd class=\"text {name}\">{}</dd>", marked(&words));
        }
        page.push_str("</dl></article>\n");
    }
}

fn marked(words: &[Word]) -> String {
    if words.is_empty() {
        return "(nothing)".to_owned();
    }
    let one = |Word { before, word, differs }: &Word| match differs {
        true => format!("{before}<mark>{}</mark>", escaped(word)),
        false => format!("{before}{}", escaped(word)),
    };
    words.iter().map(one).collect()
}

fn settings(page: &mut String, record: &Record) {
    let Record { model, tuning, timing, .. } = record;
    page.push_str("<h2>The run</h2>\n");
    let minutes = timing.seconds / 60.0;
    let facts = [
        ("run", record.run_id.clone()),
        ("model", plain(&model.name)),
        ("its parameters", count(model.parameters as usize)),
        (
            "its shape",
            format!("{} layers of {}, {} tokens", model.layers, model.hidden, count(model.vocabulary as usize)),
        ),
        ("its precision", plain(&model.precision)),
        ("tuning", plain(&tuning.label())),
        ("parameters trained", count(tuning.parameters as usize)),
        ("replay", record.replay.to_string()),
        ("device", plain(&record.device)),
        ("time", format!("{} min, {} at work", significant(minutes, 3), timing.workers)),
        ("build", plain(&record.build)),
        ("losses", record.units.losses.clone()),
        ("steps", record.units.steps.clone()),
        ("shares", record.units.shares.clone()),
    ];
    let facts = facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
    rows(page, &["what", "value"], facts);
    page.push_str("<h2>Its settings</h2>\n");
    let mut flat = Vec::new();
    record.settings.iter().for_each(|(key, value)| flatten(key, value, &mut flat));
    rows(page, &["setting", "value"], flat.into_iter());
}
