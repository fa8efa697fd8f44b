//! Tasks of several answers, told apart by prompt.

use serde::{Deserialize, Serialize};

use super::answers::Scores;
use crate::metrics::choice::{Length, Normalisation, preferred};
use crate::metrics::confusion::Confusion;
use crate::metrics::language::Share;

/// A question as what its answers are judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The place of the true answer.
    pub truth: usize,
    /// `[answers]`
    pub lengths: Vec<Length>,
}

/// A way of asking a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    pub name: String,
    /// Where the answers are the same for all items: what they are, in words.
    pub classes: Option<Vec<String>>,
    pub items: Vec<Item>,
}

/// A task as two models do it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What the settings call it.
    pub name: String,
    /// Examples with answers before each question.
    pub shots: usize,
    pub prompts: Vec<Prompted>,
}

/// A task asked in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prompted {
    pub name: String,
    /// The answers in words, where they are the same for all items.
    pub classes: Option<Vec<String>>,
    pub base: Answered,
    pub tuned: Answered,
    /// Items at which both prefer the same answer, by the plain sum, a character and a byte.
    pub as_base: Share,
    pub as_base_norm: Share,
    pub as_base_bytes: Share,
    /// Every item's scores, where they are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemScores>,
}

/// How one model answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Items whose true answer has the largest log-probability.
    pub acc: Share,
    /// The same by log-probability a character.
    pub acc_norm: Share,
    /// The same by log-probability a byte.
    pub acc_bytes: Share,
    /// Items whose true answer is what the model would write.
    pub greedy: Share,
    /// How often each place among the answers is preferred by the plain sum. All in one place is a sign that the form
    /// of the question is lost, and not what was known.
    pub preferred: Vec<usize>,
    /// The same by what is true, where answers are the same for all items.
    pub confusion: Option<Confusion>,
}

/// One item's scores, nats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemScores {
    pub truth: usize,
    pub base: Vec<f64>,
    pub tuned: Vec<f64>,
}

impl Prompted {
    /// Both models' answers to all items, with each item's scores or without.
    pub fn new(variant: &Variant, base: &[Scores], tuned: &[Scores], with_items: bool) -> Self {
        let same = |by| {
            let both = variant.items.iter().zip(base).zip(tuned);
            Share::among(both.map(|((item, base), tuned)| chosen(item, base, by) == chosen(item, tuned, by)))
        };
        let scores = |((item, base), tuned): ((&Item, &Scores), &Scores)| ItemScores {
            truth: item.truth,
            base: base.log_probabilities.clone(),
            tuned: tuned.log_probabilities.clone(),
        };
        let items = variant.items.iter().zip(base).zip(tuned).map(scores);
        Self {
            name: variant.name.clone(),
            classes: variant.classes.clone(),
            base: Answered::new(variant, base),
            tuned: Answered::new(variant, tuned),
            as_base: same(Normalisation::Plain),
            as_base_norm: same(Normalisation::Characters),
            as_base_bytes: same(Normalisation::Bytes),
            items: if with_items { items.collect() } else { Vec::new() },
        }
    }
}

impl Answered {
    /// A model's answers to all items.
    pub fn new(variant: &Variant, scores: &[Scores]) -> Self {
        let right = |by| {
            let items = variant.items.iter().zip(scores);
            Share::among(items.map(|(item, scores)| chosen(item, scores, by) == item.truth))
        };
        let plain =
            || variant.items.iter().zip(scores).map(|(item, scores)| chosen(item, scores, Normalisation::Plain));
        let places = variant.items.iter().map(|item| item.lengths.len()).max().unwrap_or(0);
        let mut preferred = vec![0; places];
        plain().for_each(|place| preferred[place] += 1);
        let truths = || variant.items.iter().map(|item| item.truth);
        Self {
            acc: right(Normalisation::Plain),
            acc_norm: right(Normalisation::Characters),
            acc_bytes: right(Normalisation::Bytes),
            greedy: Share::among(truths().zip(scores).map(|(truth, scores)| scores.is_greedy[truth])),
            preferred,
            confusion: variant.classes.as_ref().map(|classes| Confusion::new(classes.len(), truths().zip(plain()))),
        }
    }
}

fn chosen(item: &Item, scores: &Scores, by: Normalisation) -> usize {
    preferred(&scores.log_probabilities, &item.lengths, by)
}
