//! Contexts and continuations from text to tokens, as lm-evaluation-harness cuts them (`_encode_pair`, `tok_encode`).

use super::rows::wrong;
use crate::metrics::likelihood::Continuation;
use crate::native::cli::Failure;
use crate::native::llama::Tokenizer;

/// A tokenizer, and what a text begins with where nothing else does.
pub struct Pairs<'a> {
    tokenizer: &'a Tokenizer,
    /// The token for a text's beginning, else for its end.
    pub prefix: u32,
    /// How that token is written.
    written: String,
}

impl<'a> Pairs<'a> {
    /// # Errors
    /// A tokenizer without a token for the beginning or the end of a text.
    pub fn new(tokenizer: &'a Tokenizer) -> Result<Self, Failure> {
        let prefix = tokenizer.bos().or(tokenizer.eos());
        let accepted = "one that names bos_token or eos_token";
        let prefix = prefix.ok_or_else(|| wrong("tokenizer", "without them", accepted))?;
        let written = tokenizer.written(prefix).unwrap_or_default();
        Ok(Self { tokenizer, prefix, written })
    }

    /// A text with what the tokenizer puts around one, unless the text begins so by itself.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Failure> {
        let begins = !self.written.is_empty() && text.starts_with(&self.written);
        self.tokenizer.encode(text, !begins)
    }

    /// Context and continuation as tokens. White space at the context's end goes over to the continuation; both are
    /// encoded together and cut where the context alone would end. After an empty context comes the prefix.
    ///
    /// # Errors
    /// A continuation of which nothing is left, or one longer than `longest`; `place` says where it stands.
    pub fn continuation(
        &self,
        context: &str,
        continuation: &str,
        longest: usize,
        place: &str,
    ) -> Result<Continuation, Failure> {
        let (context, tokens) = self.cut(context, continuation)?;
        let found = tokens.len();
        if context.is_empty() || !(1..=longest).contains(&found) {
            let accepted = format!("an answer of 1 to {longest} tokens of its own; it has {found}");
            return Err(wrong(place, continuation, accepted));
        }
        Ok(Continuation { context, tokens })
    }

    fn cut(&self, context: &str, continuation: &str) -> Result<(Vec<u32>, Vec<u32>), Failure> {
        if context.is_empty() {
            let mut tokens = self.tokenizer.encode(continuation, false)?;
            if tokens.first() == Some(&self.prefix) {
                tokens.remove(0);
            }
            return Ok((vec![self.prefix], tokens));
        }
        let kept = context.trim_end_matches(is_space);
        let continuation = format!("{}{continuation}", &context[kept.len()..]);
        let mut whole = self.encode(&format!("{kept}{continuation}"))?;
        let context = self.encode(kept)?;
        let tokens = whole.split_off(context.len().min(whole.len()));
        Ok((context, tokens))
    }
}

/// What Python's `str.rstrip` takes for white space.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
