//! Pieces of a page that stands alone: one HTML file without a script or anything from elsewhere.

use core::fmt::Write as _;

use serde_json::Value;

use crate::figure::svg;
use crate::figure::{Figure, Table, Theme, to_svg};
use crate::report::views::paper;

/// Looks.
const STYLE: &str = include_str!("report.css");

/// A page up to its first heading; nothing of a title becomes markup.
pub fn begun(title: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )
}

/// What ends a page.
pub const END: &str = "</main>\n</body>\n</html>\n";

/// Sentences; no list where there are none.
pub fn list<'a>(page: &mut String, class: &str, items: impl ExactSizeIterator<Item = &'a str>) {
    if items.len() == 0 {
        return;
    }
    let _ = writeln!(page, "<ul class=\"{class}\">");
    items.for_each(|item| {
        let _ = writeln!(page, "<li>{}</li>", escaped(item));
    });
    page.push_str("</ul>\n");
}

/// A figure with its numbers. `link` is told in the picture.
///
/// # Errors
/// In words, what could not be drawn.
pub fn drawn(page: &mut String, figure: &Figure, link: &str) -> Result<(), String> {
    let svg = to_svg(figure, &paper(), &Theme::LIGHT, link)
        .map_err(|why| format!("{} could not be drawn: {why}", figure.id))?;
    let about = [core::slice::from_ref(&figure.summary), &figure.notes].concat().join(" ");
    let _ = writeln!(page, "<figure>\n{svg}<figcaption>{}</figcaption>", escaped(&about));
    page.push_str("<details><summary>Its numbers</summary>\n");
    table(page, &figure.table);
    page.push_str("</details>\n</figure>\n");
    Ok(())
}

/// A table of numbers.
pub fn table(page: &mut String, table: &Table) {
    let heads: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
    rows(page, &heads, table.shown());
}

/// A table of words.
pub fn rows(page: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
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

/// A text as the content of an element; control characters but line feeds become spaces.
pub fn escaped(text: &str) -> String {
    svg::escaped(&text.replace(|c: char| c.is_control() && c != '\n', " "))
}

/// Settings of tables within tables, by their whole names.
pub fn flatten(key: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(inner) => inner.iter().for_each(|(name, value)| flatten(&format!("{key}.{name}"), value, rows)),
        Value::String(text) => rows.push(vec![key.to_owned(), text.clone()]),
        other => rows.push(vec![key.to_owned(), other.to_string()]),
    }
}
