//! `lethe sweep gather`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::file::{Named, Sweep};
use super::state::State;
use super::status::counted;
use crate::error::{Problem, Problems};
use crate::laws::Observation;
use crate::laws::import::FIELDS;
use crate::native::cli::Failure;
use crate::native::{files, run};
use crate::record;

/// Arguments of `lethe sweep gather`.
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

/// Writes `observations.csv`, a row for each checkpoint of each finished run, and `records/NAME.json`.
///
/// # Errors
/// A wrong sweep file, a record that cannot be read, no finished run, or a file that cannot be written.
pub fn gather(arguments: &Arguments) -> Result<(), Failure> {
    let sweep = arguments.sweep.read()?;
    let out = arguments.out.as_ref().unwrap_or(&sweep.folder);
    let states: Vec<State> = (0..sweep.names.len()).map(|index| State::of(&sweep.folder_of(index))).collect();
    let done: Vec<usize> = (0..states.len()).filter(|&index| matches!(states[index], State::Done { .. })).collect();
    if done.is_empty() {
        return Err(Failure::Other(format!("no run is done: {}", counted(&states))));
    }
    let mut rows = Vec::new();
    for &index in &done {
        let bytes = record_of(&sweep.folder_of(index))?;
        let found =
            record::observations(&bytes).unwrap_or_else(|| Err(no_record(&sweep.folder_of(index), "another file")))?;
        rows.extend(found.into_iter().map(|row| (index, row)));
        files::write(&out.join("records").join(format!("{}.json", sweep.names[index])), &bytes)?;
    }
    let table = out.join("observations.csv");
    files::write(&table, &written(&sweep, &rows)?)?;
    if arguments.json {
        let object = json!({"observations": rows.len(), "runs": done.len(), "of": states.len(), "file": table});
        say!("{}", run::json(&object)?);
    } else {
        say!("{} observations of {} runs in {}; {}", rows.len(), done.len(), table.display(), counted(&states));
    }
    Ok(())
}

/// The record of a finished run.
///
/// # Errors
/// A file that cannot be read.
pub fn record_of(folder: &Path) -> Result<Vec<u8>, Problems> {
    fs::read(folder.join("record.json")).map_err(|error| no_record(folder, &error.to_string()))
}

/// What is wrong with a record.
pub fn no_record(folder: &Path, why: &str) -> Problems {
    let path = folder.join("record.json").display().to_string();
    Problems(vec![Problem::new("file", &path, format!("the record of a run that is done ({why})"))])
}

/// The table that `lethe laws fit` reads, and a column `vary.NAME` for each list of the sweep.
fn written(sweep: &Sweep, rows: &[(usize, Observation)]) -> Result<Vec<u8>, Failure> {
    let failed = |error: csv::Error| Failure::Other(format!("cannot write observations: {error}"));
    let mut table = csv::Writer::from_writer(Vec::new());
    let names = FIELDS.iter().map(|field| field.name().to_owned());
    table.write_record(names.chain(sweep.axes.iter().map(|axis| format!("vary.{}", axis.name)))).map_err(failed)?;
    for (index, row) in rows {
        let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let own = [
            row.parameters.to_string(),
            row.steps.to_string(),
            row.fine_tuning_loss.to_string(),
            row.forgetting.to_string(),
            row.run.clone().unwrap_or_default(),
            row.family.clone().unwrap_or_default(),
            optional(row.replay),
            optional(row.tokens),
            optional(row.model_parameters),
        ];
        let chosen = sweep.chosen(*index).into_iter().map(|(_, shown)| shown.to_owned());
        table.write_record(own.into_iter().chain(chosen)).map_err(failed)?;
    }
    table.into_inner().map_err(|error| Failure::Other(format!("cannot write observations: {error}")))
}
