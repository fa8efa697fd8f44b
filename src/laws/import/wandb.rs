//! A chart downloaded from W&B as CSV.

use super::history::History;
use super::table::{Rows, missing, text};
use super::{FIELDS, Field, Imported, MOST_ROWS, Options, too_many};
use crate::error::{Problem, Problems};

/// Reads a chart: one column of steps, then for every run and metric a column "run - metric", and beside it its
/// smallest and largest value in the window (`__MIN`, `__MAX`), which are passed over.
///
/// # Errors
/// No column of steps, a required field without a metric, or too many rows.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Imported, Problems> {
    let mut rows = Rows::of(bytes)?;
    let header = rows.header.clone();
    let parted = parted(&header);
    let metrics = metrics(&parted);
    let plain: Vec<&str> = header.iter().map(|name| if name.contains(" - ") { "" } else { name.as_str() }).collect();
    let mut problems = Vec::new();
    let mut told = |found: Result<Option<usize>, Problem>| {
        found.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        })
    };
    let lower: Vec<String> = plain.iter().map(|name| name.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let named = options.columns.iter().any(|(field, _)| *field == Field::Steps);
    let steps = told(Field::Steps.column(if named { &plain } else { &lower }, options));
    let metric_of = FIELDS.map(|field| match field {
        Field::Steps | Field::Run => None,
        _ => told(field.column(&metrics, options)).map(|index| metrics[index]),
    });
    for field in FIELDS.into_iter().filter(|field| field.is_required()) {
        let constant = options.constants.iter().any(|constant| constant.field == field);
        let there = if field == Field::Steps { steps.is_some() } else { metric_of[field as usize].is_some() };
        let said = problems.iter().any(|problem| problem.field.ends_with(field.name()));
        if !there && !constant && !said {
            problems.push(missing(field, if field == Field::Steps { &plain } else { &metrics }));
        }
    }
    let Some(steps) = steps.filter(|_| problems.is_empty()) else { return Err(Problems(problems)) };
    let wanted: Vec<(usize, &str, Field)> = parted
        .iter()
        .enumerate()
        .filter_map(|(column, parted)| {
            let (run, metric) = (*parted)?;
            let field = FIELDS.into_iter().find(|field| metric_of[*field as usize] == Some(metric))?;
            Some((column, run, field))
        })
        .collect();
    let mut history = History::default();
    while let Some((line, record)) = rows.next() {
        let step = text(record.get(steps).unwrap_or_default());
        for (column, run, field) in &wanted {
            let cell = text(record.get(*column).unwrap_or_default());
            if !cell.trim().is_empty() {
                history.tell(|| format!("line {line}, run {run}"), run, step.trim(), *field, cell.into_owned());
            }
        }
        if history.len() > MOST_ROWS {
            return Err(too_many("rows", MOST_ROWS));
        }
    }
    Ok(history.observations(options))
}

/// The run and the metric of every column that has them.
fn parted<'a>(header: &'a [String]) -> Vec<Option<(&'a str, &'a str)>> {
    let of = |name: &'a str| {
        name.rsplit_once(" - ").filter(|(_, metric)| !metric.ends_with("__MIN") && !metric.ends_with("__MAX"))
    };
    header.iter().map(|name| of(name)).collect()
}

/// The different metrics, in the order in which they first come.
fn metrics<'a>(parted: &[Option<(&'a str, &'a str)>]) -> Vec<&'a str> {
    let mut metrics: Vec<&str> = Vec::new();
    for (_, metric) in parted.iter().flatten() {
        if !metrics.contains(metric) {
            metrics.push(metric);
        }
    }
    metrics
}

/// What a chart's metrics are called, and its columns that are of no run.
///
/// # Errors
/// Text that is no table.
pub(super) fn columns(bytes: &[u8]) -> Result<Vec<String>, Problems> {
    let header = Rows::of(bytes)?.header;
    let plain = header.iter().filter(|name| !name.contains(" - ")).cloned();
    Ok(plain.chain(metrics(&parted(&header)).into_iter().map(str::to_owned)).collect())
}
