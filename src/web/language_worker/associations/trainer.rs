//! Carries out one run at a time.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::links::read_strictly;
use crate::experiments::associations::{Aim, CheckedSpec, Job, Outcome, Run, Subject};
use crate::platform::{Pieces, rest};
use crate::web::answering::object;
use crate::web::protocol::Packed;

/// A base with its tasks, and the run in hand.
#[derive(Default)]
pub struct Trainer {
    /// Of the last link.
    subject: Option<(CheckedSpec, Rc<Subject>)>,
    run: Option<Pieces<Result<Outcome, String>>>,
}

impl Trainer {
    /// Puts a run in hand, with what is known to it (nothing, if it needs nothing); `weights` finds those of a base.
    ///
    /// # Errors
    /// A link or a job that there is not, a base that was not given or cannot be used.
    pub fn begin<'a>(
        &mut self,
        link: &str,
        (job, aim): (Job, Option<Packed>),
        weights: impl Fn(&str) -> Result<&'a [u8], String>,
    ) -> Result<JsValue, String> {
        self.run = None;
        let spec = read_strictly(link)?.spec;
        let aim = aim.map_or(Ok(Aim::Nothing), |aim| aim.unpack().map_err(|fault| fault.text))?;
        let kept = self.subject.take().filter(|(own, _)| *own == spec);
        let subject = match kept {
            Some((_, subject)) => subject,
            None => Rc::new(super::links::subject(&spec, weights)?),
        };
        self.subject = Some((spec.clone(), Rc::clone(&subject)));
        self.run = Some(Pieces::new(async move {
            let mut run = Run::new(&subject, &spec, job, aim).map_err(|problems| problems.to_string())?;
            loop {
                if let Some(outcome) = run.advance() {
                    return Ok(outcome);
                }
                rest().await;
            }
        }));
        Ok(object(&[]))
    }

    /// Works on the run for about so long; the outcome, packed, with its last piece.
    ///
    /// # Errors
    /// No run in hand, or a job that the link does not have.
    pub fn advance(&mut self, millis: f64) -> Result<JsValue, String> {
        let run = self.run.as_mut().ok_or("No run is in hand: ask `begin` first")?;
        let Some(outcome) = run.advance(millis) else {
            return Ok(object(&[("outcome", JsValue::NULL)]));
        };
        self.run = None;
        let packed = Packed::new(&outcome?).map_err(|fault| fault.text)?;
        Ok(object(&[("outcome", js_sys::Uint8Array::from(packed.as_ref()).into())]))
    }
}
