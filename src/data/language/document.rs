//! What windows are filled with, and how.

use super::Vocabulary;

/// Tokens that belong together, and how much each of them counts as a target.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub tokens: Vec<u32>,
    pub weights: Vec<f32>,
}

impl Document {
    /// Text, every word of which counts.
    pub fn text(mut tokens: Vec<u32>) -> Self {
        tokens.push(Vocabulary::END);
        Self { weights: vec![1.0; tokens.len()], tokens }
    }

    /// A question, whose words count `question_weight` each, and its answer, whose words count 1.
    pub fn dialogue(question: &[u32], answer: &[u32], question_weight: f32) -> Self {
        let mut tokens = turn(question);
        let mut weights = vec![question_weight; tokens.len()];
        tokens.extend_from_slice(answer);
        tokens.push(Vocabulary::END);
        weights.resize(tokens.len(), 1.0);
        Self { tokens, weights }
    }
}

/// A question as its asker's turn, up to where the answer begins.
fn turn(question: &[u32]) -> Vec<u32> {
    let mut tokens = vec![Vocabulary::USER];
    tokens.extend_from_slice(question);
    tokens.push(Vocabulary::ASSISTANT);
    tokens
}

/// A question as the beginning of a window: what a model is given that is to answer.
pub(super) fn prompt(question: &[u32]) -> Vec<u32> {
    let mut tokens = vec![Vocabulary::BEGIN];
    tokens.extend(turn(question));
    tokens
}

/// What happens to the room that is left when the next document does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// A sentence of general text, broken off at the end: no position is wasted, no answer is lost.
    Text,
    /// Padding that does not count.
    Padding,
}

/// A window of `length` tokens: the begin token and documents. `next` draws a document, `sentence` one of general text.
pub(super) fn window<S>(
    length: usize,
    rest: Rest,
    draws: &mut S,
    next: impl Fn(&mut S) -> Document,
    sentence: impl Fn(&mut S) -> Document,
) -> Document {
    let mut window = Document { tokens: vec![Vocabulary::BEGIN], weights: vec![0.0] };
    while window.tokens.len() < length {
        let mut document = next(draws);
        if window.tokens.len() + document.tokens.len() > length {
            if rest == Rest::Padding {
                break;
            }
            document = sentence(draws);
        }
        window.tokens.append(&mut document.tokens);
        window.weights.append(&mut document.weights);
    }
    window.tokens.resize(length, Vocabulary::PAD);
    window.weights.resize(length, 0.0);
    window
}
