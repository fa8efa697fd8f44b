//! `lethe associations understand`.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::cli::Failure;
use super::super::{files, run};
use super::complete::MOST_FACTORS;
use super::progress::spectrum;
use super::properties::{self, Values};
use super::understood;
use crate::associations::import::{self, MOST_BYTES};
use crate::associations::{
    Ceiling, CoForgetting, Correlation, Matrix, Ordering, Reconstruction, Spectrum, Training, order_columns,
    order_rows, pearson, spearman,
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
    #[arg(long, value_name = "N", default_value_t = 1000)]
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

/// A factor beside a property.
#[derive(Serialize)]
pub struct Compared {
    /// `tasks` or `examples`.
    pub of: &'static str,
    pub property: String,
    /// From 1.
    pub factor: usize,
    pub pearson: Option<Correlation>,
    pub spearman: Option<Correlation>,
}

/// Examples grouped by a property.
#[derive(Serialize)]
pub struct Grouped {
    pub property: String,
    /// By their numbers in `found`.
    pub labels: Vec<String>,
    #[serde(flatten)]
    pub found: CoForgetting,
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
    let factors = Factors::of(&training, &spectrum, arguments.rank);
    if let Some(file) = &arguments.tasks {
        let bytes = files::bytes(file, MOST_BYTES)?;
        for property in properties::read("--tasks", &bytes, matrix.row_names(), matrix.rows())? {
            match property.values {
                Values::Numbers(values) => found.compare("tasks", &property.name, &values, &factors.tasks),
                Values::Labels(..) => {
                    found.notes.push(format!("Tasks' {} is text: only numbers of tasks are compared.", property.name));
                }
            }
        }
    }
    if let Some(file) = &arguments.examples {
        let bytes = files::bytes(file, MOST_BYTES)?;
        for property in properties::read("--examples", &bytes, matrix.column_names(), matrix.columns())? {
            match property.values {
                Values::Numbers(values) => found.compare("examples", &property.name, &values, &factors.examples),
                Values::Labels(of_columns, labels) => {
                    let together = CoForgetting::of(&training, &of_columns, arguments.permutations)?;
                    found.groups.push(Grouped { property: property.name, labels, found: together });
                }
            }
        }
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
}

/// Singular vectors, each with the sign that makes the tasks' sum positive.
struct Factors {
    /// By factor: `[M]`.
    tasks: Vec<Vec<f64>>,
    /// By factor: `[N]`.
    examples: Vec<Vec<f64>>,
}

impl Factors {
    fn of(training: &Training<'_>, spectrum: &Spectrum, most: usize) -> Self {
        let rank = spectrum.rank(most);
        let right = spectrum.right(training, None, rank);
        let (mut tasks, mut examples) = (Vec::new(), Vec::new());
        for k in 0..rank {
            let own: Vec<f64> = (0..training.rows()).map(|row| spectrum.left[(row, k)]).collect();
            let sign = if own.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
            tasks.push(own.iter().map(|value| sign * value).collect());
            examples.push(right.chunks_exact(rank).map(|of_column| sign * of_column[k]).collect());
        }
        Self { tasks, examples }
    }
}

impl Found {
    fn compare(&mut self, of: &'static str, property: &str, values: &[f64], factors: &[Vec<f64>]) {
        self.correlations.extend(factors.iter().enumerate().map(|(place, factor)| Compared {
            of,
            property: property.to_owned(),
            factor: place + 1,
            pearson: pearson(factor, values),
            spearman: spearman(factor, values),
        }));
    }
}
