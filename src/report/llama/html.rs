//! A report that stands alone: one HTML file with everything in it, for someone who was not there.

use core::fmt::Write as _;

use serde_json::Value;

use super::{figures, plain, report, written};
use crate::figure::number::{count, significant};
use crate::figure::svg;
use crate::figure::{Figure, Table, Theme, to_svg};
use crate::record::llama::{Estimate, Record, kept_windows, measured};
use crate::report::views::paper;
use crate::report::{Compared, Word};

/// Looks, without a script and without anything from elsewhere.
const STYLE: &str = include_str!("report.css");

/// The report. Nothing of what a record says becomes markup.
///
/// # Errors
/// In words, a figure that could not be drawn.
pub fn html(record: &Record) -> Result<String, String> {
    let said = report(record);
    let title = format!("Fine-tuning of {}", escaped(&plain(&record.model.name)));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p class=\"said\">{}</p>\n<p>{}</p>\n",
        escaped(&said.headline),
        escaped(&said.more),
    );
    list(&mut page, "warnings", said.warnings.iter().map(String::as_str));
    list(&mut page, "statements", said.statements.iter().map(|statement| statement.text.as_str()));
    page.push_str("<h2>Figures</h2>\n");
    for figure in figures(record, "") {
        drawn(&mut page, &figure, &record.run_id)?;
    }
    last_measures(&mut page, record);
    texts(&mut page, record);
    settings(&mut page, record);
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(page)
}

fn list<'a>(page: &mut String, class: &str, items: impl ExactSizeIterator<Item = &'a str>) {
    if items.len() == 0 {
        return;
    }
    let _ = writeln!(page, "<ul class=\"{class}\">");
    items.for_each(|item| {
        let _ = writeln!(page, "<li>{}</li>", escaped(item));
    });
    page.push_str("</ul>\n");
}

fn drawn(page: &mut String, figure: &Figure, link: &str) -> Result<(), String> {
    let svg = to_svg(figure, &paper(), &Theme::LIGHT, link)
        .map_err(|why| format!("{} could not be drawn: {why}", figure.id))?;
    let about = [core::slice::from_ref(&figure.summary), &figure.notes].concat().join(" ");
    let _ = writeln!(page, "<figure>\n{svg}<figcaption>{}</figcaption>", escaped(&about));
    page.push_str("<details><summary>Its numbers</summary>\n");
    table(page, &figure.table);
    page.push_str("</details>\n</figure>\n");
    Ok(())
}

fn table(page: &mut String, table: &Table) {
    let heads: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
    rows(page, &heads, table.shown());
}

fn rows(page: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    heads.iter().for_each(|head| {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(head));
    });
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        let _ = writeln!(page, "<tr>{cells}</tr>");
    }
    page.push_str("</tbody></table></div>\n");
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

/// A text as the content of an element; control characters but line feeds become spaces.
fn escaped(text: &str) -> String {
    svg::escaped(&text.replace(|c: char| c.is_control() && c != '\n', " "))
}

/// Settings of tables within tables, by their whole names.
fn flatten(key: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(inner) => inner.iter().for_each(|(name, value)| flatten(&format!("{key}.{name}"), value, rows)),
        Value::String(text) => rows.push(vec![key.to_owned(), text.clone()]),
        other => rows.push(vec![key.to_owned(), other.to_string()]),
    }
}
