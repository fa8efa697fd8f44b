//! `lethe associations gather`: a matrix of the losses that runs of real models have kept.

use std::path::{Path, PathBuf};

use super::super::cli::Failure;
use super::super::files;
use super::written::Format;
use crate::associations::Matrix;
use crate::associations::import::MOST_BYTES;
use crate::error::{Problem, Problems};
use crate::experiments::llama::Losses;
use crate::record::llama::Record;

/// Arguments of `lethe associations gather`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folders of runs of `lethe llama finetune`, or their records. Each must have kept the losses of single examples
    /// (`evaluation.losses`), all of the same ones.
    #[arg(required = true, value_name = "FOLDER|RECORD.json")]
    runs: Vec<String>,
    /// Writes matrix.npy, matrix.csv and base.csv here.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// The record in the folder of a run.
const RECORD: &str = "record.json";

/// Gathers the rises of all runs: a row for each, of its last checkpoint that has losses.
///
/// # Errors
/// Records that cannot be read, that have no losses or those of other examples; files that cannot be written.
pub fn gather(arguments: &Arguments) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let (mut names, mut rows): (Vec<String>, Vec<Losses>) = (Vec::new(), Vec::new());
    for run in &arguments.runs {
        match last_losses(run) {
            Ok((name, losses)) => {
                problems.extend(rows.first().and_then(|first| mismatch(run, first, &losses)));
                // Runs of the same settings in several folders are told apart by the folders.
                names.push(if names.contains(&name) { format!("{name} ({run})") } else { name });
                rows.push(losses);
            }
            Err(Problems(own)) => problems.extend(own),
        }
    }
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    let columns = rows[0].base.len();
    let rise = |row: &Losses| row.tuned.iter().zip(&row.base).map(|(tuned, base)| (tuned - base) as f32).collect();
    let entries: Vec<f32> = rows.iter().flat_map(|row| -> Vec<f32> { rise(row) }).collect();
    let examples: Vec<String> = (0..columns).map(|column| format!("example {column}")).collect();
    let matrix = Matrix::new(rows.len(), columns, entries)?.named(names, examples)?;
    for (name, format) in [("matrix.npy", Format::Npy), ("matrix.csv", Format::Csv)] {
        files::write(&arguments.out.join(name), &format.bytes(&matrix, matrix.entries())?)?;
    }
    let base = rows[0].base.iter().zip(&rows[0].tokens).enumerate();
    let lines: String = base.map(|(column, (loss, tokens))| format!("example {column},{loss},{tokens}\n")).collect();
    files::write(&arguments.out.join("base.csv"), format!("name,base_loss,tokens\n{lines}").as_bytes())?;
    matrix.notes().iter().for_each(|note| eprintln!("note: {note}"));
    say!("{} runs x {columns} examples are in {}", rows.len(), arguments.out.display());
    Ok(())
}

/// A run's name, and the losses of its last checkpoint that has any.
fn last_losses(run: &str) -> Result<(String, Losses), Problems> {
    let path = Path::new(run);
    let file = if path.is_dir() { path.join(RECORD) } else { path.to_path_buf() };
    let shown = file.display().to_string();
    let record = Record::read(&files::bytes(&shown, MOST_BYTES)?)?;
    let tuned = record.points.into_iter().rev().filter(|point| point.step > 0);
    let losses = tuned.filter_map(|point| point.measures.losses).next().ok_or_else(|| {
        let accepted = "a record with losses of single examples after step 0: `evaluation.losses` in its settings";
        Problems(vec![Problem::new("losses", &shown, accepted)])
    })?;
    let counts = [losses.tokens.len(), losses.base.len(), losses.tuned.len()];
    if counts[0] == 0 || counts.iter().any(|&count| count != counts[0]) {
        let value = format!("{counts:?} of {shown}");
        let accepted = "as many numbers in `tokens`, `base` and `tuned`, at least one";
        return Err(Problems(vec![Problem::new("losses", &value, accepted)]));
    }
    Ok((record.run_id, losses))
}

/// How far a base's loss of an example may lie from another run's: engines and batches round otherwise.
const TOLERANCE: f64 = 1e-3;

/// Why two runs have not lost on the same examples, or not from the same base.
fn mismatch(run: &str, first: &Losses, other: &Losses) -> Option<Problem> {
    if first.tokens != other.tokens {
        let value = format!("{} examples of {run}", other.tokens.len());
        return Some(Problem::new("losses.tokens", &value, "the same examples as the first run's"));
    }
    let apart = first.base.iter().zip(&other.base).position(|(a, b)| (a - b).abs() > TOLERANCE)?;
    let value = format!("{} of example {apart} in {run}", other.base[apart]);
    Some(Problem::new("losses.base", &value, format!("{}, as the first run's base has it", first.base[apart])))
}
