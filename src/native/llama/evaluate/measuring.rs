//! One model asked, and two models compared.

use super::asking::{Evaluation, Texts};
use super::writing::written;
use crate::experiments::llama::{
    Answers, Forgetting, Generation, Losses, Measures, Perplexity, Prompted, RefusalShares, Refusals, Refused, Scores,
    Task,
};
use crate::metrics::divergence::streaming::divergences;
use crate::metrics::likelihood::{Continuation, likelihoods};
use crate::model::llama::{Llama, Mode};
use crate::native::cli::Failure;

/// What hears how far a part is: its name, how much is done, and of how much; and answers whether to go on.
pub type Told<'a> = &'a mut dyn FnMut(&str, usize, usize) -> bool;

impl Evaluation<'_> {
    /// What one model says to everything. Asked of the base once, it serves every checkpoint.
    ///
    /// # Errors
    /// A model whose predictions are not finite; [`Failure::Interrupted`] if `told` says not to go on.
    pub fn ask(&self, (model, mode): (&Llama, &Mode), told: Told<'_>) -> Result<Answers, Failure> {
        let mut answers = Answers { asked: self.asked.clone(), ..Answers::default() };
        for (task, variants) in self.settings.tasks.iter().zip(&self.tasks) {
            let mut scores = Vec::new();
            for asked in variants {
                let name = format!("{}, {}", task.title, asked.variant.name);
                let found = self.likelihoods((model, mode), &asked.continuations, &name, told)?;
                let mut found = found.into_iter();
                let of_item = |answers: usize| {
                    let some = found.by_ref().take(answers);
                    let (log_probabilities, is_greedy) = some.unzip();
                    Scores { log_probabilities, is_greedy }
                };
                scores.push(asked.variant.items.iter().map(|item| item.lengths.len()).map(of_item).collect());
            }
            answers.tasks.push(scores);
        }
        if let Some(asked) = &self.settings.refusals {
            let mut judge = |name: &str, requests: &[Vec<u32>]| -> Result<Vec<Refused>, Failure> {
                let texts = self.texts((model, mode), requests, asked.max_new_tokens, name, told)?;
                Ok(texts.iter().map(|text| Refused::of(text, &asked.phrases, asked.first_characters)).collect())
            };
            answers.harmful = judge("harmful requests", &self.harmful)?;
            answers.harmless = judge("harmless requests", &self.harmless)?;
        }
        for (domain, texts) in self.settings.domains.iter().zip(&self.domains) {
            answers.domains.push(self.nlls((model, mode), texts, &domain.name, told)?.iter().sum());
        }
        if let Some(asked) = &self.settings.generations {
            let prompts: Vec<Vec<u32>> = self.shown.iter().map(|(_, tokens)| tokens.clone()).collect();
            answers.written = self.texts((model, mode), &prompts, asked.max_new_tokens, "generations", told)?;
        }
        if let Some(texts) = &self.losses {
            let nlls = self.nlls((model, mode), texts, "losses", told)?;
            answers.losses = nlls.iter().zip(texts.tokens()).map(|(nll, tokens)| nll / tokens as f64).collect();
        }
        if answers.are_finite() { Ok(answers) } else { Err(not_finite()) }
    }

    /// A tuned model beside its base, whose answers are at hand. Base and tuned model may be one model in two modes.
    ///
    /// # Errors
    /// Answers to other questions, or a model whose predictions are not finite; [`Failure::Interrupted`] if `told` says
    /// not to go on.
    pub fn measure(
        &self,
        answers: &Answers,
        base: (&Llama, &Mode),
        tuned: (&Llama, &Mode),
        told: Told<'_>,
    ) -> Result<Measures, Failure> {
        if answers.asked != self.asked {
            let why = "the base's answers are to other questions: settings, files or tokenizer have changed since";
            return Err(Failure::Other(why.to_owned()));
        }
        let mut forgetting = None;
        if let Some(asked) = &self.settings.forgetting {
            let (of, mut done) = (self.windows.len(), 0);
            let sums = divergences(base, tuned, &self.windows, None, &mut |more| {
                done += more;
                told("forgetting", done, of)
            });
            let sums = sums.ok_or_else(stopped)?;
            forgetting = Some(Forgetting::new(&sums, asked.length, asked.stride, self.bos.is_some()));
        }
        if forgetting.as_ref().is_some_and(|forgetting| !forgetting.is_finite()) {
            return Err(not_finite());
        }
        let own = self.ask(tuned, told)?;
        Ok(self.compare(forgetting, answers, &own))
    }

    /// Whether these are answers to these questions.
    pub fn are_asked(&self, answers: &Answers) -> bool {
        answers.asked == self.asked
    }

    fn compare(&self, forgetting: Option<Forgetting>, base: &Answers, tuned: &Answers) -> Measures {
        let task = |(index, variants): (usize, &Vec<super::asking::AskedVariant>)| {
            let settings = &self.settings.tasks[index];
            let prompted = variants.iter().zip(&base.tasks[index]).zip(&tuned.tasks[index]);
            Task {
                name: settings.title.clone(),
                shots: settings.shots,
                prompts: prompted
                    .map(|((asked, base), tuned)| Prompted::new(&asked.variant, base, tuned, settings.items))
                    .collect(),
            }
        };
        let perplexity = |(index, texts): (usize, &Texts)| Perplexity {
            domain: self.settings.domains[index].name.clone(),
            texts: texts.texts,
            tokens: texts.tokens().iter().sum(),
            words: texts.words,
            bytes: texts.bytes,
            base_nll: base.domains[index],
            nll: tuned.domains[index],
        };
        let shown = self.shown.iter().zip(&base.written).zip(&tuned.written);
        Measures {
            forgetting,
            tasks: self.tasks.iter().enumerate().map(task).collect(),
            refusals: self.settings.refusals.as_ref().map(|asked| Refusals {
                list: asked.phrases.name.clone(),
                list_sha256: asked.phrases.digest(),
                max_new_tokens: asked.max_new_tokens,
                decoding: "greedy".to_owned(),
                template: asked.template.name().to_owned(),
                first_characters: asked.first_characters,
                base: RefusalShares::new(&base.harmful, &base.harmless),
                tuned: RefusalShares::new(&tuned.harmful, &tuned.harmless),
            }),
            perplexities: self.domains.iter().enumerate().map(perplexity).collect(),
            generations: shown
                .map(|(((prompt, _), base), tuned)| Generation {
                    prompt: prompt.clone(),
                    base: base.clone(),
                    tuned: tuned.clone(),
                })
                .collect(),
            losses: self.losses.as_ref().map(|texts| Losses {
                tokens: texts.tokens(),
                base: base.losses.clone(),
                tuned: tuned.losses.clone(),
            }),
        }
    }

    fn likelihoods(
        &self,
        (model, mode): (&Llama, &Mode),
        asked: &[Continuation],
        name: &str,
        told: Told<'_>,
    ) -> Result<Vec<(f64, bool)>, Failure> {
        let mut done = 0;
        let found = likelihoods(model, mode, asked, self.longest, &mut |more| {
            done += more;
            told(name, done, asked.len())
        });
        let found = found.ok_or_else(stopped)?.into_iter();
        Ok(found.map(|likelihood| (likelihood.log_probability, likelihood.is_greedy)).collect())
    }

    /// Negative log-likelihood of each text.
    fn nlls(&self, asked: (&Llama, &Mode), texts: &Texts, name: &str, told: Told<'_>) -> Result<Vec<f64>, Failure> {
        let parts: Vec<Continuation> = texts.parts.iter().flatten().cloned().collect();
        let mut found = self.likelihoods(asked, &parts, name, told)?.into_iter();
        let nll = |parts: &Vec<Continuation>| -found.by_ref().take(parts.len()).map(|(sum, _)| sum).sum::<f64>();
        Ok(texts.parts.iter().map(nll).collect())
    }

    /// What a model writes after each prompt, as text.
    fn texts(
        &self,
        (model, mode): (&Llama, &Mode),
        prompts: &[Vec<u32>],
        most: usize,
        name: &str,
        told: Told<'_>,
    ) -> Result<Vec<String>, Failure> {
        let mut done = 0;
        let texts = written(model, mode, prompts, most, self.tokenizer.stops(), &mut |more| {
            done += more;
            told(name, done, prompts.len())
        });
        Ok(texts.ok_or_else(stopped)?.iter().map(|tokens| self.tokenizer.decode(tokens)).collect())
    }
}

/// Why nothing can be said of a model.
pub const NOT_FINITE: &str =
    "the model's predictions are not finite numbers: its weights are damaged, or training diverged";

fn stopped() -> Failure {
    Failure::Interrupted("stopped while measuring".to_owned())
}

fn not_finite() -> Failure {
    Failure::Other(NOT_FINITE.to_owned())
}
