//! What a run is measured by, beside its base.

use indicatif::ProgressBar;

use super::folder::RunFolder;
use crate::experiments::llama::{Answers, Measures};
use crate::model::llama::{Llama, Mode};
use crate::native::cli::Failure;
use crate::native::llama::evaluate::Evaluation;

/// The base's answers, in the run's folder.
const BASE: &str = "base.json";

/// The questions, and what the base says to them.
pub struct Measuring<'a> {
    evaluation: Evaluation<'a>,
    answers: Answers,
    /// Where training changes the base itself: the base as it was.
    base: Option<Llama>,
    bar: ProgressBar,
}

impl<'a> Measuring<'a> {
    /// Asks the base, unless an earlier process has. `base` is a second model where training changes the first.
    ///
    /// # Errors
    /// A base whose predictions are not finite, or a file that cannot be written.
    pub fn begin(
        evaluation: Evaluation<'a>,
        model: &Llama,
        base: Option<Llama>,
        folder: &RunFolder,
        bar: ProgressBar,
    ) -> Result<Self, Failure> {
        let known = folder.read(BASE)?.and_then(|bytes| serde_json::from_slice::<Answers>(&bytes).ok());
        let answers = match known.filter(|answers| evaluation.are_asked(answers)) {
            Some(answers) => answers,
            None => {
                let asked = base.as_ref().unwrap_or(model);
                let answers = evaluation.ask((asked, &Mode::BASE), &mut |part, done, of| {
                    bar.set_message(format!("the base: {part}, {done} of {of}"));
                })?;
                let json = serde_json::to_vec(&answers).map_err(|error| Failure::Other(error.to_string()))?;
                folder.write(BASE, &json)?;
                answers
            }
        };
        Ok(Self { evaluation, answers, base, bar })
    }

    /// A model beside its base.
    ///
    /// # Errors
    /// A model whose predictions are not finite.
    pub fn measure(&self, model: &Llama) -> Result<Measures, Failure> {
        let base = (self.base.as_ref().unwrap_or(model), &Mode::BASE);
        self.evaluation.measure(&self.answers, base, (model, &Mode::ADAPTED), &mut |part, done, of| {
            self.bar.set_message(format!("measuring: {part}, {done} of {of}"));
        })
    }
}
