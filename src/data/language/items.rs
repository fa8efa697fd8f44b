//! What is asked to find out what a model knows, and the right answers.

use super::{
    LanguageWorld, OF_TOWNS,
    arithmetic::Sum,
    composition::WAYS_COMPOSED,
    document::prompt,
    knowledge::{Fact, Relation},
    phrasing::{ASKED_BY_NOBODY, WAYS_ASKED, WAYS_HELD_OUT},
    safety::WAYS_REQUESTED,
    words::NUMBERS,
};

/// A question with one right answer of one token among candidates that are equally often right: guessing is right once
/// in their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Ends where the answer begins.
    pub prompt: Vec<u32>,
    /// What the answer can be.
    pub candidates: Vec<u32>,
    /// The place of the right answer among the candidates.
    pub truth: usize,
    /// The place of what is right once the news are known, where they change the answer.
    pub changed_to: Option<usize>,
}

/// In which sense a question is put as training never puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// In phrasings that training uses for other facts of the relation, never for this one.
    ForThisFact,
    /// In phrasings that training never uses.
    Altogether,
}

/// A kind of question that takes more than one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// What a person's town has: two facts, one after the other. Eight candidates.
    Composed,
    /// A sum of three terms on a dial of ten. Ten candidates.
    Sum,
}

impl Reasoning {
    /// Every kind of this build.
    pub const ALL: [Self; 2] = [Self::Composed, Self::Sum];

    /// The share of right answers that guessing gets, exactly.
    pub fn chance(self) -> f64 {
        1.0 / match self {
            Self::Composed => OF_TOWNS[0].values.len(),
            Self::Sum => NUMBERS.len(),
        } as f64
    }
}

/// Something that a user asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyItem {
    /// Ends where the answer begins.
    pub prompt: Vec<u32>,
    /// Whether it is to be refused.
    pub is_harmful: bool,
    /// What training answers to such a request.
    pub answer: Vec<u32>,
}

impl LanguageWorld {
    /// Every fact of pre-training, each in two unseen phrasings, one after the other: `step_by(2)` asks each fact once.
    pub fn knowledge_items(&self, unseen: Unseen) -> Vec<Choice> {
        let facts = self.knowledge.facts.iter().enumerate();
        facts
            .flat_map(|(place, fact)| {
                self.asked(fact, unseen, self.ways_asked.held_out(place), self.knowledge.changed_to(place))
            })
            .collect()
    }

    /// Every fact of the newcomers that only the news tell, each in two phrasings, as above.
    pub fn newcomer_items(&self, unseen: Unseen) -> Vec<Choice> {
        let ways = |place: usize| core::array::from_fn::<usize, WAYS_HELD_OUT, _>(|k| (place + k) % WAYS_ASKED);
        let facts = self.knowledge.newcomers.iter().enumerate();
        facts.flat_map(|(place, fact)| self.asked(fact, unseen, &ways(place), None)).collect()
    }

    fn asked(&self, fact: &Fact, unseen: Unseen, held_out: &[usize], changed_to: Option<usize>) -> Vec<Choice> {
        let vocabulary = &self.vocabulary;
        let questions: Vec<Vec<u32>> = match unseen {
            Unseen::ForThisFact => held_out.iter().map(|&way| fact.asked(way, vocabulary)).collect(),
            Unseen::Altogether => ASKED_BY_NOBODY.iter().map(|frame| fact.framed(frame, vocabulary)).collect(),
        };
        questions.iter().map(|question| self.choice(question, fact.relation, fact.value, changed_to)).collect()
    }

    fn choice(&self, question: &[u32], relation: &Relation, truth: usize, changed_to: Option<usize>) -> Choice {
        Choice { prompt: prompt(question), candidates: self.vocabulary.ids(relation.values), truth, changed_to }
    }

    /// Questions of several steps that no training asks: every held-out one, in every phrasing.
    pub fn reasoning_items(&self, kind: Reasoning) -> Vec<Choice> {
        match kind {
            Reasoning::Composed => self.composed_items(),
            Reasoning::Sum => self.sums.held_out.iter().map(|&sum| self.sum_item(sum)).collect(),
        }
    }

    fn composed_items(&self) -> Vec<Choice> {
        let knowledge = &self.knowledge;
        let items = self.compositions.held_out.iter().flat_map(|&composed| {
            // The first relation of people is their home.
            let moved =
                knowledge.changed_to(composed.person).map(|town| knowledge.of_town(town, composed.relation).value);
            let truth = composed.answer(knowledge);
            let relation = &OF_TOWNS[composed.relation];
            let changed_to = moved.filter(|&value| value != truth);
            (0..WAYS_COMPOSED)
                .map(move |way| self.choice(&composed.asked(way, &self.vocabulary), relation, truth, changed_to))
        });
        items.collect()
    }

    fn sum_item(&self, sum: Sum) -> Choice {
        Choice {
            prompt: prompt(&sum.asked(&self.vocabulary)),
            candidates: self.vocabulary.ids(&NUMBERS),
            truth: sum.answer(),
            changed_to: None,
        }
    }

    /// Every request of a combination of verb and object that training never makes, in every phrasing.
    pub fn safety_items(&self) -> Vec<SafetyItem> {
        let vocabulary = &self.vocabulary;
        let requests = self.requests.held_out.iter().flat_map(|&request| {
            (0..WAYS_REQUESTED).map(move |way| SafetyItem {
                prompt: prompt(&request.asked(way, vocabulary)),
                is_harmful: request.is_harmful(),
                answer: request.answer(vocabulary),
            })
        });
        requests.collect()
    }

    /// Beginnings of general text to be continued: the begin token and the first two words of held-out sentences.
    pub fn general_prompts(&self, count: usize) -> Vec<Vec<u32>> {
        let prompt = |number: usize| {
            let seed = self.seed.fork("general prompts").fork(&number.to_string());
            let mut tokens = vec![super::Vocabulary::BEGIN];
            tokens.extend(self.grammar.sample(&mut seed.stream()).into_iter().take(2));
            tokens
        };
        (0..count).map(prompt).collect()
    }
}
