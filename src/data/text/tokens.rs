//! Tokens, and which of them are learned.

use serde::{Deserialize, Serialize};

use super::Turn;
use crate::error::Problems;

/// What texts need of a model's tokenizer.
pub trait Encoder {
    /// The tokens of a text, nothing put around them.
    ///
    /// # Errors
    /// A text that cannot be encoded.
    fn encoded(&self, text: &str) -> Result<Vec<u32>, Problems>;

    /// A conversation by the model's own template; with `answer_follows`, up to where the model is to speak.
    ///
    /// # Errors
    /// There is none, or what it says against these turns.
    fn conversation(&self, turns: &[Turn], answer_follows: bool) -> Result<String, Problems>;

    /// The token that the tokenizer puts before every text.
    fn begins(&self) -> Option<u32>;

    /// The token that ends a text.
    fn ends(&self) -> Option<u32>;
}

/// Tokens in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    pub tokens: Vec<u32>,
    /// Of each token, whether it is learned. Nothing comes before the first, so it never is.
    pub learned: Vec<bool>,
}

impl Extend<(u32, bool)> for Tokens {
    fn extend<I: IntoIterator<Item = (u32, bool)>>(&mut self, tokens: I) {
        for (token, learned) in tokens {
            self.tokens.push(token);
            self.learned.push(learned);
        }
    }
}

impl Tokens {
    /// How many.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// How many are learned.
    pub fn learned(&self) -> usize {
        self.learned.iter().skip(1).filter(|&&learned| learned).count()
    }

    fn stretch(&self, from: usize, to: usize) -> Self {
        Self { tokens: self.tokens[from..to].to_vec(), learned: self.learned[from..to].to_vec() }
    }

    /// The same in pieces of at most `sequence` tokens, each with something to learn, and whether tokens were cut off.
    /// What is divisible is divided so that each piece begins with the last token of the one before: every token but
    /// the first is learned once. Anything else keeps its first `sequence` tokens.
    pub fn pieces(self, sequence: usize, divisible: bool) -> (Vec<Self>, bool) {
        let cut = !divisible && self.len() > sequence;
        let pieces = match self.len() <= sequence {
            true => vec![self],
            false if cut => vec![self.stretch(0, sequence)],
            false => {
                let starts = (0..self.len() - 1).step_by(sequence - 1);
                starts.map(|start| self.stretch(start, self.len().min(start + sequence))).collect()
            }
        };
        (pieces.into_iter().filter(|piece| piece.learned() > 0).collect(), cut)
    }
}
