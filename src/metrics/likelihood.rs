//! How likely a model holds given continuations of given contexts, by the rules of EleutherAI's lm-evaluation-harness
//! (`_loglikelihood_tokens` of its `HFLM`).

use std::collections::BTreeMap;

use burn::module::Module;

use super::batches::{LOGITS, at, batches, log_probabilities};
use crate::model::llama::{Llama, Mode};

/// Tokens after which others may follow, and those whose likelihood is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    pub context: Vec<u32>,
    pub tokens: Vec<u32>,
}

impl Continuation {
    /// What the model is given of at most `longest` tokens: context and continuation without its last token, shortened
    /// at the front.
    fn input(&self, longest: usize) -> Vec<u32> {
        let all = || self.context.iter().chain(&self.tokens).copied();
        let length = self.context.len() + self.tokens.len() - 1;
        all().take(length).skip(length.saturating_sub(longest)).collect()
    }
}

/// What a model says of a continuation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likelihood {
    /// The sum of its tokens' log-probabilities, nats.
    pub log_probability: f64,
    /// Whether each of its tokens is the likeliest at its place (of equally likely ones the first).
    pub is_greedy: bool,
}

/// What a model says of each continuation, given at most `longest` tokens at a time. Continuations of one token after
/// the same context share one pass. `told` hears how many more are done, and answers whether to go on; `None` if not.
///
/// # Shapes
/// `[asked]`
///
/// # Panics
/// If a context or a continuation is empty, a continuation is longer than `longest`, or a token is beyond the
/// vocabulary.
pub fn likelihoods(
    model: &Llama,
    mode: &Mode,
    asked: &[Continuation],
    longest: usize,
    told: &mut dyn FnMut(usize) -> bool,
) -> Option<Vec<Likelihood>> {
    let model = model.valid();
    let mut inputs: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    for (place, one) in asked.iter().enumerate() {
        assert!(!one.context.is_empty() && (1..=longest).contains(&one.tokens.len()), "a continuation that fits");
        inputs.entry(one.input(longest)).or_default().push(place);
    }
    let texts: Vec<&[u32]> = inputs.keys().map(Vec::as_slice).collect();
    let askers: Vec<&[usize]> = inputs.values().map(Vec::as_slice).collect();
    let mut found = vec![Likelihood { log_probability: 0.0, is_greedy: true }; asked.len()];
    for batch in batches(model.config(), &texts) {
        let hidden = model.hidden(&batch.sequences, mode);
        let mut read = Vec::new();
        for (member, &text) in batch.places.iter().enumerate() {
            for &place in askers[text] {
                let tokens = &asked[place].tokens;
                let first = texts[text].len() - tokens.len();
                read.extend(tokens.iter().enumerate().map(|(k, &token)| (batch.row(member, first + k), token, place)));
            }
        }
        for part in read.chunks((LOGITS / model.config().vocab_size).max(1)) {
            let rows: Vec<usize> = part.iter().map(|&(row, ..)| row).collect();
            let table = log_probabilities(&model, &hidden, &rows);
            let chosen = at(&table, part.iter().map(|&(_, token, _)| token)).into_data();
            let likeliest = table.argmax(1).into_data();
            let values = chosen.iter::<f64>().zip(likeliest.iter::<i64>());
            for (&(_, token, place), (value, best)) in part.iter().zip(values) {
                found[place].log_probability += value;
                found[place].is_greedy &= best == i64::from(token);
            }
        }
        if !told(batch.places.iter().map(|&text| askers[text].len()).sum()) {
            return None;
        }
    }
    Some(found)
}
