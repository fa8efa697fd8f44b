//! Gathers runs, keeps matrices, and answers what is asked about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasm_bindgen::JsValue;

use super::answer::Source;
use super::ask::{Ask, Predict};
use super::imported::Own;
use super::known::Kinds;
use super::links::{read, read_strictly, subject};
use super::looked::Looked;
use super::measured;
use super::predicting::Predicting;
use super::reported::Gathered;
use crate::associations::as_csv;
use crate::error::{Problem, Problems};
use crate::experiments::associations::{Outcome, Results};
use crate::experiments::scaling::Limits;
use crate::figure::Figure;
use crate::figure::png::with_text;
use crate::record::associations::{Link, Record};
use crate::record::link::{build, science};
use crate::record::{Fingerprint, Timing};
use crate::web::answering::{Picture, object, written};
use crate::web::language_worker::answer::Opened;
use crate::web::protocol::Packed;

/// Highest rank that is told.
const MOST_RANK: usize = 100;

/// How names of a record's matrices begin, before those that a run's would have.
const RECORD: &str = "record-";

/// Whose a matrix is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Run,
    Record,
    Visitor,
}

impl Whose {
    fn of(source: &str) -> Self {
        match source {
            own if own.starts_with("own") => Self::Visitor,
            record if record.starts_with(RECORD) => Self::Record,
            _ => Self::Run,
        }
    }
}

/// Everything that the page can ask about.
#[derive(Default)]
pub struct Desk {
    gathered: Option<Gathered>,
    /// The last record that was opened, and what it says.
    opened: Option<(Record, Results)>,
    own: Own,
    looked: BTreeMap<String, Looked>,
    predicting: Option<(String, Predicting)>,
}

