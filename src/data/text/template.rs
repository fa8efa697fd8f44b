//! Prompts, word for word as their authors wrote them.

use serde::{Deserialize, Serialize};

use super::example::{Example, Segment, Text};
use super::record::Record;
use super::tokens::Encoder;
use super::turn::{Role, Turn};
use crate::error::{Problem, Problems};

/// How a question is put to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Template {
    /// Stanford Alpaca's two prompts (tatsu-lab/stanford_alpaca, `train.py`).
    Alpaca,
    /// `[INST]` and `<<SYS>>` of Llama 2 (facebookresearch/llama, `llama/generation.py`).
    #[serde(rename = "llama-2")]
    Llama2,
    /// The model's own.
    Chat,
    /// Nothing but the texts, with line ends between them.
    None,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Alpaca, Self::Llama2, Self::Chat, Self::None];

    /// The word of settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alpaca => "alpaca",
            Self::Llama2 => "llama-2",
            Self::Chat => "chat",
            Self::None => "none",
        }
    }

    /// The template of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.name() == word)
    }

    /// A record as a model reads it. Texts that nobody asked for are the same by every template.
    ///
    /// # Errors
    /// A conversation for which the template has no form.
    pub fn example(self, record: &Record, encoder: &impl Encoder) -> Result<Example, Problems> {
        if let Record::Text(text) = record {
            let segments = vec![Segment { text: text.clone(), learned: true }];
            return Ok(Example { texts: vec![Text { segments, bounded: true }], divisible: true });
        }
        let texts = match self {
            Self::Alpaca => vec![alpaca(record)?],
            Self::Llama2 => llama_2(&turns(record))?,
            Self::Chat => vec![chat(&turns(record), encoder)?],
            Self::None => vec![none(&turns(record))],
        };
        Ok(Example { texts, divisible: false })
    }

    /// What comes before the answer to a question, as tokens.
    ///
    /// # Errors
    /// The model's own template is asked for, and there is none, or it says something against the question.
    pub fn prompt(self, question: &str, encoder: &impl Encoder) -> Result<Vec<u32>, Problems> {
        let begun = |text: &str| -> Result<Vec<u32>, Problems> {
            Ok(encoder.begins().into_iter().chain(encoder.encoded(text)?).collect())
        };
        match self {
            Self::Chat => encoder.encoded(&encoder.conversation(&[Turn::new(Role::User, question)], true)?),
            Self::None => begun(question),
            Self::Alpaca | Self::Llama2 => {
                let (input, output) = (String::new(), String::new());
                let record = Record::Instruction { instruction: question.to_owned(), input, output };
                let example = self.example(&record, encoder)?;
                let segments = example.texts.iter().flat_map(|text| &text.segments);
                begun(
                    &segments
                        .take_while(|segment| !segment.learned)
                        .map(|segment| segment.text.as_str())
                        .collect::<String>(),
                )
            }
        }
    }
}

/// Words for roles, as errors tell a conversation.
fn told(turns: &[Turn]) -> String {
    turns.iter().map(|turn| turn.role.name()).collect::<Vec<_>>().join(", ")
}

/// A record as turns: an input follows its instruction after a blank line.
fn turns(record: &Record) -> Vec<Turn> {
    match record {
        Record::Instruction { instruction, input, output } => {
            let question = match input.is_empty() {
                true => instruction.clone(),
                false => format!("{instruction}\n\n{input}"),
            };
            vec![Turn::new(Role::User, question), Turn::new(Role::Assistant, output)]
        }
        Record::Conversation(turns) => turns.clone(),
        Record::Text(_) => Vec::new(),
    }
}

fn prompt_and_answer(prompt: String, answer: String) -> Text {
    let segments = vec![Segment { text: prompt, learned: false }, Segment { text: answer, learned: true }];
    Text { segments, bounded: true }
}

