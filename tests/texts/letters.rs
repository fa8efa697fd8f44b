//! A tokenizer that can be followed by eye: a token a character.

use lethe::data::text::{Encoder, Turn};
use lethe::error::Problems;

pub struct Letters;

impl Letters {
    pub const BEGIN: u32 = 1;
    pub const END: u32 = 2;
}

impl Encoder for Letters {
    fn encoded(&self, text: &str) -> Result<Vec<u32>, Problems> {
        Ok(text.chars().map(u32::from).collect())
    }

    fn conversation(&self, turns: &[Turn], answer_follows: bool) -> Result<String, Problems> {
        let turn = |turn: &Turn| format!("<{}>{}</>", turn.role.name(), turn.text);
        let end = if answer_follows { "<assistant>" } else { "" };
        Ok(turns.iter().map(turn).collect::<String>() + end)
    }

    fn begins(&self) -> Option<u32> {
        Some(Self::BEGIN)
    }

    fn ends(&self) -> Option<u32> {
        Some(Self::END)
    }
}

/// Tokens as text, those that are learned in brackets of their own.
pub fn shown(tokens: &lethe::data::text::Tokens) -> String {
    let mut text = String::new();
    let mut before = false;
    for (&token, &learned) in tokens.tokens.iter().zip(&tokens.learned) {
        if learned != before {
            text.push(if learned { '[' } else { ']' });
            before = learned;
        }
        text.push(match token {
            Letters::BEGIN => '^',
            Letters::END => '$',
            other => char::from_u32(other).unwrap(),
        });
    }
    if before {
        text.push(']');
    }
    text
}
