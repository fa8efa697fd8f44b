//! Tasks of several answers: rows of files become questions, prompts become what a model reads.

mod arc;
mod choices;
mod mnli;
mod prompt;

use std::path::Path;

pub use prompt::{Answers, Prompt};

use super::rows::{rows, until};
use crate::native::cli::Failure;

/// What a task's files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Premise, hypothesis, and whether one follows from the other (Williams et al. 2018, arXiv 1704.05426).
    Mnli,
    /// Grade-school science (Clark et al. 2018, arXiv 1803.05457).
    Arc,
    /// A context and its possible continuations.
    Choices,
}

impl Kind {
    /// The names a task may have, and what each means.
    pub const NAMES: [(&'static str, Self); 4] =
        [("mnli", Self::Mnli), ("arc_easy", Self::Arc), ("arc_challenge", Self::Arc), ("choices", Self::Choices)];

    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// The prompts that have names; the first is lm-evaluation-harness's.
    pub fn prompts(self) -> Vec<Prompt> {
        match self {
            Self::Mnli => mnli::prompts(),
            Self::Arc => arc::prompts(),
            Self::Choices => choices::prompts(),
        }
    }

    /// What a prompt may name in braces.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Mnli => &["premise", "hypothesis"],
            Self::Arc => &["question", "choices"],
            Self::Choices => &["context", "choices"],
        }
    }

    /// The first questions of a file, or all of them.
    ///
    /// # Errors
    /// The row that is no question, by file and line.
    pub fn questions(self, path: &Path, limit: Option<usize>) -> Result<Vec<Question>, Failure> {
        let mut questions = Vec::new();
        let limit = limit.unwrap_or(usize::MAX);
        if limit == 0 {
            return Ok(questions);
        }
        rows(path, |row| {
            questions.extend(match self {
                Self::Mnli => mnli::question(&row)?,
                Self::Arc => Some(arc::question(&row)?),
                Self::Choices => Some(choices::question(&row)?),
            });
            Ok(until(questions.len() >= limit))
        })?;
        Ok(questions)
    }
}

/// A question, its answers, and which is true.
pub struct Question {
    /// File and line.
    pub place: String,
    /// What prompts name in braces, and what stands there.
    pub fields: Vec<(&'static str, String)>,
    /// Answers as the file has them; none where they are the prompt's.
    pub answers: Vec<String>,
    /// The place of the true one.
    pub truth: usize,
}

impl Question {
    /// What it says, alone and with its true answer, whose own text is none where answers are the prompt's.
    pub fn said(&self) -> [String; 2] {
        let asked = self.fields.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        let answer = self.answers.get(self.truth).map_or("", String::as_str);
        let answered = format!("{asked} {answer}");
        [asked, answered]
    }
}
