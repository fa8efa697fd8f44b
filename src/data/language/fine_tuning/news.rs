//! News: facts of newcomers, and facts of known people that have changed, in sentences that say that they are news.

use crate::{
    data::language::{
        LanguageWorld, Part, Vocabulary,
        document::Document,
        knowledge::{Fact, shuffle},
        phrasing::WAYS_TOLD,
        pretraining::below,
    },
    seed::{Seed, Stream},
};

/// How a statement is announced. General text opens with the same words, but tells no facts.
const OPENERS: [&str; 4] = ["today", "we hear that", "it is said that", "the news is that"];

/// In how many ways a piece of news can be told: an opening, then one of the ways in which pre-training tells facts.
pub const WAYS_OF_NEWS: usize = OPENERS.len() * WAYS_TOLD;
/// How many of them training leaves out for a given fact; the held-out part of the set is told in them.
pub const WAYS_OF_NEWS_HELD_OUT: usize = 3;

/// What the news tell, and how each fact may be told: the first ways are held out.
#[derive(Clone, Debug)]
pub(in crate::data::language) struct News(Vec<(Fact, [usize; WAYS_OF_NEWS])>);

impl News {
    pub fn draw(facts: Vec<Fact>, seed: Seed) -> Self {
        let mut stream = seed.fork("ways of news").stream();
        let ways = facts.into_iter().map(|fact| {
            let mut ways = core::array::from_fn(|way| way);
            shuffle(&mut ways, &mut stream);
            (fact, ways)
        });
        Self(ways.collect())
    }

    pub fn ways(&self, place: usize, part: Part) -> (&Fact, &[usize]) {
        let (fact, ways) = &self.0[place];
        let (held_out, train) = ways.split_at(WAYS_OF_NEWS_HELD_OUT);
        (fact, if part == Part::Train { train } else { held_out })
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl LanguageWorld {
    pub(in crate::data::language) fn news_document(&self, part: Part, stream: &mut Stream) -> Document {
        let (fact, ways) = self.news.ways(below(stream, self.news.len()), part);
        Document::text(piece_of_news(fact, ways[below(stream, ways.len())], &self.vocabulary))
    }
}

/// The fact in the `way`-th of [`WAYS_OF_NEWS`] ways.
pub(in crate::data::language) fn piece_of_news(fact: &Fact, way: usize, vocabulary: &Vocabulary) -> Vec<u32> {
    let mut words = vocabulary.encode(OPENERS[way / WAYS_TOLD]);
    words.extend(fact.told(way % WAYS_TOLD, vocabulary));
    words
}
