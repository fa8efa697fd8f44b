//! `lethe sweep report`.

use std::path::PathBuf;

use serde_json::json;

use super::file::{Named, Sweep};
use super::gather::{no_record, record_of};
use super::state::State;
use super::status::counted;
use crate::laws::Bootstrap;
use crate::native::cli::Failure;
use crate::native::laws::resamples;
use crate::native::{files, run};
use crate::record::llama::Record;
use crate::report::llama::sweep::{self as told, Axis, Found, Role, Run};

/// Resamples of the runs for intervals of the laws.
const RESAMPLES: usize = 1000;

/// Arguments of `lethe sweep report`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    sweep: Named,
    /// Write here; without it, beside the runs.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Writes `report.html`, which tells what the finished runs say together, and prints the answer.
///
/// # Errors
/// A wrong sweep file, a record that cannot be read, no finished run, or a file that cannot be written.
pub fn report(arguments: &Arguments) -> Result<(), Failure> {
    let sweep = arguments.sweep.read()?;
    let told = told(&sweep)?;
    let mut laws = told::laws(&told);
    for one in &mut laws {
        one.intervals = one.fitted.found.as_ref().ok().and_then(|found| {
            let bootstrap = Bootstrap::new(&found.observations, found.joint.as_ref())?;
            Some(bootstrap.intervals(&resamples(&bootstrap, RESAMPLES)))
        });
    }
    let found = Found::of(&told, laws);
    let page = told::html(&told, &found).map_err(Failure::Other)?;
    let file = arguments.out.as_ref().unwrap_or(&sweep.folder).join("report.html");
    files::write(&file, page.as_bytes())?;
    let said = told::report(&told, &found);
    if arguments.json {
        let object = json!({
            "file": file,
            "headline": said.headline,
            "more": said.more,
            "statements": said.statements,
            "warnings": said.warnings,
            "matrix": found.matrix,
            "runs": found.numbers(&told),
        });
        say!("{}", run::json(&object)?);
        return Ok(());
    }
    say!("{}\n{}\n", said.headline, said.more);
    said.statements.iter().for_each(|statement| say!("{}", statement.text));
    said.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
    say!("the report is {}", file.display());
    Ok(())
}

/// The finished runs with their records.
fn told(sweep: &Sweep) -> Result<told::Sweep, Failure> {
    let states: Vec<State> = (0..sweep.names.len()).map(|index| State::of(&sweep.folder_of(index))).collect();
    let mut runs = Vec::new();
    for index in (0..states.len()).filter(|&index| matches!(states[index], State::Done { .. })) {
        let folder = sweep.folder_of(index);
        let record =
            Record::read(&record_of(&folder)?).map_err(|problems| no_record(&folder, &problems.to_string()))?;
        runs.push(Run { name: sweep.names[index].clone(), chosen: sweep.choices(index), record });
    }
    if runs.is_empty() {
        return Err(Failure::Other(format!("no run is done: {}", counted(&states))));
    }
    let axis = |axis: &super::vary::Axis| {
        let paths = axis.choices.iter().flat_map(|choice| choice.sets.iter().map(|(path, _)| path.join(".")));
        let paths: Vec<String> = paths.collect();
        let values = axis.choices.iter().map(|choice| choice.shown.clone()).collect();
        Axis { name: axis.name.clone(), role: Role::of(paths.iter().map(String::as_str)), values }
    };
    let stem = sweep.path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Ok(told::Sweep {
        name: stem,
        question: sweep.question.clone(),
        axes: sweep.axes.iter().map(axis).collect(),
        runs,
        planned: states.len(),
    })
}
