//! Gathers runs, keeps matrices, and answers what is asked about them.

use std::collections::BTreeMap;

use wasm_bindgen::JsValue;

use super::answer::Source;
use super::ask::{Ask, Predict};
use super::gathered;
use super::imported::Own;
use super::links::{read, read_strictly, subject};
use super::looked::{Known, Looked};
use super::predicting::Predicting;
use crate::error::Problem;
use crate::experiments::associations::{Outcome, Results, jobs};
use crate::figure::Figure;
use crate::figure::png::with_text;
use crate::record::link::science;
use crate::web::answering::{Picture, object, written};

/// Highest rank that is told.
const MOST_RANK: usize = 100;

/// Everything that the page can ask about.
#[derive(Default)]
pub struct Desk {
    results: Option<Results>,
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
                let spec = read_strictly(&link)?.spec;
                let base = subject(&spec, weights)?;
                self.results = Some(Results::new(spec, &base));
                self.forget(|source| source.starts_with("own"));
                Ok(object(&[]))
            }
            Ask::Tell { job, outcome } => {
                let outcome: Outcome = outcome.unpack().map_err(|fault| fault.to_string())?;
                self.results()?.take(job, outcome);
                self.forget(|source| source.starts_with("own"));
                Ok(object(&[]))
            }
            Ask::Report {} => self.report(),
            Ask::Import { name, bytes, array } => {
                let told = self.own.import(name, bytes.as_ref(), array.as_deref())?;
                self.forget(|source| !source.starts_with("own"));
                written(&told)
            }
            Ask::Forget {} => {
                self.own = Own::default();
                self.forget(|source| !source.starts_with("own"));
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
            Ask::Predict(asked) => self.predict(&asked),
            Ask::Figure { id, sheet } => {
                let figure = self.figures().into_iter().find(|figure| figure.id == id);
                let figure = figure.ok_or_else(|| Problem::new("figure", &id, "a figure that there is").to_string())?;
                written(&Picture::of(&figure, &sheet, &self.link())?)
            }
            Ask::Stamp { png, source } => {
                Ok(js_sys::Uint8Array::from(with_text(png.as_ref(), "Source", &source).as_slice()).into())
            }
        }
    }

    fn results(&mut self) -> Result<&mut Results, String> {
        self.results.as_mut().ok_or_else(|| "Nothing is gathered yet: ask `gather` first".to_owned())
    }

    /// Forgets what was made of all matrices but those.
    fn forget(&mut self, but: impl Fn(&str) -> bool) {
        self.looked.retain(|source, _| but(source));
        self.predicting.take_if(|(source, _)| !but(source));
    }

    fn looked(&mut self, source: &str) -> Result<&mut Looked, String> {
        if !self.looked.contains_key(source) {
            let looked = match (self.own.matrix(source), &self.results) {
                (Some(own), _) => Looked::new(own, Known::default()),
                (None, Some(results)) => {
                    Looked::new(gathered::matrix(results, source)?, gathered::known(results, source))
                }
                (None, None) => return Err("There is no matrix yet".to_owned()),
            };
            self.looked.insert(source.to_owned(), looked);
        }
        self.looked.get_mut(source).ok_or_else(|| "There is no matrix yet".to_owned())
    }

    fn predict(&mut self, asked: &Predict) -> Result<JsValue, String> {
        let looked = self.looked(&asked.source)?;
        let (matrix, is_binary, noise) = (looked.matrix.clone(), looked.is_binary, looked.noise());
        let unit = if is_binary { "of probabilities" } else { self.unit(&asked.source) };
        let kept = self.predicting.take().filter(|(_, predicting)| predicting.fits(&matrix, asked));
        let (_, predicting) = match kept {
            Some(kept) => self.predicting.insert(kept),
            None => {
                let begun = Predicting::new(&matrix, is_binary, noise, unit, asked).map_err(|problems| problems.to_string())?;
                self.predicting.insert((asked.source.clone(), begun))
            }
        };
        written(&predicting.advance(asked).map_err(|problems| problems.to_string())?)
    }

    fn sources(&self) -> Vec<Source> {
        self.results.iter().flat_map(gathered::sources).chain(self.own.sources()).collect()
    }

    fn unit(&self, source: &str) -> &'static str {
        self.sources().iter().find(|each| each.id == source).map_or("", |each| each.unit)
    }

    fn figures(&self) -> Vec<Figure> {
        self.predicting.iter().map(|(_, predicting)| predicting.figure()).collect()
    }

    /// The link that figures are signed with.
    fn link(&self) -> String {
        self.results.as_ref().map_or_else(String::new, |results| format!("#{}", science(&results.spec)))
    }

    fn report(&mut self) -> Result<JsValue, String> {
        let results = self.results()?;
        let all = jobs(&results.spec).len();
        let done = all - results.missing().len();
        Ok(object(&[("done", done.into()), ("jobs", all.into()), ("complete", (done == all).into())]))
    }
}
