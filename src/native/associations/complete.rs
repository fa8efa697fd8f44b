//! `lethe associations complete`.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::cli::Failure;
use super::super::spread::spread;
use super::super::{files, run};
use super::progress::{bar, spectrum};
use super::told;
use super::written::Format;
use crate::associations::import::{self, MOST_BYTES};
use crate::associations::methods::{Method, Representation, completed, named, names, usual};
use crate::associations::{
    Features, Matrix, MethodScore, Protocol, Reconstruction, Split, Training, Trial, list_of_rows, reconstruction_f1,
};
use crate::error::{Problem, Problems};

/// Arguments of `lethe associations complete`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A matrix with tasks as rows and upstream examples as columns, as CSV, .npy or .npz; empty cells, NA and nan are
    /// missing.
    #[arg(value_name = "MATRIX.{csv,npy,npz}")]
    file: String,
    /// Factors of factorisations, and the highest rank of the reconstruction.
    #[arg(long, value_name = "R", default_value_t = 5)]
    rank: usize,
    /// How many columns of a test row are drawn, with replacement; a column drawn twice is shown once.
    #[arg(long, value_name = "K", default_value_t = 30)]
    observed: usize,
    /// How many times the columns are drawn.
    #[arg(long, value_name = "N", default_value_t = 10)]
    seeds: usize,
    /// Rows that are learned from, from 0, such as 0..45 (both included) or 0,3,7; all that are not tested, unless told.
    #[arg(long, value_name = "ROWS")]
    train_rows: Option<String>,
    /// Rows that are predicted; the last quarter, unless told.
    #[arg(long, value_name = "ROWS")]
    test_rows: Option<String>,
    /// The matrix is binary: 1 where an answer was right before fine-tuning and is wrong after, 0 elsewhere.
    #[arg(long)]
    binary: bool,
    /// The methods to compare; those that are quick, unless told.
    #[arg(long, value_name = "METHOD,...", value_delimiter = ',')]
    method: Vec<String>,
    /// Numbers that describe the tasks, a row for each, as CSV, .npy or .npz; with --column-features the trained
    /// representation is compared, which is shown no entry of the rows that it predicts.
    #[arg(long, value_name = "FILE", requires = "column_features")]
    row_features: Option<String>,
    /// Numbers that describe the examples, likewise.
    #[arg(long, value_name = "FILE", requires = "row_features")]
    column_features: Option<String>,
    /// The array of an .npz that has several.
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Write the matrix here with its missing entries filled, by the first method named, else by factorisation; as .csv
    /// or .npy.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

/// Most factors.
pub const MOST_FACTORS: usize = 100;

/// All that was found.
pub struct Found<'a> {
    pub matrix: &'a Matrix,
    pub split: Split,
    pub observed: usize,
    pub seeds: usize,
    pub methods: Vec<MethodScore>,
    /// `None` where all entries are equal.
    pub reconstruction: Option<Reconstruction>,
    /// F1 by rank from 1, of binary matrices.
    pub f1: Vec<f64>,
    pub notes: Vec<String>,
}

/// Compares methods on a matrix and tells how well they do.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn complete(arguments: &Arguments) -> Result<(), Failure> {
    let mut methods = arguments.methods()?;
    let format = arguments.out.as_deref().map(Format::of).transpose()?;
    let matrix = import::read(&files::bytes(&arguments.file, MOST_BYTES)?, arguments.array.as_deref())?;
    if let Some(features) = arguments.features(&matrix)? {
        methods.push(Box::new(Representation { features: Arc::new(features), is_binary: arguments.binary }));
    }
    let rows = ["--train-rows", "--test-rows"];
    let split = Split::of(rows, arguments.train_rows.as_deref(), arguments.test_rows.as_deref(), matrix.rows())?;
    let protocol = Protocol::new(
        &matrix,
        split.training.clone(),
        split.test.clone(),
        arguments.observed,
        arguments.seeds,
        arguments.binary,
    )?;
    let scores = methods.iter().map(|method| score(&protocol, method.as_ref())).collect();
    let reconstruction = reconstruction(&matrix, arguments.rank);
    let ranks = reconstruction.as_ref().filter(|_| arguments.binary).map_or(0, |found| found.ranks.len());
    let bar = bar(ranks, "F1 by rank");
    let f1 = spread(ranks, |place| {
        let f1 = reconstruction_f1(&Training::all(&matrix), place + 1);
        bar.inc(1);
        f1
    });
    bar.finish_and_clear();
    if let (Some(format), Some(path)) = (format, &arguments.out) {
        let named = arguments.method.first().and_then(|_| methods.first());
        let usual = if arguments.binary { "logistic_factorisation" } else { "factorisation" };
        let usual = self::named(usual, arguments.rank);
        if let Some(method) = named.or(usual.as_ref()) {
            files::write(path, &format.bytes(&matrix, &completed(method.as_ref(), &matrix))?)?;
        }
    }
    let (observed, seeds) = (arguments.observed, arguments.seeds);
    let mut notes = matrix.notes();
    if matrix.missing() > 0 {
        notes.push("Missing entries count as 0 in the reconstruction by rank.".to_owned());
    }
    if arguments.out.is_some() && matrix.missing() == 0 {
        notes.push("No entry is missing, so the matrix is written as it was read.".to_owned());
    }
    let found = Found { split, observed, seeds, methods: scores, reconstruction, f1, notes, matrix: &matrix };
    found.notes.iter().for_each(|note| eprintln!("note: {note}"));
    if arguments.json {
        say!("{}", run::json(&as_json(&found, arguments.binary))?);
    } else {
        told::tell(&found);
    }
    Ok(())
}

