//! What a run is measured by, beside its base.

use indicatif::ProgressBar;

use super::folder::RunFolder;
use super::run::is_stopped;
use crate::experiments::llama::{Answers, Measures};
use crate::model::llama::{Llama, Mode};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::{Evaluation, NOT_FINITE};

/// The base's answers, in the run's folder.
pub const BASE: &str = "base.json";

/// The questions, and what the base says to them.
pub struct Measuring<'a> {
    evaluation: Evaluation<'a>,
    answers: Answers,
    /// Where training changes the base itself: the base as it was.
    base: Option<Llama>,
    bar: ProgressBar,
}

/// What a base says to everything, asked of it unless an earlier process has.
///
/// # Errors
/// A base whose predictions are not finite, or a file that cannot be written; [`Failure::Interrupted`] if the run is asked to
/// stop meanwhile.
pub fn answers(
    evaluation: &Evaluation<'_>,
    base: &Llama,
    folder: &RunFolder,
    bar: &ProgressBar,
) -> Result<Answers, Failure> {
    let known = folder.read(BASE)?.and_then(|bytes| serde_json::from_slice::<Answers>(&bytes).ok());
    if let Some(known) = known.filter(|answers| evaluation.are_asked(answers)) {
        return Ok(known);
    }
    let answers = evaluation.ask((base, &Mode::BASE), &mut |part, done, of| {
        bar.set_message(format!("the base: {part}, {done} of {of}"));
        !is_stopped()
    })?;
    let json = serde_json::to_vec(&answers).map_err(|error| Failure::Other(error.to_string()))?;
    folder.write(BASE, &json)?;
    Ok(answers)
}

impl<'a> Measuring<'a> {
    /// `base` is a second model where training changes the first and forgetting is measured.
    pub fn new(evaluation: Evaluation<'a>, answers: Answers, base: Option<Llama>, bar: ProgressBar) -> Self {
        Self { evaluation, answers, base, bar }
    }

    /// A model beside its base; `None` of one whose predictions are not finite.
    ///
    /// # Errors
    /// Answers to other questions; [`Failure::Interrupted`] if the run is asked to stop meanwhile.
    pub fn measure(&self, model: &Llama) -> Result<Option<Measures>, Failure> {
        let base = (self.base.as_ref().unwrap_or(model), &Mode::BASE);
        let measured = self.evaluation.measure(&self.answers, base, (model, &Mode::ADAPTED), &mut |part, done, of| {
            self.bar.set_message(format!("measuring: {part}, {done} of {of}"));
            !is_stopped()
        });
        match measured {
            Err(Failure::Other(why)) if why == NOT_FINITE => Ok(None),
            measured => measured.map(Some),
        }
    }
}
