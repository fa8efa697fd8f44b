//! Runs from the visitor's files.

use super::analysed::Analysed;
use super::answer::{Generations, ImportTold, RecordTold};
use super::texts::texts_at;
use crate::error::{Problem, Problems};
use crate::figure::Figure;
use crate::laws::import::{self, Format, Options};
use crate::laws::{Observation, Observations};
use crate::record::{llama, scaling};
use crate::report::llama::{figures, report, title, written};
use crate::report::scaling::Fitted;
use crate::web::answering::{Listed, Said};

/// What has been imported so far.
#[derive(Default)]
pub struct Own {
    rows: Vec<Observation>,
    analysed: Option<Analysed>,
    records: Vec<Opened>,
}

/// A record of a real Llama with its figures, whose names begin with its place.
struct Opened {
    record: llama::Record,
    figures: Vec<Figure>,
}

impl Own {
    /// Reads a file; its runs are added where all of it can be used, or bad rows may be skipped.
    ///
    /// # Errors
    /// A file that cannot be read at all.
    pub fn import(&mut self, name: &str, bytes: &[u8], options: Options, skip: bool) -> Result<ImportTold, String> {
        if llama::Record::is_one(bytes) {
            let record = llama::Record::read(bytes).map_err(|problems| problems.to_string())?;
            return Ok(self.open(record));
        }
        if let Some(rows) = scaling::Record::observations(bytes) {
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

    fn open(&mut self, record: llama::Record) -> ImportTold {
        let note = format!("A record of {}, {} checkpoints.", title(&record), record.points.len());
        let told = self.take(record.observations(), ImportTold { notes: vec![note], ..ImportTold::default() });
        let figures = figures(&record, &format!("record-{}-", self.records.len()));
        self.records.push(Opened { record, figures });
        told
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
        if self.rows.is_empty() && self.records.is_empty() {
            return Err("No runs have been imported: open a file first".to_owned());
        }
        if self.analysed.is_none() {
            let all = Observations::gather(self.rows.clone());
            self.analysed = Some(Analysed::of_runs(Fitted::of_anyone(&all)));
        }
        self.analysed.as_mut().ok_or_else(|| "The imported runs were not analysed".to_owned())
    }

    /// All figures that there are: of the laws, where they were asked for, and of records.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        let of_laws = self.analysed.iter().flat_map(|analysed| &analysed.figures);
        of_laws.chain(self.records.iter().flat_map(|opened| &opened.figures))
    }

    /// What each record says by itself.
    pub fn records(&self) -> Vec<RecordTold> {
        self.records.iter().map(Opened::told).collect()
    }

    /// What base and tuned model of a record write at a step, the last one where none is told.
    ///
    /// # Errors
    /// A record or a step that there is not.
    pub fn texts(&self, record: usize, step: Option<u32>) -> Result<Generations, String> {
        let Opened { record, .. } = self.records.get(record).ok_or_else(|| {
            let accepted = format!("one of {} imported, counted from 0", self.records.len());
            Problem::new("record", &record.to_string(), accepted).to_string()
        })?;
        let with_texts: Vec<(u32, _)> = record
            .points
            .iter()
            .filter(|point| !point.measures.generations.is_empty())
            .map(|point| (point.step, point))
            .collect();
        texts_at(&with_texts, step, |point| written(point), &title(record))
    }
}

impl Opened {
    fn told(&self) -> RecordTold {
        let said = report(&self.record);
        let with_texts = self.record.points.iter().filter(|point| !point.measures.generations.is_empty());
        RecordTold {
            run_id: self.record.run_id.clone(),
            title: title(&self.record),
            headline: said.headline,
            more: said.more,
            statements: said.statements.into_iter().map(Said::from).collect(),
            figures: self.figures.iter().map(Listed::from).collect(),
            warnings: said.warnings,
            texts: with_texts.map(|point| point.step).collect(),
        }
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
