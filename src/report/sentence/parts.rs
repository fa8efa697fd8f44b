//! The pieces that sentences are made of.

use serde::{Deserialize, Serialize};

use crate::figure::number::short;

/// What a piece of a sentence is about; the page colours it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Plain,
    /// A number of the old task.
    Old,
    /// A number of the new task.
    New,
    Strong,
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub text: String,
    pub role: Role,
}

/// The headline and the smaller line under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    pub headline: Vec<Part>,
    pub more: Vec<Part>,
}

impl Sentence {
    /// The headline as plain text.
    pub fn text(&self) -> String {
        self.headline.iter().map(|part| part.text.as_str()).collect()
    }

    /// The smaller line as plain text.
    pub fn more_text(&self) -> String {
        self.more.iter().map(|part| part.text.as_str()).collect()
    }
}

/// Pieces being put together.
#[derive(Default)]
pub(super) struct Writer(pub Vec<Part>);

impl Writer {
    pub fn put(&mut self, role: Role, text: impl Into<String>) -> &mut Self {
        self.0.push(Part { text: text.into(), role });
        self
    }

    pub fn say(&mut self, text: impl Into<String>) -> &mut Self {
        self.put(Role::Plain, text)
    }

    pub fn old(&mut self, value: f64) -> &mut Self {
        self.put(Role::Old, short(value))
    }

    pub fn new_task(&mut self, value: f64) -> &mut Self {
        self.put(Role::New, short(value))
    }

    pub fn strong(&mut self, text: impl Into<String>) -> &mut Self {
        self.put(Role::Strong, text)
    }
}
