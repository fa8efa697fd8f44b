//! Runs from files: bytes in, observations and named problems out.
//!
//! Nothing here trusts a file: bytes, rows and columns are bounded, every number is checked for its range, and a row
//! that cannot be read is named by its line, with field, value and what is accepted.

mod field;
mod history;
mod json;
mod table;
mod wandb;

pub use field::{FIELDS, Field, Unit};

use super::observation::Observation;
use crate::error::{Problem, Problems};

/// Largest file, in bytes.
pub const MOST_BYTES: usize = 64 << 20;
/// Most rows of one file.
pub const MOST_ROWS: usize = 1_000_000;
/// Most columns of one file.
pub const MOST_COLUMNS: usize = 10_000;
/// How many bad rows are told one by one.
pub const MOST_TOLD: usize = 50;

/// What a file does not say by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The column, key or metric that holds a field, where it is not called as the field is.
    pub columns: Vec<(Field, String)>,
    /// The unit of a field, where it is not the field's own.
    pub units: Vec<(Field, Unit)>,
    /// The value of a field in every row, or in every row of one run.
    pub constants: Vec<Constant>,
    /// What a file of a single run calls that run.
    pub run: Option<String>,
}

/// A field's value that no column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// `None`: all runs.
    pub run: Option<String>,
    pub field: Field,
    pub value: String,
}

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    pub observations: Vec<Observation>,
    /// Rows that cannot be used, the first [`MOST_TOLD`] of their problems.
    pub bad: Vec<Problem>,
    /// How many problems there are beyond these.
    pub more_bad: usize,
    /// What was made of the file, where that is not plain, as sentences.
    pub notes: Vec<String>,
}

impl Imported {
    fn tell(&mut self, problem: Problem) {
        if self.bad.len() < MOST_TOLD {
            self.bad.push(problem);
        } else {
            self.more_bad += 1;
        }
    }
}

/// Which kind of file this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One row per checkpoint under a header of column names; commas, semicolons or tabs.
    Table,
    /// A W&B chart: a column of steps, then one column per run and metric, called "run - metric".
    WandbTable,
    /// A list of objects, or one object per line.
    Json,
    /// `trainer_state.json` of transformers.
    TrainerState,
}

impl Format {
    /// The format that a file's beginning shows.
    ///
    /// ```
    /// use lethe::laws::import::Format;
    /// assert_eq!(Format::of(b"parameters,steps"), Format::Table);
    /// assert_eq!(Format::of(b"\"Step\",\"r8 - eval/loss\"\n"), Format::WandbTable);
    /// assert_eq!(Format::of(br#"{"log_history": []}"#), Format::TrainerState);
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        let start = without_mark(bytes).trim_ascii_start();
        let has = |text: &str| start.windows(text.len()).any(|window| window == text.as_bytes());
        match start.first() {
            Some(b'[') => Self::Json,
            Some(b'{') if has("\"log_history\"") => Self::TrainerState,
            Some(b'{') => Self::Json,
            _ => {
                let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or(start);
                if line.windows(3).any(|window| window == b" - ") { Self::WandbTable } else { Self::Table }
            }
        }
    }
}

/// Reads observations from a file's bytes.
///
/// # Errors
/// A file that cannot be read at all: too large, not text, not of its format, without a required column. Single rows
/// that cannot be used are in [`Imported::bad`] instead, so that the caller decides.
///
/// ```
/// use lethe::laws::import::{Options, read};
/// let file = b"parameters,steps,fine_tuning_loss,forgetting\n8,50,1.2,nan\n8,60,1.1,0.7\n";
/// let found = read(file, &Options::default()).expect("a header and two rows");
/// assert_eq!(found.observations.len(), 1);
/// assert_eq!(found.bad[0].field, "line 2, forgetting");
/// ```
pub fn read(bytes: &[u8], options: &Options) -> Result<Imported, Problems> {
    if bytes.len() > MOST_BYTES {
        let accepted = format!("a file of at most {MOST_BYTES} bytes");
        return Err(Problems(vec![Problem::new("file", &format!("{} bytes", bytes.len()), accepted)]));
    }
    if without_mark(bytes).trim_ascii().is_empty() {
        return Err(Problems(vec![Problem::new("file", "empty", "a file with at least one row")]));
    }
    let bytes = without_mark(bytes);
    match Format::of(bytes) {
        Format::Table => table::read(bytes, options),
        Format::WandbTable => wandb::read(bytes, options),
        Format::Json => json::read(bytes, options),
        Format::TrainerState => json::read_trainer_state(bytes, options),
    }
}

/// What a file's columns, keys or metrics are called, for whoever says which of them holds a field.
///
/// # Errors
/// A file that cannot be read at all.
///
/// ```
/// use lethe::laws::import::columns;
/// assert_eq!(columns(b"iteration,loss\n1,2.5\n"), Ok(vec!["iteration".to_owned(), "loss".to_owned()]));
/// ```
pub fn columns(bytes: &[u8]) -> Result<Vec<String>, Problems> {
    let bytes = without_mark(bytes);
    match Format::of(bytes) {
        Format::Table => Ok(table::Rows::of(bytes)?.header),
        Format::WandbTable => wandb::columns(bytes),
        Format::Json => json::columns_of_objects(bytes),
        Format::TrainerState => json::columns_of_trainer_state(bytes),
    }
}

/// Without the mark that some programs write before UTF-8.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The problem of too many of something.
fn too_many(field: &str, most: usize) -> Problems {
    Problems(vec![Problem::new(field, &format!("more than {most}"), format!("at most {most}"))])
}
