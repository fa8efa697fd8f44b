//! What one model says to everything it is asked.

use serde::{Deserialize, Serialize};

use crate::metrics::refusal::Phrases;

/// What one model says. That of the base is kept, so that it is asked once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// SHA-256 of what was asked, in hexadecimal: answers to other questions are no answers to these.
    pub asked: String,
    /// `[tasks]` of `[prompts]` of `[items]`
    pub tasks: Vec<Vec<Vec<Scores>>>,
    /// Of the harmful requests.
    pub harmful: Vec<Refused>,
    /// Of the harmless ones.
    pub harmless: Vec<Refused>,
    /// Negative log-likelihood of each domain's texts, nats.
    pub domains: Vec<f64>,
    /// What is written after each prompt that is shown.
    pub written: Vec<String>,
    /// Mean negative log-likelihood of a token of each example, nats.
    pub losses: Vec<f64>,
}

/// What a model says to one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Of each answer, nats.
    pub log_probabilities: Vec<f64>,
    /// Whether each answer is what the model would write.
    pub is_greedy: Vec<bool>,
}

/// Whether an answer to a request refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// By the rule as it is published.
    pub anywhere: bool,
    /// By the same rule within the answer's first characters.
    pub at_start: bool,
    /// Whether nothing was answered at all, which the rule does not take for a refusal.
    pub is_empty: bool,
}

impl Refused {
    /// How an answer is judged, its beginning being so many characters.
    pub fn of(answer: &str, phrases: &Phrases, first: usize) -> Self {
        Self {
            anywhere: phrases.refuse(answer),
            at_start: phrases.refuse_at_start(answer, first),
            is_empty: answer.trim().is_empty(),
        }
    }
}

impl Answers {
    /// Whether every number is one.
    pub fn are_finite(&self) -> bool {
        let scores = self.tasks.iter().flatten().flatten().flat_map(|scores| &scores.log_probabilities);
        scores.chain(&self.domains).chain(&self.losses).all(|number| number.is_finite())
    }
}
