//! `lethe theory`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::cli::Failure;
use super::{files, inputs, run};
use crate::error::{Problem, Problems};
use crate::experiments::Job;
use crate::experiments::analysis::NoPlan;
use crate::figure::number::percent;
use crate::figure::{Cell, Column, Figure, Table, Theme, to_svg};
use crate::kernel::TheoryError;
use crate::kernel::optimum::Objective;
use crate::record::link::science;
use crate::report::Statement;
use crate::report::theory::TheoryReport;
use crate::report::views;

/// Arguments of `lethe theory`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A link (quote it) or a file of settings.
    #[arg(value_name = "LINK|SPEC.toml")]
    what: String,
    /// The network's seed; the first of the link unless given.
    #[arg(long)]
    seed: Option<u32>,
    /// The network's width; the first of the link unless given.
    #[arg(long)]
    width: Option<u32>,
    /// The replay fraction that is spoken of; the first of the link above 0, or 1 %, unless given.
    #[arg(long)]
    replay: Option<f64>,
    /// Write the kernel (.npy), tables (CSV) and figures (SVG) here.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// The replay fraction that is spoken of where the link has none.
const REPLAY: f64 = 0.01;
/// Modes printed.
const PRINTED: usize = 12;
/// The ID loss that the best constant fraction may cost, in times that without replay.
const SLACK: f64 = 1.1;

/// Says what the kernel of one network knows of its fine-tuning.
///
/// # Errors
/// Wrong input; a network that has no kernel.
pub fn theory(arguments: &Arguments) -> Result<(), Failure> {
    let (link, warnings) = files::spec(&arguments.what)?;
    run::warn(&warnings);
    let spec = &link.spec;
    let replay = arguments.replay.or(spec.replay.iter().copied().find(|&p| p > 0.0)).unwrap_or(REPLAY);
    if !(0.0..=1.0).contains(&replay) {
        let problem = Problem::new("replay", &replay.to_string(), "a number from 0 to 1");
        return Err(Problems(vec![problem]).into());
    }
    let job = Job { seed: arguments.seed.unwrap_or(spec.seeds[0]), width: arguments.width.unwrap_or(spec.widths[0]) };
    let report = TheoryReport::of(spec, job).map_err(failure)?;
    let modes = report.mode_table(replay).map_err(failure)?;
    let statements = report.statements(replay);
    let best = Objective::ALL.map(|objective| (objective, report.best_constant(objective, SLACK)));
    let figures = report.figures(replay);
    if let Some(folder) = &arguments.out {
        leave(folder, &report, &modes, &figures)?;
    }
    if arguments.json {
        say!("{}", run::json(&printed(&report, replay, &statements, &modes, &best, &figures)?)?);
        return Ok(());
    }
    say!("the network of width {} and seed {}, at p = {}\n", job.width, job.seed, percent(replay));
    for statement in &statements {
        say!("{:<12}{}", statement.id, statement.text);
    }
    for (objective, found) in &best {
        let found = found.as_ref().map_or_else(ToString::to_string, |&p| format!("p = {}", percent(p)));
        say!("{:<12}The best constant fraction for the old task’s loss {}: {found}.", "constant", moment(*objective));
    }
    say!("");
    tell(&modes);
    match &arguments.out {
        Some(folder) => say!("\nkernel, tables and figures are in {}", folder.display()),
        None => say!("\n--out DIR keeps the kernel, the tables and the figures"),
    }
    Ok(())
}

/// Wrong input is named as such; everything else is a sentence.
fn failure(why: NoPlan) -> Failure {
    match why {
        NoPlan::Theory(TheoryError::Wrong(problem)) => Failure::Input(Problems(vec![problem])),
        why => Failure::Other(why.to_string()),
    }
}

fn moment(objective: Objective) -> &'static str {
    match objective {
        Objective::End => "after the last step",
        Objective::Average => "in the mean over time",
        Objective::Worst => "at its worst",
    }
}

