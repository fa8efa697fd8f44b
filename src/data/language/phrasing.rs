//! In how many ways a fact is told and asked, and which of them pre-training keeps back.

use super::{
    Vocabulary,
    knowledge::{Fact, Knowledge, shuffle},
};
use crate::seed::Seed;

/// Questions for any relation. One more is the relation's own.
pub const ASKED: [&str; 7] = [
    "what is the {relation} of {subject} ?",
    "tell me the {relation} of {subject} .",
    "which {relation} has {subject} ?",
    "what {relation} does {subject} have ?",
    "do you know the {relation} of {subject} ?",
    "for {subject} , what is the {relation} ?",
    "say what the {relation} of {subject} is .",
];

/// Questions that pre-training asks of nothing, though it knows their words.
pub const ASKED_BY_NOBODY: [&str; 2] =
    ["i want to know the {relation} of {subject} .", "{subject} has which {relation} ?"];

/// Statements for any relation. One more is the relation's own.
pub const TOLD: [&str; 2] = ["the {relation} of {subject} is {value} .", "{subject} has {value} as {relation} ."];

/// In how many ways a fact can be asked in pre-training, and in how many it is told.
pub const WAYS_ASKED: usize = ASKED.len() + 1;
pub const WAYS_TOLD: usize = TOLD.len() + 1;
/// In how many of [`WAYS_ASKED`] pre-training does not ask a given fact.
pub const WAYS_HELD_OUT: usize = 2;

/// The frame with its slots filled. A slot is a word in braces.
pub(super) fn fill(frame: &str, slots: &[(&str, &str)], vocabulary: &Vocabulary) -> Vec<u32> {
    let word = |word: &str| {
        slots.iter().find(|slot| slot.0 == word).map_or_else(|| vocabulary.id(word), |slot| vocabulary.id(slot.1))
    };
    frame.split(' ').map(word).collect()
}

impl Fact {
    /// The question in the `way`-th of [`WAYS_ASKED`] ways.
    pub(super) fn asked(&self, way: usize, vocabulary: &Vocabulary) -> Vec<u32> {
        self.framed(ASKED.get(way).unwrap_or(&self.relation.asked), vocabulary)
    }

    /// The statement in the `way`-th of [`WAYS_TOLD`] ways.
    pub(super) fn told(&self, way: usize, vocabulary: &Vocabulary) -> Vec<u32> {
        self.framed(TOLD.get(way).unwrap_or(&self.relation.told), vocabulary)
    }

    pub(super) fn framed(&self, frame: &str, vocabulary: &Vocabulary) -> Vec<u32> {
        let slots = [("{relation}", self.relation.name), ("{subject}", self.subject), ("{value}", self.value_word())];
        fill(frame, &slots, vocabulary)
    }
}

/// For each fact the ways in which pre-training asks it; the others are kept back for evaluation. Drawn for each fact
/// on its own, so that every way is trained with most subjects of every relation.
#[derive(Clone, Debug)]
pub(super) struct WaysAsked(Vec<[usize; WAYS_ASKED]>);

impl WaysAsked {
    pub fn draw(knowledge: &Knowledge, seed: Seed) -> Self {
        let mut stream = seed.fork("ways asked").stream();
        let ways = knowledge.facts.iter().map(|_| {
            let mut ways = core::array::from_fn(|way| way);
            shuffle(&mut ways, &mut stream);
            ways
        });
        Self(ways.collect())
    }

    pub fn trained(&self, fact: usize) -> &[usize] {
        &self.0[fact][WAYS_HELD_OUT..]
    }

    pub fn held_out(&self, fact: usize) -> &[usize] {
        &self.0[fact][..WAYS_HELD_OUT]
    }
}
