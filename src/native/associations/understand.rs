//! `lethe associations understand`.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::cli::Failure;
use super::super::{files, run};
use super::complete::MOST_FACTORS;
use super::progress::{bar, spectrum};
use super::understood;
use crate::associations::import::{self, MOST_BYTES, read_properties};
use crate::associations::{
    Ceiling, Compared, Factors, Grouped, Matrix, Ordering, PERMUTATIONS, Properties, Reconstruction, Spectrum,
    Training, order_columns, order_rows,
};
use crate::error::{Problem, Problems};

/// Arguments of `lethe associations understand`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A matrix with tasks as rows and upstream examples as columns, as CSV, .npy or .npz; several of them are the
    /// matrices of several seeds, whose mean is told, with the noise between them.
    #[arg(value_name = "MATRIX.{csv,npy,npz}", required = true)]
    files: Vec<String>,
    /// Factors that are told, and the highest rank of the reconstruction.
    #[arg(long, value_name = "R", default_value_t = 5)]
    rank: usize,
    /// Properties of the tasks, as CSV with a line of names and a line for each task: numbers are compared with the
    /// factors.
    #[arg(long, value_name = "FILE.csv")]
    tasks: Option<String>,
    /// Properties of the examples, likewise; labels are groups, of which it is told whether they are forgotten together.
    #[arg(long, value_name = "FILE.csv")]
    examples: Option<String>,
    /// Permutations of a p-value.
    #[arg(long, value_name = "N", default_value_t = PERMUTATIONS)]
    permutations: usize,
    /// With --json: the numbers of tasks and examples in this order.
    #[arg(long, value_enum)]
    order: Option<Order>,
    /// The array of an .npz that has several.
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Order {
    Given,
    Mean,
    Cluster,
    FirstSingular,
}

/// Most permutations.
const MOST_PERMUTATIONS: usize = 100_000;

/// All that was found.
#[derive(Serialize)]
pub struct Found {
    pub rows: usize,
    pub columns: usize,
    pub missing: usize,
    pub seeds: usize,
    /// `None` where all entries are equal.
    pub reconstruction: Option<Reconstruction>,
    /// Of several seeds.
    pub ceiling: Option<Ceiling>,
    pub correlations: Vec<Compared>,
    pub groups: Vec<Grouped>,
    pub notes: Vec<String>,
}

/// Analyses a matrix and tells what it is made of.
///
/// # Errors
/// Wrong input.
pub fn understand(arguments: &Arguments) -> Result<(), Failure> {
    arguments.check()?;
    let seeds = arguments
        .files
        .iter()
        .map(|file| Ok(import::read(&files::bytes(file, MOST_BYTES)?, arguments.array.as_deref())?))
        .collect::<Result<Vec<Matrix>, Failure>>()?;
    let matrix = Matrix::mean(&seeds)?;
    let ceiling = match &seeds[..] {
        [_] => None,
        several => Ceiling::of(&several.iter().collect::<Vec<_>>())?,
    };
    let training = Training::all(&matrix);
    let spectrum = spectrum(&training);
    let mut found = Found {
        rows: matrix.rows(),
        columns: matrix.columns(),
        missing: matrix.missing(),
        seeds: seeds.len(),
        reconstruction: Reconstruction::of(&training, &spectrum, arguments.rank),
        ceiling,
        correlations: Vec::new(),
        groups: Vec::new(),
        notes: matrix.notes(),
    };
    let properties = arguments.properties(&matrix)?;
    found.notes.extend(properties.notes());
    found.correlations = properties.beside(&Factors::of(&training, &spectrum, arguments.rank)).collect();
    for grouping in properties.groupings() {
        let mut permuting = grouping.permuting(training.clone(), arguments.permutations)?;
        let bar = bar(100, &format!("permutations, {}", grouping.property));
        loop {
            let done = permuting.advance();
            bar.set_position((100.0 * done) as u64);
            if done >= 1.0 {
                break;
            }
        }
        bar.finish_and_clear();
        found.groups.push(grouping.grouped(permuting));
    }
    found.notes.iter().for_each(|note| eprintln!("note: {note}"));
    if arguments.json {
        let mut object = serde_json::to_value(&found).map_err(|error| Failure::Other(error.to_string()))?;
        if let Some(order) = arguments.order {
            object["order"] = ordered(order.into(), &training, &spectrum);
        }
        say!("{}", run::json(&object)?);
    } else {
        understood::tell(&found);
    }
    Ok(())
}

fn ordered(by: Ordering, training: &Training<'_>, spectrum: &Spectrum) -> Value {
    json!({ "rows": order_rows(training, spectrum, by), "columns": order_columns(training, spectrum, by) })
}

impl From<Order> for Ordering {
    fn from(order: Order) -> Self {
        match order {
            Order::Given => Self::Given,
            Order::Mean => Self::Mean,
            Order::Cluster => Self::Cluster,
            Order::FirstSingular => Self::FirstSingular,
        }
    }
}

impl Arguments {
    fn check(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        for (option, value, most) in
            [("--rank", self.rank, MOST_FACTORS), ("--permutations", self.permutations, MOST_PERMUTATIONS)]
        {
            if !(1..=most).contains(&value) {
                problems.push(Problem::new(option, &value.to_string(), format!("a whole number from 1 to {most}")));
            }
        }
        if self.order.is_some() && !self.json {
            problems.push(Problem::new("--order", "without --json", "an order in JSON"));
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// What is known of tasks and examples, where it was given.
    fn properties(&self, matrix: &Matrix) -> Result<Properties, Problems> {
        let read = |option: &str, file: Option<&String>, names: &[String], count: usize| {
            file.map_or(Ok(Vec::new()), |file| read_properties(option, &files::bytes(file, MOST_BYTES)?, names, count))
        };
        Ok(Properties {
            tasks: read("--tasks", self.tasks.as_ref(), matrix.row_names(), matrix.rows())?,
            examples: read("--examples", self.examples.as_ref(), matrix.column_names(), matrix.columns())?,
        })
    }
}
