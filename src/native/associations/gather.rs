//! `lethe associations gather`: matrices of the losses that runs and evaluations of real models have kept.

use std::path::PathBuf;

use super::super::cli::Failure;
use super::super::files;
use super::kept::{self, Kept};
use super::told;
use super::written::Format;
use crate::associations::{Ceiling, Matrix};
use crate::error::{Problem, Problems};

/// Arguments of `lethe associations gather`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folders of runs of `lethe llama finetune`, or their records; folders or files that `lethe llama evaluate` left. Each
    /// must have kept the losses of single examples (`evaluation.losses`), all of the same ones. Runs that differ by their
    /// seed alone are one row of several matrices.
    #[arg(required = true, value_name = "FOLDER|RECORD.json|EVALUATION.json")]
    runs: Vec<String>,
    /// Writes matrix.npy, matrix.csv and base.csv here, of several seeds also matrix-seed-S.npy.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What a row is made of: the runs of one task, by seed.
struct Row {
    name: String,
    settings: Option<String>,
    runs: Vec<Kept>,
}

/// Gathers the rises of all runs and checkpoints: the mean over seeds, and each seed's matrix where there are several.
///
/// # Errors
/// Files that cannot be read, that have no losses or those of other examples; files that cannot be written.
pub fn gather(arguments: &Arguments) -> Result<(), Failure> {
    let (kept, problems) = read(&arguments.runs);
    if !problems.is_empty() {
        return Err(Problems(problems).into());
    }
    let (base, tokens) = (kept[0].losses.base.clone(), kept[0].losses.tokens.clone());
    let mut seeds: Vec<u64> = kept.iter().map(|own| own.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let (runs, rows) = (kept.len(), rows(kept));
    let matrices = seeds.iter().map(|&seed| matrix(&rows, seed, base.len())).collect::<Result<Vec<_>, _>>()?;
    let mean = Matrix::mean(&matrices)?;
    let put = |name: &str, format: Format, matrix: &Matrix| {
        files::write(&arguments.out.join(name), &format.bytes(matrix, matrix.entries())?)
    };
    put("matrix.npy", Format::Npy, &mean)?;
    put("matrix.csv", Format::Csv, &mean)?;
    if seeds.len() > 1 {
        for (seed, matrix) in seeds.iter().zip(&matrices) {
            put(&format!("matrix-seed-{seed}.npy"), Format::Npy, matrix)?;
        }
    }
    let base = base.iter().zip(&tokens).enumerate();
    let lines: String = base.map(|(column, (loss, tokens))| format!("example {column},{loss},{tokens}\n")).collect();
    files::write(&arguments.out.join("base.csv"), format!("name,base_loss,tokens\n{lines}").as_bytes())?;
    mean.notes().iter().for_each(|note| eprintln!("note: {note}"));
    let folder = arguments.out.display();
    say!("{runs} models, {} tasks x {} examples are in {folder}", mean.rows(), mean.columns());
    if seeds.len() > 1 {
        say!("{} seeds; matrix.npy is their mean", seeds.len());
        told::ceiling(Ceiling::of(&matrices.iter().collect::<Vec<_>>())?.as_ref());
    }
    Ok(())
}

/// What all files have kept, in their order, and what is wrong with them.
fn read(given: &[String]) -> (Vec<Kept>, Vec<Problem>) {
    let (mut kept, mut problems): (Vec<Kept>, Vec<Problem>) = (Vec::new(), Vec::new());
    for given in given {
        match kept::read(given) {
            Ok(found) => {
                for own in found {
                    problems.extend(kept.first().and_then(|first| mismatch(first, &own)));
                    kept.push(own);
                }
            }
            Err(Problems(own)) => problems.extend(own),
        }
    }
    (kept, problems)
}

/// Runs of equal settings but for the seed make a row; one that has that seed already is a row of its own.
fn rows(kept: Vec<Kept>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for own in kept {
        let kin = |row: &&mut Row| {
            row.settings.is_some() && row.settings == own.settings && row.runs.iter().all(|run| run.seed != own.seed)
        };
        if let Some(row) = rows.iter_mut().find(kin) {
            row.runs.push(own);
            continue;
        }
        // What goes by one name in several files is told apart by the files.
        let is_known = rows.iter().any(|row| row.name == own.name);
        let name = if is_known { format!("{} ({})", own.name, own.file) } else { own.name.clone() };
        rows.push(Row { name, settings: own.settings.clone(), runs: vec![own] });
    }
    rows
}

/// The rises of a seed; rows that have no run of it are missing.
fn matrix(rows: &[Row], seed: u64, columns: usize) -> Result<Matrix, Problems> {
    let entries = rows.iter().flat_map(|row| match row.runs.iter().find(|run| run.seed == seed) {
        Some(Kept { losses, .. }) => losses.tuned.iter().zip(&losses.base).map(|(a, b)| (a - b) as f32).collect(),
        None => vec![f32::NAN; columns],
    });
    let names = (0..columns).map(|column| format!("example {column}")).collect();
    Matrix::new(rows.len(), columns, entries.collect())?.named(rows.iter().map(|row| row.name.clone()).collect(), names)
}

/// How far a base's loss of an example may lie from another run's: engines and batches round otherwise.
const TOLERANCE: f64 = 1e-3;

/// Why two runs have not lost on the same examples, or not from the same base.
fn mismatch(first: &Kept, other: &Kept) -> Option<Problem> {
    let (own, theirs, file) = (&first.losses, &other.losses, &other.file);
    if own.tokens != theirs.tokens {
        let value = format!("{} examples of {file}", theirs.tokens.len());
        return Some(Problem::new("losses.tokens", &value, "the same examples as the first run's"));
    }
    let apart = own.base.iter().zip(&theirs.base).position(|(a, b)| (a - b).abs() > TOLERANCE)?;
    let value = format!("{} of example {apart} in {file}", theirs.base[apart]);
    Some(Problem::new("losses.base", &value, format!("{}, as the first run's base has it", own.base[apart])))
}