fn alpaca(record: &Record) -> Result<Text, Problems> {
    let (instruction, input, output) = match record {
        Record::Instruction { instruction, input, output } => (instruction.clone(), input.as_str(), output.clone()),
        other => match <[Turn; 2]>::try_from(turns(other)) {
            Ok([question, answer]) if (question.role, answer.role) == (Role::User, Role::Assistant) => {
                (question.text, "", answer.text)
            }
            _ => {
                let accepted = "one question and one answer: the template alpaca has no place for anything else";
                return Err(Problems(vec![Problem::new("turns", &told(&turns(other)), accepted)]));
            }
        },
    };
    let prompt = match input.is_empty() {
        false => format!(
            "Below is an instruction that describes a task, paired with an input that provides further context. \
             Write a response that appropriately completes the request.\n\n\
             ### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:"
        ),
        true => format!(
            "Below is an instruction that describes a task. \
             Write a response that appropriately completes the request.\n\n\
             ### Instruction:\n{instruction}\n\n### Response:"
        ),
    };
    Ok(prompt_and_answer(prompt, output))
}

/// A text for each question and its answer, the system's words in the first question.
fn llama_2(turns: &[Turn]) -> Result<Vec<Text>, Problems> {
    let (system, rest) = match turns {
        [Turn { role: Role::System, text }, rest @ ..] => (Some(text), rest),
        rest => (None, rest),
    };
    let pair = |(place, pair): (usize, &[Turn])| match pair {
        [Turn { role: Role::User, text: question }, Turn { role: Role::Assistant, text: answer }] => {
            let question = match system.filter(|_| place == 0) {
                Some(system) => format!("<<SYS>>\n{system}\n<</SYS>>\n\n{question}"),
                None => question.clone(),
            };
            let prompt = format!("[INST] {} [/INST]", question.trim());
            Ok(prompt_and_answer(prompt, format!(" {} ", answer.trim())))
        }
        _ => {
            let accepted = "user and assistant by turns, after the system's words if there are any";
            Err(Problems(vec![Problem::new("turns", &told(turns), accepted)]))
        }
    };
    rest.chunks(2).enumerate().map(pair).collect()
}

/// The model's own template. What it renders up to an answer, and up to the answer's end, are taken from its rendering
/// of the first turns, so the first must begin the whole.
fn chat(turns: &[Turn], encoder: &impl Encoder) -> Result<Text, Problems> {
    if turns.first().is_some_and(|turn| turn.role == Role::Assistant) {
        return Err(Problems(vec![Problem::new("turns", &told(turns), "a turn before the assistant's first")]));
    }
    let whole = encoder.conversation(turns, false)?;
    let mut segments = Vec::new();
    let mut at = 0;
    let mut up_to = |text: &str, learned: bool| {
        let stretch = whole.get(at..text.len()).filter(|_| whole.starts_with(text));
        let accepted = "a template that renders the first turns of a conversation as it renders them in the whole; \
                        or learn = \"all\" with another template";
        let stretch = stretch.ok_or_else(|| Problems(vec![Problem::new("chat_template", &told(turns), accepted)]))?;
        segments.push(Segment { text: stretch.to_owned(), learned });
        at = text.len();
        Ok::<(), Problems>(())
    };
    for (place, _) in turns.iter().enumerate().filter(|(_, turn)| turn.role == Role::Assistant) {
        up_to(&encoder.conversation(&turns[..place], true)?, false)?;
        up_to(&encoder.conversation(&turns[..=place], false)?, true)?;
    }
    up_to(&whole, false)?;
    segments.retain(|segment| !segment.text.is_empty());
    Ok(Text { segments, bounded: false })
}

fn none(turns: &[Turn]) -> Text {
    let segment = |(place, turn): (usize, &Turn)| {
        let end = if place + 1 < turns.len() { "\n" } else { "" };
        Segment { text: format!("{}{end}", turn.text), learned: turn.role == Role::Assistant }
    };
    Text { segments: turns.iter().enumerate().map(segment).collect(), bounded: true }
}
