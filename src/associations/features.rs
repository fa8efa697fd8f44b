//! What is known of tasks and of examples before any fine-tuning.

use super::matrix::MOST_SIZE;
use crate::error::{Problem, Problems};

/// Most numbers of a row or a column: what is computed grows with their cube.
pub const MOST_FEATURES: usize = 1024;

/// Numbers that describe every row and every column of a matrix, such as a model's representations of tasks and
/// examples.
///
/// # Shapes
/// `rows`: `[M, d]`; `columns`: `[N, e]`; row by row in single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    rows: Vec<f32>,
    columns: Vec<f32>,
    counts: [usize; 2],
}

impl Features {
    /// Of so many rows and columns.
    ///
    /// # Errors
    /// Another number of numbers than a multiple of the rows or columns, none or more than [`MOST_FEATURES`] of each,
    /// and numbers that are missing or beyond 1e15.
    pub fn new(shape: [usize; 2], rows: Vec<f32>, columns: Vec<f32>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut count = |what: &str, numbers: &[f32], items: usize| {
            let each = numbers.len() / items.max(1);
            let field = format!("features of {what}");
            if each * items != numbers.len() || !(1..=MOST_FEATURES).contains(&each) {
                let accepted = format!("1 to {MOST_FEATURES} numbers for each of {items} {what}");
                problems.push(Problem::new(&field, &format!("{} numbers", numbers.len()), accepted));
            } else if let Some(at) = numbers.iter().position(|number| number.is_nan() || number.abs() > MOST_SIZE) {
                let place = format!("{field}, of {} the {}", at / each, at % each);
                problems.push(Problem::new(&place, &numbers[at].to_string(), "a number from -1e15 to 1e15"));
            }
            each
        };
        let counts = [count("rows", &rows, shape[0]), count("columns", &columns, shape[1])];
        if problems.is_empty() { Ok(Self { rows, columns, counts }) } else { Err(Problems(problems)) }
    }

    /// Those of all rows and of some columns; `None` of none.
    pub fn of_columns(&self, columns: &[usize]) -> Option<Self> {
        let [_, each] = self.counts;
        let own = columns.iter().flat_map(|&column| &self.columns[column * each..][..each]).copied().collect();
        (!columns.is_empty()).then(|| Self { rows: self.rows.clone(), columns: own, counts: self.counts })
    }

    /// Those of all rows, and how many each has.
    pub fn rows(&self) -> (&[f32], usize) {
        (&self.rows, self.counts[0])
    }

    /// Those of all columns, and how many each has.
    pub fn columns(&self) -> (&[f32], usize) {
        (&self.columns, self.counts[1])
    }
}
