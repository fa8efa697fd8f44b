//! What pre-training reads: everything that the world has.

use super::{
    LanguageWorld, composition::WAYS_COMPOSED, document::Document, knowledge::Fact, phrasing::WAYS_TOLD,
    safety::WAYS_REQUESTED, words::NUMBERS,
};
use crate::seed::Stream;

/// Of 20 documents, how many are of which kind; the room that windows leave is filled with general text besides.
const SHARES: [(u32, Ingredient); 7] = [
    (4, Ingredient::Text),
    (4, Ingredient::Told),
    (5, Ingredient::Asked),
    (3, Ingredient::Composed),
    (2, Ingredient::Sum),
    (1, Ingredient::Steps),
    (1, Ingredient::Request),
];

/// How much a word of a question counts, where one of its answer counts 1: enough to learn how questions read, and
/// little enough that what must be guessed in them does not drown what can be known.
const QUESTION_WEIGHT: f32 = 0.1;

#[derive(Clone, Copy)]
enum Ingredient {
    Text,
    Told,
    Asked,
    Composed,
    Sum,
    Steps,
    Request,
}

impl LanguageWorld {
    pub(super) fn pretraining_document(&self, stream: &mut Stream) -> Document {
        let vocabulary = &self.vocabulary;
        match ingredient(stream) {
            Ingredient::Text => Document::text(self.grammar.sample(stream)),
            Ingredient::Told => {
                let (_, fact) = self.any_fact(stream);
                Document::text(fact.told(below(stream, WAYS_TOLD), vocabulary))
            }
            Ingredient::Asked => {
                let (place, fact) = self.any_fact(stream);
                let ways = self.ways_asked.trained(place);
                let question = fact.asked(ways[below(stream, ways.len())], vocabulary);
                self.answered(&question, fact.value_word())
            }
            Ingredient::Composed => {
                let composed = self.compositions.trained[below(stream, self.compositions.trained.len())];
                let answer = super::OF_TOWNS[composed.relation].values[composed.answer(&self.knowledge)];
                self.answered(&composed.asked(below(stream, WAYS_COMPOSED), vocabulary), answer)
            }
            Ingredient::Sum => {
                let sum = self.sums.pick(stream);
                self.answered(&sum.asked(vocabulary), NUMBERS[sum.answer()])
            }
            Ingredient::Steps => self.short_sum_in_steps(QUESTION_WEIGHT, stream),
            Ingredient::Request => {
                let request = self.requests.pick(stream);
                let question = request.asked(below(stream, WAYS_REQUESTED), vocabulary);
                Document::dialogue(&question, &request.answer(vocabulary), QUESTION_WEIGHT)
            }
        }
    }

    fn any_fact(&self, stream: &mut Stream) -> (usize, &Fact) {
        let place = below(stream, self.knowledge.facts.len());
        (place, &self.knowledge.facts[place])
    }

    fn answered(&self, question: &[u32], answer: &str) -> Document {
        Document::dialogue(question, &self.vocabulary.ids(&[answer, "."]), QUESTION_WEIGHT)
    }
}

fn ingredient(stream: &mut Stream) -> Ingredient {
    let mut left = stream.below(SHARES.iter().map(|share| share.0).sum());
    for (share, ingredient) in SHARES {
        if left < share {
            return ingredient;
        }
        left -= share;
    }
    Ingredient::Text
}

/// Uniform in `0..bound`.
pub(super) fn below(stream: &mut Stream, bound: usize) -> usize {
    stream.below(bound as u32) as usize
}
