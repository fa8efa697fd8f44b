//! What is learned of a record, and what is only read.

use serde::{Deserialize, Serialize};

use super::tokens::{Encoder, Tokens};
use crate::error::Problems;

/// Which tokens are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Learn {
    /// Answers, and texts that nobody asked for.
    Answers,
    All,
}

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub text: String,
    /// Whether it is an answer.
    pub learned: bool,
}

/// Segments that are encoded as one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub segments: Vec<Segment>,
    /// Whether the tokenizer's beginning is put before it and EOS after it. A chat template writes its own.
    pub bounded: bool,
}

/// A record as a model reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub texts: Vec<Text>,
    /// Whether what is longer than a sequence is divided; otherwise it is cut.
    pub divisible: bool,
}

impl Text {
    /// The segments as one.
    pub fn joined(&self) -> String {
        self.segments.iter().map(|segment| segment.text.as_str()).collect()
    }

    /// The tokens of all segments as one text. A segment ends where the text up to its end, encoded alone, has its last
    /// token: so prompts have as many tokens as the prompt alone has, which is Stanford Alpaca's rule.
    fn tokens(&self, learn: Learn, encoder: &impl Encoder, into: &mut Tokens) -> Result<(), Problems> {
        let tokens = encoder.encoded(&self.joined())?;
        let mut learned = vec![learn == Learn::All; tokens.len()];
        let (mut text, mut from) = (String::new(), 0);
        for (place, segment) in self.segments.iter().enumerate() {
            text.push_str(&segment.text);
            let last = place + 1 == self.segments.len();
            let to = if last { tokens.len() } else { encoder.encoded(&text)?.len().clamp(from, tokens.len()) };
            if segment.learned {
                learned[from..to].fill(true);
            }
            from = to;
        }
        let ends_learned = learn == Learn::All || self.segments.last().is_some_and(|segment| segment.learned);
        let [before, after] = match self.bounded {
            true => [encoder.begins(), encoder.ends()],
            false => [None, None],
        };
        into.extend(before.into_iter().map(|token| (token, learn == Learn::All)));
        into.extend(tokens.into_iter().zip(learned));
        into.extend(after.into_iter().map(|token| (token, ends_learned)));
        Ok(())
    }
}

impl Example {
    /// Its tokens, those of its texts one after the other.
    ///
    /// # Errors
    /// A text that cannot be encoded.
    pub fn tokens(&self, learn: Learn, encoder: &impl Encoder) -> Result<Tokens, Problems> {
        let mut tokens = Tokens::default();
        for text in &self.texts {
            text.tokens(learn, encoder, &mut tokens)?;
        }
        Ok(tokens)
    }
}
