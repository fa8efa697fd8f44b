//! Runs from the visitor's files.

use super::analysed::Analysed;
use super::answer::ImportTold;
use crate::error::{Problem, Problems};
use crate::laws::import::{self, Format, Options};
use crate::laws::{Observation, Observations};
use crate::record::scaling::Record;
use crate::report::scaling::Fitted;

/// What has been imported so far.
#[derive(Default)]
pub struct Own {
    rows: Vec<Observation>,
    analysed: Option<Analysed>,
}

impl Own {
    /// Reads a file; its runs are added where all of it can be used, or bad rows may be skipped.
    ///
    /// # Errors
    /// A file that cannot be read at all.
    pub fn import(&mut self, name: &str, bytes: &[u8], options: Options, skip: bool) -> Result<ImportTold, String> {
        if let Some(rows) = Record::observations(bytes) {
            return Ok(self.take(rows.map_err(|problems| problems.to_string())?, ImportTold::default()));
        }
        let columns = import::columns(bytes).map_err(|problems| problems.to_string())?;
        let told = ImportTold { columns, ..ImportTold::default() };
        // A trainer's state is one run, and its file is all that names it.
        let run = (Format::of(bytes) == Format::TrainerState).then(|| name.to_owned());
        let found = match import::read(bytes, &Options { run, ..options }) {
            Ok(found) => found,
            Err(problems) => match missing(&problems) {
                Some(words) => return Ok(ImportTold { missing: Some(words), ..told }),
                None => return Err(problems.to_string()),
            },
        };
        let told = ImportTold {
            notes: found.notes,
            bad: found.bad.iter().map(ToString::to_string).collect(),
            more_bad: found.more_bad,
            ..told
        };
        Ok(if told.bad.is_empty() || skip { self.take(found.observations, told) } else { told })
    }

    fn take(&mut self, rows: Vec<Observation>, told: ImportTold) -> ImportTold {
        let (count, runs) = (rows.len(), Observations::gather(rows.clone()).runs().len());
        self.rows.extend(rows);
        self.analysed = None;
        ImportTold { taken: true, rows: count, runs, ..told }
    }

    /// The laws of all that was imported.
    ///
    /// # Errors
    /// Nothing was.
    pub fn analysed(&mut self) -> Result<&mut Analysed, String> {
        if self.rows.is_empty() {
            return Err("No runs have been imported: open a file first".to_owned());
        }
        if self.analysed.is_none() {
            let all = Observations::gather(self.rows.clone());
            self.analysed = Some(Analysed::of_runs(Fitted::of_anyone(&all)));
        }
        self.analysed.as_mut().ok_or_else(|| "The imported runs were not analysed".to_owned())
    }

    /// The laws of all that was imported, where they were asked for.
    pub fn known(&self) -> Option<&Analysed> {
        self.analysed.as_ref()
    }
}

/// Which required fields are in no column, as a sentence; `None` where something else is wrong.
fn missing(problems: &Problems) -> Option<String> {
    let field = |problem: &Problem| {
        let name = problem.field.strip_prefix("column ").filter(|_| problem.value == "missing")?;
        Some(name.to_owned())
    };
    let fields: Vec<String> = problems.0.iter().map(field).collect::<Option<_>>()?;
    Some(format!("No column is called {}: say below where to find it.", fields.join(" or ")))
}
