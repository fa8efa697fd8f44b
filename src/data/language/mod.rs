//! A world small enough to hold: a language of a few hundred words in which everything that is true is known.
//!
//! People and towns have things; the world tells and asks them in many phrasings, composes them, adds small numbers,
//! answers harmless requests and refuses harmful ones, and talks by the rules of a probabilistic grammar. Two sets
//! for fine-tuning teach something else. A Llama of 0.1 million parameters learns it from a few million tokens.
//! Examples, counts and scores: `docs/language-world.md`.
//!
//! ```
//! use lethe::{data::language::{LanguageWorld, Unseen}, seed::Seed};
//! let world = LanguageWorld::new(Seed::new(0));
//! let batch = world.pretraining().batch(0, 8);
//! assert_eq!(batch.inputs.len(), 8 * lethe::data::language::CONTEXT);
//! let item = &world.knowledge_items(Unseen::ForThisFact)[0];
//! assert_eq!(item.candidates.len(), 16);
//! ```

mod arithmetic;
mod composition;
mod corpus;
mod document;
mod fine_tuning;
mod grammar;
mod items;
mod judging;
mod knowledge;
mod phrasing;
mod pretraining;
mod safety;
mod tasks;
mod upstream;
mod vocabulary;
mod words;

pub use corpus::{Batch, CONTEXT, Corpus, Part};
pub use fine_tuning::FineTuning;
pub use grammar::Grammar;
pub use items::{Choice, Reasoning, SafetyItem, Unseen};
pub use judging::{Reading, repetition};
pub use knowledge::{Fact, KNOWN_OF_NEWCOMERS, Knowledge, OF_PEOPLE, OF_TOWNS, Relation};
pub use safety::{REFUSAL, REFUSAL_WORDS};
pub use tasks::{Task, TaskKind};
pub use upstream::{Upstream, UpstreamKind};
pub use vocabulary::Vocabulary;

use crate::seed::Seed;
use corpus::Kind;

/// The world of one seed: what is true in it, what is said of it, what is kept back.
#[derive(Clone, Debug)]
pub struct LanguageWorld {
    seed: Seed,
    vocabulary: Vocabulary,
    knowledge: Knowledge,
    ways_asked: phrasing::WaysAsked,
    compositions: composition::Compositions,
    sums: arithmetic::Sums,
    requests: safety::Requests,
    news: fine_tuning::News,
    grammar: Grammar,
}

impl LanguageWorld {
    /// Draws what is true, how it is said and what is kept back.
    pub fn new(seed: Seed) -> Self {
        let seed = seed.fork("language");
        let vocabulary = Vocabulary::new();
        let knowledge = Knowledge::draw(seed);
        Self {
            ways_asked: phrasing::WaysAsked::draw(&knowledge, seed),
            compositions: composition::Compositions::draw(seed),
            sums: arithmetic::Sums::draw(seed),
            requests: safety::Requests::draw(seed),
            news: fine_tuning::News::draw(knowledge.news(), seed),
            grammar: grammar::general(&vocabulary, seed),
            vocabulary,
            knowledge,
            seed,
        }
    }

    /// The words, the same in every world.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What is true.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// The grammar of general text.
    pub fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// Everything that the world has, mixed, except what is kept back for evaluation.
    pub fn pretraining(&self) -> Corpus<'_> {
        Corpus::new(self, Kind::Pretraining, "pretraining")
    }

    /// A set for fine-tuning, or its held-out part: other instructions, and other ways of telling the same news.
    pub fn fine_tuning(&self, set: FineTuning, part: Part) -> Corpus<'_> {
        let kind = match set {
            FineTuning::Orca => Kind::Instructions(part),
            FineTuning::News => Kind::News(part),
        };
        let part = if part == Part::Train { "train" } else { "held out" };
        Corpus::new(self, kind, &format!("{} {part}", set.name()))
    }

    /// General text that no training reads, for what fine-tuning changes beside its task: full windows of sentences.
    /// A short sentence may occur in pre-training by chance.
    pub fn general_text(&self) -> Corpus<'_> {
        Corpus::new(self, Kind::General, "general text")
    }
}
