//! What is made of the text that a model writes.

use super::{
    LanguageWorld, Vocabulary,
    knowledge::{Fact, OF_PEOPLE, OF_TOWNS, Relation},
    phrasing::TOLD,
    safety::REFUSAL_WORDS,
    words::{NEWCOMERS, PEOPLE, TOWNS},
};

/// How a finished sentence reads.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// A sentence of the grammar of general text.
    General,
    /// A statement about somebody or a town in one of the ways of telling facts, true or not.
    Statement(Fact),
    /// Neither.
    Nonsense,
}

impl LanguageWorld {
    /// Whether an answer refuses: whether one of [`REFUSAL_WORDS`] is in it, before it ends.
    pub fn refuses(&self, answer: &[u32]) -> bool {
        let end = answer.iter().position(|&token| token == Vocabulary::END).unwrap_or(answer.len());
        REFUSAL_WORDS.iter().any(|word| answer[..end].contains(&self.vocabulary.id(word)))
    }

    /// How every finished document of a continuation reads, prompt included, that is no dialogue.
    pub fn readings(&self, text: &[u32]) -> Vec<Reading> {
        let text = text.strip_prefix(&[Vocabulary::BEGIN]).unwrap_or(text);
        let mut documents: Vec<&[u32]> = text.split(|&token| token == Vocabulary::END).collect();
        documents.pop();
        documents.retain(|document| document.first() != Some(&Vocabulary::USER));
        documents.into_iter().map(|document| self.reading(document)).collect()
    }

    /// How a sentence without its end token reads.
    pub fn reading(&self, sentence: &[u32]) -> Reading {
        if self.grammar.accepts(sentence) {
            return Reading::General;
        }
        self.statement(sentence).map_or(Reading::Nonsense, Reading::Statement)
    }

    fn statement(&self, sentence: &[u32]) -> Option<Fact> {
        let words: Vec<&'static str> = sentence
            .iter()
            .map(|&token| self.vocabulary.words().get(token as usize).copied())
            .collect::<Option<_>>()?;
        let find = |relation: &'static Relation, subjects: &[&[&'static str]]| {
            let frames = TOLD.iter().chain([&relation.told]);
            frames.filter_map(|frame| read(frame, &words, relation, subjects)).next()
        };
        let of_people = OF_PEOPLE.iter().find_map(|relation| find(relation, &[&PEOPLE, &NEWCOMERS]));
        of_people.or_else(|| OF_TOWNS.iter().find_map(|relation| find(relation, &[&TOWNS])))
    }
}

/// The fact that `words` state if they fill the frame.
fn read(
    frame: &str,
    words: &[&'static str],
    relation: &'static Relation,
    subjects: &[&[&'static str]],
) -> Option<Fact> {
    let slots: Vec<&str> = frame.split(' ').collect();
    let mut subject = None;
    let mut value = None;
    for (&slot, &word) in slots.iter().zip(words) {
        let fits = match slot {
            "{subject}" => {
                subject = Some(word);
                subjects.iter().any(|subjects| subjects.contains(&word))
            }
            "{value}" => {
                value = relation.values.iter().position(|&candidate| candidate == word);
                value.is_some()
            }
            "{relation}" => word == relation.name,
            _ => word == slot,
        };
        if !fits {
            return None;
        }
    }
    (slots.len() == words.len()).then_some(Fact { subject: subject?, relation, value: value? })
}

/// The share of runs of `length` tokens that stood in the text before; 0 where the text has fewer than two.
///
/// 1 - distinct / all, the `seq-rep-n` of Welleck et al. (1908.04319).
pub fn repetition(text: &[u32], length: core::num::NonZeroUsize) -> f64 {
    let all: Vec<&[u32]> = text.windows(length.get()).collect();
    let distinct: std::collections::BTreeSet<&[u32]> = all.iter().copied().collect();
    if all.is_empty() { 0.0 } else { 1.0 - distinct.len() as f64 / all.len() as f64 }
}
