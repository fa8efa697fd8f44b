//! `log.csv`: a row for each look at a run.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::native::cli::Failure;
use crate::native::files;

/// A table under a header `step,...`, written row by row.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    columns: Vec<String>,
    file: File,
}

impl Table {
    /// A new table; or, where `resumed` says after which step a run goes on, the one that is there, without rows of later
    /// steps and without a last row that was not finished.
    ///
    /// # Errors
    /// A file that cannot be written, or one with other columns.
    pub fn open(path: &Path, columns: &[&str], resumed: Option<u64>) -> Result<Self, Failure> {
        let header = format!("step,{}\n", columns.join(","));
        let kept = match resumed {
            Some(step) if path.exists() => kept(path, &header, step)?,
            _ => header,
        };
        let failed = |error: std::io::Error| failed(path, &error);
        files::replace(path, kept.as_bytes()).map_err(failed)?;
        let file = File::options().append(true).open(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), columns: columns.iter().map(|&name| name.to_owned()).collect(), file })
    }

    /// Names of the columns, `step` apart.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Writes one row. Numbers are written in full; one that is not finite as `NaN`, `inf` or `-inf`.
    ///
    /// # Errors
    /// A file that cannot be written.
    ///
    /// # Panics
    /// If there are not as many values as columns.
    pub fn row(&mut self, step: u64, values: &[Option<f64>]) -> Result<(), Failure> {
        assert_eq!(values.len(), self.columns.len(), "a value for each column");
        let mut line = step.to_string();
        for value in values {
            line.push(',');
            if let Some(value) = value {
                line.push_str(&value.to_string());
            }
        }
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(|error| failed(&self.path, &error))
    }
}

/// The header and the whole rows up to a step.
fn kept(path: &Path, header: &str, step: u64) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| failed(path, &error))?;
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first != header {
        let (found, wanted) = (first.trim_end(), header.trim_end());
        return Err(Failure::Other(format!("{} has the columns {found}, not {wanted}: move it away", path.display())));
    }
    let of = |line: &str| line.split(',').next().and_then(|cell| cell.parse::<u64>().ok());
    let whole = |line: &&str| line.ends_with('\n') && of(line).is_some_and(|own| own <= step);
    Ok(std::iter::once(first).chain(lines.filter(whole)).collect())
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("cannot write {}: {error}", path.display()))
}