impl Desk {
    /// The answer, as a plain value; `weights` finds those of a base.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn answer<'a>(
        &mut self,
        ask: Ask,
        weights: impl Fn(&str) -> Result<&'a [u8], String>,
    ) -> Result<JsValue, String> {
        match ask {
            Ask::Begin { .. } | Ask::Advance { .. } => Err("Only a trainer trains".to_owned()),
            Ask::Read { link } => written(&read(&link)),
            Ask::Gather { link } => {
                let link = read_strictly(&link)?;
                let base = subject(&link.spec, weights)?;
                let results = Results::new(link.spec.clone(), &base);
                self.gathered = Some(Gathered::new(link, results));
                self.forget(Whose::Run);
                Ok(object(&[]))
            }
            Ask::Tell { job, outcome } => {
                let outcome: Outcome = outcome.unpack().map_err(|fault| fault.text)?;
                let gathered = self.gathered()?;
                if !gathered.results.take(job, outcome) {
                    return Err("This outcome is not one of that run".to_owned());
                }
                gathered.renew();
                self.forget(Whose::Run);
                Ok(object(&[]))
            }
            Ask::Aim { job } => match self.gathered()?.results.aim(job) {
                None => Ok(JsValue::NULL),
                Some(aim) => {
                    let packed = Packed::new(&aim).map_err(|fault| fault.text)?;
                    Ok(js_sys::Uint8Array::from(packed.as_ref()).into())
                }
            },
            Ask::Report {} => {
                let opened = self.opened.take();
                let record = opened.as_ref().map(|(record, _)| record);
                let report = self.gathered().map(|gathered| gathered.report(record));
                self.opened = opened;
                written(&report?)
            }
            Ask::Record { seconds, workers } => {
                let record = self.complete()?.record(Timing { seconds, workers });
                serde_json::to_string_pretty(&record)
                    .map(JsValue::from)
                    .map_err(|why| format!("The record could not be written: {why}"))
            }
            Ask::Open { json } => self.open(&json),
            Ask::Csv {} => {
                let mean = self.complete()?.results.mean().ok_or("No entry is there")?;
                as_csv(&mean, mean.entries()).map(JsValue::from)
            }
            Ask::Import { name, bytes, array } => {
                let told = self.own.import(name, bytes.as_ref(), array.as_deref())?;
                self.forget(Whose::Visitor);
                written(&told)
            }
            Ask::Describe { of, name, bytes } => {
                let told = self.own.describe(of, &name, bytes.as_ref())?;
                self.forget(Whose::Visitor);
                written(&told)
            }
            Ask::Forget {} => {
                self.own = Own::default();
                self.forget(Whose::Visitor);
                Ok(object(&[]))
            }
            Ask::Sources {} => written(&self.sources()),
            Ask::Matrix { source } => written(&self.looked(&source)?.sight()),
            Ask::Decompose { source, millis } => {
                Ok(object(&[("share", self.looked(&source)?.decompose(millis).into())]))
            }
            Ask::Order { source, rows, columns } => written(&self.looked(&source)?.order(rows, columns)),
            Ask::Picture(asked) => self.looked(&asked.source)?.picture(&asked),
            Ask::Cell { source, row, column } => written(&self.looked(&source)?.entry(row, column)?),
            Ask::Overview { source } => written(&self.looked(&source)?.overview()),
            Ask::Reconstruction { source, rank } => written(&self.looked(&source)?.held(rank.clamp(1, MOST_RANK))),
            Ask::Together { source, millis } => written(&self.looked(&source)?.together(millis)),
            Ask::Factors { source, rank, millis } => written(&self.looked(&source)?.factors(rank, millis)),
            Ask::Predict(asked) => self.predict(&asked),
            Ask::Figure { id, sheet } => written(&Picture::of(&self.figure(&id)?, &sheet, &self.link())?),
            Ask::Stamp { png, source } => {
                Ok(js_sys::Uint8Array::from(with_text(png.as_ref(), "Source", &source).as_slice()).into())
            }
        }
    }

    fn gathered(&mut self) -> Result<&mut Gathered, String> {
        self.gathered.as_mut().ok_or_else(|| "Nothing is gathered yet: ask `gather` first".to_owned())
    }

    fn complete(&mut self) -> Result<&mut Gathered, String> {
        let gathered = self.gathered()?;
        if gathered.is_complete() { Ok(gathered) } else { Err("The run is not complete yet".to_owned()) }
    }

    fn open(&mut self, json: &str) -> Result<JsValue, String> {
        let wrong = |problems: Problems| problems.to_string();
        let (record, spec) = Record::read(json, &Limits::PAGE).map_err(wrong)?;
        let results = record.results(spec).map_err(wrong)?;
        let claimed = Fingerprint::parse(&record.fingerprint)
            .ok_or_else(|| Problem::new("fingerprint", &record.fingerprint, "a fingerprint").to_string())?;
        let text = Link::write(&results.spec, Some(&build(&record.build)), Some(&claimed), &[]);
        let opened = Opened { link: Some(text), build: record.build.clone() };
        self.opened = Some((record, results));
        self.forget(Whose::Record);
        written(&opened)
    }

    /// Forgets what was made of somebody's matrices.
    fn forget(&mut self, whose: Whose) {
        self.looked.retain(|source, _| Whose::of(source) != whose);
        self.predicting.take_if(|(source, _)| Whose::of(source) == whose);
    }

    fn looked(&mut self, source: &str) -> Result<&mut Looked, String> {
        if !self.looked.contains_key(source) {
            let none = || "There is no such matrix yet".to_owned();
            let of = |results: &Results, source: &str| {
                let kinds = measured::kinds(results, source);
                // What these say is told with the run: docs/associations.md.
                Ok::<Looked, String>(Looked::new(measured::matrix(results, source)?, kinds, Arc::default()))
            };
            let looked = match Whose::of(source) {
                Whose::Visitor => {
                    let properties = Arc::clone(&self.own.properties);
                    Looked::new(self.own.matrix(source).ok_or_else(none)?, Kinds::of(&properties), properties)
                }
                Whose::Run => of(&self.gathered.as_ref().ok_or_else(none)?.results, source)?,
                Whose::Record => {
                    of(&self.opened.as_ref().ok_or_else(none)?.1, source.strip_prefix(RECORD).unwrap_or_default())?
                }
            };
            self.looked.insert(source.to_owned(), looked);
        }
        self.looked.get_mut(source).ok_or_else(|| "There is no such matrix yet".to_owned())
    }

    fn predict(&mut self, asked: &Predict) -> Result<JsValue, String> {
        let looked = self.looked(&asked.source)?;
        let (matrix, is_binary, noise) = (looked.matrix.clone(), looked.is_binary, looked.noise());
        let unit = if is_binary { "of probabilities" } else { self.unit(&asked.source) };
        let kept = self.predicting.take().filter(|(_, predicting)| predicting.fits(&matrix, asked));
        let (_, predicting) = match kept {
            Some(kept) => self.predicting.insert(kept),
            None => {
                let begun =
                    Predicting::new(&matrix, is_binary, noise, unit, asked).map_err(|problems| problems.to_string())?;
                self.predicting.insert((asked.source.clone(), begun))
            }
        };
        written(&predicting.advance(asked).map_err(|problems| problems.to_string())?)
    }

    fn sources(&self) -> Vec<Source> {
        let of_run = self.gathered.iter().flat_map(|gathered| measured::sources(&gathered.results));
        let of_record = self.opened.iter().flat_map(|(_, results)| measured::sources(results)).map(|source| Source {
            id: format!("{RECORD}{}", source.id),
            title: format!("Record: {}", source.title),
            unit: source.unit,
        });
        of_run.chain(of_record).chain(self.own.sources()).collect()
    }

    fn unit(&self, source: &str) -> &'static str {
        self.sources().iter().find(|each| each.id == source).map_or("", |each| each.unit)
    }

    fn figure(&self, id: &str) -> Result<Figure, String> {
        let of_run = self.gathered.iter().flat_map(|gathered| gathered.figures().iter().cloned());
        let all: Vec<Figure> =
            of_run.chain(self.predicting.iter().map(|(_, predicting)| predicting.figure())).collect();
        let known: Vec<&str> = all.iter().map(|figure| figure.id.as_str()).collect();
        let wrong = Problem::new("figure", id, known.join(", ")).to_string();
        all.into_iter().find(|figure| figure.id == id).ok_or(wrong)
    }

    /// The link that figures are signed with.
    fn link(&self) -> String {
        self.gathered.as_ref().map_or_else(String::new, |gathered| format!("#{}", science(&gathered.results.spec)))
    }
}
