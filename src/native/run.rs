//! `lethe run`.

use std::path::Path;

use super::cli::{Failure, RunArguments};
use super::executor::Ran;
use super::{associations, executor, files, inputs, mitigated, scaling, ways};
use crate::error::Problem;
use crate::experiments::Results;
use crate::figure::number::{percent, short};
use crate::figure::{Figure, Theme, to_svg};
use crate::record::summary::Spread;
use crate::record::{Record, Summary, csv, link};
use crate::report::{Reference, views};

/// Runs an experiment and leaves what was asked for.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    match files::experiment_of(&arguments.what).as_deref() {
        Some(scaling::NAME) => return scaling::run(arguments),
        Some(associations::NAME) => return associations::run(arguments),
        _ => {}
    }
    let (link, warnings) = files::spec(&arguments.what)?;
    warn(&warnings);
    if arguments.export_inputs.is_some() {
        inputs::check(&link.spec)?;
    }
    let Ran { results, timing, device } = executor::execute(&link.spec, arguments.device)?;
    if let Some(folder) = &arguments.export_inputs {
        inputs::export(&results, folder)?;
    }
    let record = Record::of(&results, &device, timing);
    if let Some(folder) = &arguments.out {
        leave(folder, &results, &record)?;
    }
    if let Some(file) = &arguments.reference {
        let bytes = Reference::of(&results).to_bytes();
        files::write(file, &bytes.map_err(|error| Failure::Other(format!("cannot write reference curves: {error}")))?)?;
    }
    if arguments.json {
        say!("{}", json(&record)?);
    } else {
        tell(&results, &record, arguments.out.as_deref());
    }
    Ok(())
}

/// Names what was passed over.
pub fn warn(warnings: &[Problem]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}

/// A value as JSON.
///
/// # Errors
/// A sentence, should it not be writable.
pub fn json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Other(format!("cannot write JSON: {error}")))
}

/// A figure as a file, with a link in it.
///
/// # Errors
/// A sentence, should it not be drawable.
pub fn svg(figure: &Figure, link: &str) -> Result<String, Failure> {
    to_svg(figure, &views::paper(), &Theme::LIGHT, link)
        .map_err(|error| Failure::Other(format!("cannot draw {}: {error}", figure.id)))
}

fn leave(folder: &Path, results: &Results, record: &Record) -> Result<(), Failure> {
    files::write(&folder.join("record.json"), json(record)?.as_bytes())?;
    files::write(&folder.join("series.csv"), csv::tidy(&record.series).as_bytes())?;
    for figure in views::all(results, &record.summary) {
        files::write(&folder.join(format!("{}.svg", figure.id)), svg(&figure, &record.link)?.as_bytes())?;
    }
    ways::leave(folder, results)
}

fn tell(results: &Results, record: &Record, folder: Option<&Path>) {
    let sentence = views::sentence(results, &record.summary);
    say!("{}", sentence.text());
    say!("{}\n", sentence.more_text().trim());
    table(&record.summary);
    if results.spec.experiment.predicts() {
        predictions(&record.summary);
    }
    ways::tell(&record.summary);
    mitigated::tell(&record.summary);
    say!("\nrun {}  {}  {:.1} s", link::run_id(&results.spec), record.fingerprint, record.timing.seconds);
    say!("{}", record.link);
    match folder {
        Some(folder) => say!("record, series and figures are in {}", folder.display()),
        None => say!("--out DIR keeps the record and the figures"),
    }
}

fn table(summary: &Summary) {
    let show = |spread: &Spread| match spread.quartiles {
        Some(q) => format!("{} ({} to {})", short(q.median), short(q.q25), short(q.q75)),
        None => "all diverged".to_owned(),
    };
    say!("{:>6}  {:>8}  {:<30}{:<30}{:<30}seeds", "width", "replay", "ID loss", "old-task loss", "forgetting");
    for cell in &summary.cells {
        say!(
            "{:>6}  {:>8}  {:<30}{:<30}{:<30}{}{}{}",
            cell.width,
            percent(cell.replay),
            show(&cell.id_loss),
            show(&cell.ood_loss),
            show(&cell.forgetting),
            cell.forgetting.n,
            if cell.divergences.is_empty() { String::new() } else { format!(", {} diverged", cell.divergences.len()) },
            match (cell.way, cell.mitigation) {
                (Some(way), _) => format!("  {}", way.name()),
                (None, Some(mitigation)) => format!("  {mitigation}"),
                (None, None) => String::new(),
            },
        );
    }
}

fn predictions(summary: &Summary) {
    let show = |spread: &Spread| spread.quartiles.map_or_else(|| "none".to_owned(), |q| short(q.median));
    let error = |spread: &Option<Spread>| spread.as_ref().map_or_else(String::new, show);
    say!("\nerrors of the prediction, relative, medians; no change at all has 1");
    say!(
        "{:>6}  {:>8}  {:<12}{:<12}{:<12}{:<12}{:<12}{:<12}kernel, times",
        "width",
        "replay",
        "change",
        "constant",
        "first step",
        "forgetting",
        "at most",
        "1 - CKA"
    );
    for cell in &summary.cells {
        let Some(theory) = &cell.theory else { continue };
        say!(
            "{:>6}  {:>8}  {:<12}{:<12}{:<12}{:<12}{:<12}{:<12}{}",
            cell.width,
            percent(cell.replay),
            error(&cell.drift_relative_error),
            show(&theory.drift_relative_error_of_constant),
            show(&theory.drift_relative_error_of_first_step),
            error(&cell.forgetting_relative_error),
            show(&theory.forgetting_relative_error_largest),
            show(&theory.kernel_drift),
            show(&theory.kernel_growth),
        );
    }
    for gap in &summary.gap_by_width {
        let Some(exponent) = gap.slope.per_doubling else { continue };
        let interval =
            gap.slope.interval.map_or_else(String::new, |i| format!(" ({} to {})", short(i.low), short(i.high)));
        say!(
            "p = {}: the error of the change goes as width to the power {}{interval}",
            percent(gap.replay),
            short(exponent)
        );
    }
}
