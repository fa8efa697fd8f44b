//! What a row of a file says.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Role, Template, Turn};
use crate::error::Problem;

/// One row of a user's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Alpaca's: what to do, with what (empty where there is nothing), and how it was done.
    Instruction { instruction: String, input: String, output: String },
    /// Turns in order, the last of them the assistant's.
    Conversation(Vec<Turn>),
    /// A text that nobody asked for.
    Text(String),
}

impl Record {
    /// Everything it says, a part a line.
    pub fn said(&self) -> String {
        match self {
            Self::Instruction { instruction, input, output } => format!("{instruction}\n{input}\n{output}"),
            Self::Conversation(turns) => turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n"),
            Self::Text(text) => text.clone(),
        }
    }
}

/// By which keys rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `instruction`, `input`, `output`
    Alpaca,
    /// `system_prompt`, `question`, `response`
    OpenOrca,
    /// `messages` of `role` and `content`, or ShareGPT's `conversations` of `from` and `value`
    Chat,
    /// `text`, or files of nothing but text
    Text,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Alpaca, Self::OpenOrca, Self::Chat, Self::Text];

    /// The word of settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alpaca => "alpaca",
            Self::OpenOrca => "openorca",
            Self::Chat => "chat",
            Self::Text => "text",
        }
    }

    /// The format of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == word)
    }

    /// The format that a row is of, by its keys.
    pub fn of(row: &Value) -> Option<Self> {
        let has = |key: &str| row.get(key).is_some();
        match () {
            () if has("instruction") && has("output") => Some(Self::Alpaca),
            () if has("question") && has("response") => Some(Self::OpenOrca),
            () if has("messages") || has("conversations") => Some(Self::Chat),
            () if has("text") => Some(Self::Text),
            () => None,
        }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// The key that is missing or wrong, what it holds and what is accepted.
    pub fn record(self, row: &Value) -> Result<Record, Problem> {
        if !row.is_object() {
            return Err(Problem::new("row", &row.to_string(), format!("an object with {}", self.keys())));
        }
        match self {
            Self::Alpaca => Ok(Record::Instruction {
                instruction: filled(row, "instruction")?,
                input: optional(row, "input")?,
                output: text(row, "output")?,
            }),
            Self::OpenOrca => {
                let system = optional(row, "system_prompt")?;
                let mut turns = Vec::new();
                if !system.is_empty() {
                    turns.push(Turn::new(Role::System, system));
                }
                turns.push(Turn::new(Role::User, filled(row, "question")?));
                turns.push(Turn::new(Role::Assistant, text(row, "response")?));
                Ok(Record::Conversation(turns))
            }
            Self::Chat => conversation(row).map(Record::Conversation),
            Self::Text => filled(row, "text").map(Record::Text),
        }
    }

    /// How its records are put to a model where nothing else is asked for.
    pub fn template(self) -> Template {
        match self {
            Self::Alpaca => Template::Alpaca,
            Self::OpenOrca => Template::Llama2,
            Self::Chat => Template::Chat,
            Self::Text => Template::None,
        }
    }

    fn keys(self) -> &'static str {
        match self {
            Self::Alpaca => "instruction and output, and input where there is one",
            Self::OpenOrca => "question and response, and system_prompt where there is one",
            Self::Chat => "messages or conversations",
            Self::Text => "text",
        }
    }
}

fn wrong(row: &Value, key: &str, accepted: &str) -> Problem {
    let value = row.get(key).map_or_else(|| "missing".to_owned(), Value::to_string);
    Problem::new(key, &value, accepted)
}

/// A text, which may be empty.
fn text(row: &Value, key: &str) -> Result<String, Problem> {
    row.get(key).and_then(Value::as_str).map(ToOwned::to_owned).ok_or_else(|| wrong(row, key, "a text"))
}

fn filled(row: &Value, key: &str) -> Result<String, Problem> {
    let text = text(row, key)?;
    match text.trim().is_empty() {
        false => Ok(text),
        true => Err(wrong(row, key, "a text that is not empty")),
    }
}

/// A text; what is missing or null is empty.
fn optional(row: &Value, key: &str) -> Result<String, Problem> {
    match row.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(_) => text(row, key),
    }
}

/// The turns up to the assistant's last: nobody answers what follows.
fn conversation(row: &Value) -> Result<Vec<Turn>, Problem> {
    let (key, who, what) = if row.get("messages").is_some() {
        ("messages", "role", "content")
    } else {
        ("conversations", "from", "value")
    };
    let list = row.get(key).and_then(Value::as_array).ok_or_else(|| wrong(row, key, "a list of turns"))?;
    let mut turns = Vec::with_capacity(list.len());
    for (place, turn) in list.iter().enumerate() {
        let within = |problem: Problem| Problem { field: format!("{key}[{place}].{}", problem.field), ..problem };
        let role = turn.get(who).and_then(Value::as_str).and_then(Role::named);
        let accepted = "system, user, human, assistant or gpt";
        let role = role.ok_or_else(|| within(wrong(turn, who, accepted)))?;
        if role == Role::System && place > 0 {
            return Err(within(wrong(turn, who, "system in the first turn alone")));
        }
        turns.push(Turn::new(role, text(turn, what).map_err(within)?));
    }
    let answered = turns.iter().rposition(|turn| turn.role == Role::Assistant);
    turns.truncate(answered.map_or(0, |last| last + 1));
    match turns.is_empty() {
        false => Ok(turns),
        true => Err(wrong(row, key, "at least one turn of the assistant")),
    }
}