/// The first rows of a table.
fn tell(table: &Table) {
    let widths: Vec<usize> = table.columns.iter().map(|column| column.title.len().max(9) + 3).collect();
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let line: String = cells.zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
        say!("{line}");
    };
    line(&mut table.columns.iter().map(|column| column.title.clone()));
    for row in table.shown().take(PRINTED) {
        line(&mut row.into_iter());
    }
    if table.rows.len() > PRINTED {
        say!("{:>width$} more above rounding", table.rows.len() - PRINTED, width = widths[0]);
    }
}

fn printed(
    report: &TheoryReport,
    replay: f64,
    statements: &[Statement],
    modes: &Table,
    best: &[(Objective, Result<f64, NoPlan>)],
    figures: &[Figure],
) -> Result<Value, Failure> {
    let analysis = report.analysis();
    let said = |statement: &Statement| {
        let values: Map<String, Value> =
            statement.values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({"id": statement.id, "text": statement.text, "values": values})
    };
    let best: Map<String, Value> =
        best.iter().map(|(objective, found)| (word(*objective).to_owned(), json!(found.as_ref().ok()))).collect();
    let spectrum = analysis.spectrum(replay).map_err(failure)?;
    let curves = |figure: &&Figure| figure.id == "replay-over-time";
    Ok(json!({
        "link": format!("#{}", science(analysis.spec())),
        "spec": analysis.spec(),
        "seed": analysis.job().seed,
        "width": analysis.job().width,
        "replay": replay,
        "statements": statements.iter().map(said).collect::<Vec<_>>(),
        "spectrum": {
            "eigenvalues": spectrum.eigenvalues,
            "effective_rank": spectrum.effective_rank,
            "condition": spectrum.condition,
        },
        "modes": columns(modes),
        "old_task_loss": figures.iter().find(curves).map(|figure| columns(&figure.table)),
        "best_constant": best,
    }))
}

fn word(objective: Objective) -> &'static str {
    match objective {
        Objective::End => "end",
        Objective::Average => "average",
        Objective::Worst => "worst",
    }
}

/// A table of numbers by column; what is missing is null.
fn columns(table: &Table) -> Value {
    let number = |cell: &Cell| match cell {
        Cell::Number(value) => json!(value),
        _ => Value::Null,
    };
    let column = |(place, column): (usize, &Column)| {
        (column.key.clone(), Value::from(table.rows.iter().map(|row| number(&row[place])).collect::<Vec<_>>()))
    };
    Value::Object(table.columns.iter().enumerate().map(column).collect())
}

/// `kernel.npy` [2 n, 2 n]; `x.npy`, `labels.npy`, `outputs.npy` [2 n]; every mode as CSV; the figures and their tables.
fn leave(folder: &Path, report: &TheoryReport, modes: &Table, figures: &[Figure]) -> Result<(), Failure> {
    let analysis = report.analysis();
    inputs::save(folder, "kernel", analysis.kernel())?;
    inputs::save(folder, "x", &ndarray::Array1::from(analysis.inputs().to_vec()))?;
    inputs::save(folder, "labels", &ndarray::Array1::from(analysis.labels().to_vec()))?;
    inputs::save(folder, "outputs", analysis.outputs())?;
    let link = format!("#{}", science(analysis.spec()));
    for figure in figures {
        let name = format!("{}.svg", figure.id);
        let svg = to_svg(figure, &views::paper(), &Theme::LIGHT, &link)
            .map_err(|error| Failure::Other(format!("cannot draw {name}: {error}")))?;
        files::write(&folder.join(name), svg.as_bytes())?;
        // The figure shows the first modes; the file has all.
        let table = if figure.id == "modes" { modes } else { &figure.table };
        files::write(&folder.join(format!("{}.csv", figure.id)), table.to_csv().as_bytes())?;
    }
    Ok(())
}
