//! What is wrong with an input, said so that its author can mend it.

use core::fmt;

use serde::{Deserialize, Serialize};

/// One thing wrong with an input: which field, what it held, what it may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field as its author wrote it.
    pub field: String,
    /// The value as its author wrote it, shortened to 60 characters.
    pub value: String,
    /// What is accepted there, as a phrase.
    pub accepted: String,
    /// What a lenient reader (the page) used in its place; `None` if it used nothing.
    pub used: Option<String>,
}

/// How many characters of a wrong value are repeated to its author.
const SHOWN: usize = 60;

impl Problem {
    /// A problem for which nothing has been put in place yet.
    pub fn new(field: &str, value: &str, accepted: impl Into<String>) -> Self {
        Self { field: shorten(field), value: shorten(value), accepted: accepted.into(), used: None }
    }

    /// The same problem, with the value used instead.
    pub fn using(mut self, used: impl Into<String>) -> Self {
        self.used = Some(shorten(&used.into()));
        self
    }
}

/// The first characters of a text, with an ellipsis where some are left out; control characters become spaces.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A text of JSON or TOML has its quotes.
        let quote =
            if self.value.len() > 1 && self.value.starts_with('"') && self.value.ends_with('"') { "" } else { "\"" };
        write!(f, "{} = {quote}{}{quote}; accepted: {}", self.field, self.value, self.accepted)?;
        match &self.used {
            Some(used) => write!(f, "; used instead: {used}"),
            None => Ok(()),
        }
    }
}

/// Everything wrong with an input at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
