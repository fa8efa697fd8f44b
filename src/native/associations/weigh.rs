//! `lethe associations weigh`.

use std::path::{Path, PathBuf};

use ndarray::ArrayView1;
use ndarray_npy::WriteNpyExt as _;

use super::super::cli::Failure;
use super::super::files;
use super::complete::factors;
use super::written::Format;
use crate::associations::import::{self, MOST_BYTES};
use crate::associations::methods::{Method, named, names};
use crate::associations::{Matrix, Training, replay_weights};
use crate::error::{Problem, Problems};
use crate::seed::Seed;

/// Arguments of `lethe associations weigh`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A matrix with tasks as rows and upstream examples as columns, as CSV, .npy or .npz; its columns are the rows of the
    /// file that is to be replayed, in their order.
    #[arg(value_name = "MATRIX.{csv,npy,npz}")]
    file: String,
    /// The row that replay is for, by name or by number from 0; some of its entries are measured.
    #[arg(long, value_name = "NAME|NUMBER")]
    row: String,
    /// The method that completes the row; it learns from all others.
    #[arg(long, value_name = "METHOD", default_value = "factorisation")]
    method: String,
    /// Factors of factorisations.
    #[arg(long, value_name = "R", default_value_t = 5)]
    rank: usize,
    /// Weights are exp(rise / temperature), in the units of the matrix.
    #[arg(long, value_name = "T", default_value_t = 0.1)]
    temperature: f64,
    /// The array of an .npz that has several.
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Write the weights here, as `replay.weights` of `lethe llama finetune` takes them: .csv or .npy.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Completes a row and writes how often each example is to be replayed.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn weigh(arguments: &Arguments) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let format = Format::of(&arguments.out).map_err(|Problems(own)| problems.extend(own)).ok();
    problems.extend(factors(arguments.rank).err());
    if !(arguments.temperature.is_finite() && arguments.temperature > 0.0) {
        let accepted = "a finite number above 0";
        problems.push(Problem::new("--temperature", &arguments.temperature.to_string(), accepted));
    }
    let method = method(&arguments.method, arguments.rank).map_err(|problem| problems.push(problem)).ok();
    let (Some(format), Some(method), true) = (format, method, problems.is_empty()) else {
        return Err(Problems(problems).into());
    };
    let matrix = import::read(&files::bytes(&arguments.file, MOST_BYTES)?, arguments.array.as_deref())?;
    let row = row(&matrix, &arguments.row)?;
    let rises = completed(&matrix, row, method.as_ref())?;
    let weights = replay_weights(&rises, arguments.temperature);
    files::write(&arguments.out, &bytes(format, &weights)?)?;
    tell(&matrix, row, &weights, &arguments.out);
    Ok(())
}

fn method(name: &str, rank: usize) -> Result<Box<dyn Method>, Problem> {
    let of_rises = |name: &&str| named(name, rank).is_some_and(|method| !method.tells_logits());
    named(name, rank).filter(|method| !method.tells_logits()).ok_or_else(|| {
        let names: Vec<&str> = names().into_iter().filter(of_rises).collect();
        Problem::new("--method", name, format!("one of {}", names.join(", ")))
    })
}

/// A row by its name, else by its number.
fn row(matrix: &Matrix, asked: &str) -> Result<usize, Problems> {
    let by_name = matrix.row_names().iter().position(|name| name == asked);
    by_name.or_else(|| asked.parse().ok().filter(|&row| row < matrix.rows())).ok_or_else(|| {
        let last = matrix.rows() - 1;
        let names = if matrix.row_names().is_empty() { "" } else { "the name of a row, or " };
        Problems(vec![Problem::new("--row", asked, format!("{names}a number from 0 to {last}"))])
    })
}

/// The rises of a row: those that are measured, and what the method, having learned from all other rows, says of the
/// rest.
fn completed(matrix: &Matrix, row: usize, method: &dyn Method) -> Result<Vec<f64>, Problems> {
    let others: Vec<usize> = (0..matrix.rows()).filter(|&other| other != row).collect();
    let known: Vec<(usize, f32)> = matrix.present(row).collect();
    if others.iter().all(|&other| matrix.present(other).next().is_none()) {
        let accepted = "at least one other row with an entry, to learn from";
        return Err(Problems(vec![Problem::new("matrix", "no entry beside this row", accepted)]));
    }
    let model = method.fit(&Training::new(matrix, others));
    let mut rises = model.complete(&known, Seed::new(0).fork("weighed"));
    known.iter().for_each(|&(column, rise)| rises[column] = f64::from(rise));
    Ok(rises)
}

/// The bytes of a file of weights.
fn bytes(format: Format, weights: &[f64]) -> Result<Vec<u8>, Failure> {
    match format {
        Format::Csv => {
            let line = |(example, weight): (usize, &f64)| format!("{example},{weight}\n");
            let lines: String = weights.iter().enumerate().map(line).collect();
            Ok(format!("example,weight\n{lines}").into_bytes())
        }
        Format::Npy => {
            let mut bytes = Vec::new();
            let written = ArrayView1::from(weights).write_npy(&mut bytes);
            written.map_err(|error| Failure::Other(format!("cannot write the weights: {error}")))?;
            Ok(bytes)
        }
    }
}

fn tell(matrix: &Matrix, row: usize, weights: &[f64], out: &Path) {
    let (measured, columns) = (matrix.present(row).count(), matrix.columns());
    let name = matrix.row_names().get(row).map_or_else(|| format!("row {row}"), Clone::clone);
    // How many examples with equal weights would be as spread.
    let effective = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();
    say!("{name}: {measured} of {columns} rises measured, the others completed from {} rows", matrix.rows() - 1);
    say!("weights as uneven as if {effective:.1} examples of {columns} had equal ones, in {}", out.display());
}