impl Arguments {
    /// What is known of rows and columns, where it was given.
    fn features(&self, matrix: &Matrix) -> Result<Option<Features>, Problems> {
        let (Some(rows), Some(columns)) = (&self.row_features, &self.column_features) else { return Ok(None) };
        let read = |file: &str, items: usize| {
            let named = |Problems(all): Problems| {
                let named = |problem: Problem| Problem { field: format!("{file}, {}", problem.field), ..problem };
                Problems(all.into_iter().map(named).collect())
            };
            import::read_features(&files::bytes(file, MOST_BYTES)?, items).map_err(named)
        };
        let (rows, columns) = (read(rows, matrix.rows())?, read(columns, matrix.columns())?);
        Features::new([matrix.rows(), matrix.columns()], rows, columns).map(Some)
    }

    fn methods(&self) -> Result<Vec<Box<dyn Method>>, Problems> {
        let mut problems = Vec::new();
        problems.extend(factors(self.rank).err());
        let asked: Vec<&str> = match self.method.is_empty() {
            true => usual(self.binary),
            false => self.method.iter().map(|name| name.trim()).collect(),
        };
        let mut methods: Vec<Box<dyn Method>> = Vec::new();
        for (place, name) in asked.iter().enumerate() {
            match named(name, self.rank) {
                Some(_) if asked[..place].contains(name) => {
                    problems.push(Problem::new("--method", name, "every method once"));
                }
                Some(method) if method.tells_logits() && !self.binary => {
                    problems.push(Problem::new("--method", name, "a method for values, or --binary"));
                }
                Some(method) => methods.push(method),
                None => problems.push(Problem::new("--method", name, format!("one of {}", names().join(", ")))),
            }
        }
        if problems.is_empty() { Ok(methods) } else { Err(Problems(problems)) }
    }
}

/// That there are so many factors, or the problem.
pub fn factors(rank: usize) -> Result<(), Problem> {
    let accepted = format!("a whole number from 1 to {MOST_FACTORS}");
    if (1..=MOST_FACTORS).contains(&rank) { Ok(()) } else { Err(Problem::new("--rank", &rank.to_string(), accepted)) }
}

fn score(protocol: &Protocol<'_>, method: &dyn Method) -> MethodScore {
    let bar = bar(protocol.trials(), method.name());
    let training = protocol.training();
    let model = method.fit(&training);
    let trials: Vec<Trial> = spread(protocol.trials(), |index| {
        let trial = protocol.trial(method, model.as_ref(), index);
        bar.inc(1);
        trial
    });
    bar.finish_and_clear();
    protocol.score(method.name(), &trials)
}

fn reconstruction(matrix: &Matrix, most: usize) -> Option<Reconstruction> {
    let training = Training::all(matrix);
    Reconstruction::of(&training, &spectrum(&training), most)
}

/// The object of `--json`.
fn as_json(found: &Found<'_>, is_binary: bool) -> Value {
    let matrix = found.matrix;
    let ranks = found.reconstruction.as_ref().map_or(&[][..], |reconstruction| &reconstruction.ranks);
    let ranks = ranks.iter().enumerate().map(|(place, rank)| match found.f1.get(place) {
        Some(f1) => json!({"rank": rank.rank, "r2": rank.r2, "f1": f1}),
        None => json!(rank),
    });
    json!({
        "matrix": {
            "rows": matrix.rows(),
            "columns": matrix.columns(),
            "missing": matrix.missing(),
            "binary": is_binary,
        },
        "protocol": {
            "train_rows": list_of_rows(&found.split.training),
            "test_rows": list_of_rows(&found.split.test),
            "observed": found.observed,
            "seeds": found.seeds,
        },
        "methods": found.methods,
        "reconstruction": ranks.collect::<Vec<Value>>(),
        "effects": found.reconstruction.as_ref().map(|reconstruction| json!({
            "rows": reconstruction.rows,
            "columns": reconstruction.columns,
            "additive": reconstruction.additive,
        })),
        "notes": found.notes,
    })
}
