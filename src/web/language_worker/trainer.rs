//! Trains one run at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasm_bindgen::JsValue;

use super::answer::{Advanced, Begun};
use super::notes::read_strictly;
use crate::data::language::FineTuning;
use crate::error::Problem;
use crate::experiments::scaling::{Base, Job, Run, cells};
use crate::model::Size;
use crate::platform::now_millis;
use crate::web::answering::{object, written};
use crate::web::protocol::Packed;

/// Base models, and the run in hand.
#[derive(Default)]
pub struct Trainer {
    files: BTreeMap<String, Packed>,
    /// With what their runs are tested by, which takes a while to make.
    bases: Vec<Arc<Base>>,
    run: Option<Run>,
}

impl Trainer {
    /// Keeps the weights of a base.
    ///
    /// # Errors
    /// A file that is no base's.
    pub fn keep(&mut self, file: String, bytes: Packed) -> Result<JsValue, String> {
        if !is_base(&file) {
            return Err(Problem::new("file", &file, "a base, such as medium-0").to_string());
        }
        self.files.insert(file, bytes);
        Ok(object(&[]))
    }

    /// Puts a run in hand.
    ///
    /// # Errors
    /// A link or a job that there is not, a base that was not given or cannot be read.
    pub fn begin(&mut self, link: &str, job: Job) -> Result<JsValue, String> {
        self.run = None;
        let spec = read_strictly(link)?.spec;
        let cell = cells(&spec).get(job.cell as usize).copied();
        let cell = cell.ok_or_else(|| Problem::new("cell", &job.cell.to_string(), "a cell of the link").to_string())?;
        let base = self.base(cell.size, spec.base_seed, spec.fine_tuning)?;
        self.run = Some(Run::new(base, &spec, job).map_err(|problems| problems.to_string())?);
        written(&Begun { steps: spec.steps })
    }

    /// The weights of a base that was given.
    ///
    /// # Errors
    /// It was not.
    pub fn weights(&self, file: &str) -> Result<&[u8], String> {
        let bytes = self.files.get(file).ok_or_else(|| format!("The base model {file} was not given"))?;
        Ok(bytes.as_ref())
    }

    fn base(&mut self, size: Size, seed: u32, set: FineTuning) -> Result<Arc<Base>, String> {
        let is_it = |base: &&Arc<Base>| (base.size, base.seed, base.set) == (size, seed, set);
        if let Some(base) = self.bases.iter().find(is_it) {
            return Ok(Arc::clone(base));
        }
        let file = Base::file(size, seed);
        let base = Base::load(size, seed, set, self.weights(&file)?)
            .map_err(|fault| format!("The base model {file} cannot be used: {fault}"))?;
        self.bases.push(Arc::new(base));
        Ok(Arc::clone(&self.bases[self.bases.len() - 1]))
    }

    /// Works on the run for about so long.
    ///
    /// # Errors
    /// No run in hand.
    pub fn advance(&mut self, millis: f64) -> Result<JsValue, String> {
        let run = self.run.as_mut().ok_or("No run is in hand: ask `begin` first")?;
        let deadline = now_millis() + millis;
        let mut events = Vec::new();
        while !run.is_over() {
            events.extend(run.advance());
            if now_millis() >= deadline {
                break;
            }
        }
        let answer = Advanced { step: run.step(), done: run.is_over(), events };
        if answer.done {
            self.run = None;
        }
        written(&answer)
    }
}

fn is_base(file: &str) -> bool {
    let parts = file.rsplit_once('-').map(|(size, seed)| (Size::named(size), seed.parse::<u32>()));
    matches!(parts, Some((Some(_), Ok(_))))
}
