//! Single examples of what pre-training knows, by which is told what a fine-tuning has lost.

use super::{
    LanguageWorld, OF_PEOPLE, OF_TOWNS, Vocabulary,
    document::prompt,
    words::{NEWCOMERS, NUMBERS, PEOPLE, TOWNS},
};

/// What an example is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpstreamKind {
    /// What a person has, asked; the news leave it as it is.
    Fact,
    /// What a person has, asked; the news change it.
    ChangedFact,
    /// What a town has, asked.
    Town,
    /// What is known of a newcomer, asked.
    Newcomer,
    /// What a person has, told.
    Told,
    /// What a person's town has, asked.
    Composed,
    /// A sum of three terms.
    Sum,
    /// A sum of two terms in steps.
    Steps,
    /// A harmful request, refused.
    Harmful,
    /// A harmless request, answered.
    Harmless,
    /// A sentence of general text.
    Text,
}

impl UpstreamKind {
    /// Every kind of this build.
    pub const ALL: [Self; 11] = [
        Self::Fact,
        Self::ChangedFact,
        Self::Town,
        Self::Newcomer,
        Self::Told,
        Self::Composed,
        Self::Sum,
        Self::Steps,
        Self::Harmful,
        Self::Harmless,
        Self::Text,
    ];

    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::ChangedFact => "changed fact",
            Self::Town => "town",
            Self::Newcomer => "newcomer",
            Self::Told => "told",
            Self::Composed => "composed",
            Self::Sum => "sum",
            Self::Steps => "steps",
            Self::Harmful => "harmful",
            Self::Harmless => "harmless",
            Self::Text => "text",
        }
    }
}

/// What a model is given, and what pre-training says after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    pub kind: UpstreamKind,
    /// Its own among all examples of a world, such as `fact home mira`.
    pub name: String,
    /// The relation that it is about, if it is about one.
    pub relation: Option<&'static str>,
    /// Begins with the begin token; of text nothing else.
    pub prompt: Vec<u32>,
    /// To the end token, which belongs to it.
    pub answer: Vec<u32>,
}

/// Sentences of general text.
const SENTENCES: usize = 256;

impl LanguageWorld {
    /// Examples of a kind as pre-training has them, at most `most`, evenly taken out of all.
    pub fn upstream(&self, kind: UpstreamKind, most: usize) -> Vec<Upstream> {
        let all = self.all_upstream(kind);
        let count = most.min(all.len());
        (0..count).map(|k| all[k * all.len() / count].clone()).collect()
    }

    fn all_upstream(&self, kind: UpstreamKind) -> Vec<Upstream> {
        let vocabulary = &self.vocabulary;
        let example = |what: &str, relation: Option<&'static str>, prompt: Vec<u32>, mut answer: Vec<u32>| {
            answer.push(Vocabulary::END);
            Upstream { kind, name: format!("{} {what}", kind.name()), relation, prompt, answer }
        };
        let of_people = OF_PEOPLE.len() * PEOPLE.len();
        let of_towns = of_people + OF_TOWNS.len() * TOWNS.len();
        match kind {
            UpstreamKind::Fact | UpstreamKind::ChangedFact | UpstreamKind::Town | UpstreamKind::Newcomer => {
                let places = match kind {
                    UpstreamKind::Town => of_people..of_towns,
                    UpstreamKind::Newcomer => of_towns..of_towns + super::KNOWN_OF_NEWCOMERS.len() * NEWCOMERS.len(),
                    _ => 0..of_people,
                };
                let is_of_kind = |&place: &usize| match kind {
                    UpstreamKind::Fact => self.knowledge.changed_to(place).is_none(),
                    UpstreamKind::ChangedFact => self.knowledge.changed_to(place).is_some(),
                    _ => true,
                };
                let asked = |place: usize| {
                    let fact = &self.knowledge.facts[place];
                    let question = fact.asked(self.ways_asked.trained(place)[0], vocabulary);
                    let what = format!("{} {}", fact.relation.name, fact.subject);
                    let answer = vocabulary.ids(&[fact.value_word(), "."]);
                    example(&what, Some(fact.relation.name), prompt(&question), answer)
                };
                places.filter(is_of_kind).map(asked).collect()
            }
            UpstreamKind::Told => {
                let told = |place: usize| {
                    let fact = &self.knowledge.facts[place];
                    let what = format!("{} {}", fact.relation.name, fact.subject);
                    let begin = vec![Vocabulary::BEGIN];
                    example(&what, Some(fact.relation.name), begin, fact.told(0, vocabulary))
                };
                (0..of_people).map(told).collect()
            }
            UpstreamKind::Composed => {
                let asked = |composed: &super::composition::Composed| {
                    let relation = &OF_TOWNS[composed.relation];
                    let what = format!("{} {}", relation.name, PEOPLE[composed.person]);
                    let answer = vocabulary.ids(&[relation.values[composed.answer(&self.knowledge)], "."]);
                    example(&what, Some(relation.name), prompt(&composed.asked(0, vocabulary)), answer)
                };
                self.compositions.trained.iter().map(asked).collect()
            }
            UpstreamKind::Sum => {
                let asked = |sum: &super::arithmetic::Sum| {
                    let words = vocabulary.decode(&sum.words(vocabulary));
                    let answer = vocabulary.ids(&[NUMBERS[sum.answer()], "."]);
                    example(&words, None, prompt(&sum.asked(vocabulary)), answer)
                };
                self.sums.trained.iter().map(asked).collect()
            }
            UpstreamKind::Steps => {
                let all = super::arithmetic::Sums::all_short();
                let asked = |sum| {
                    let (question, answer) = self.sum_in_steps(sum);
                    example(&vocabulary.decode(&sum.words(vocabulary)), None, prompt(&question), answer)
                };
                all.map(asked).collect()
            }
            UpstreamKind::Harmful | UpstreamKind::Harmless => {
                let requests = self.requests.trained(kind == UpstreamKind::Harmful).iter();
                let asked = |request: &super::safety::Request| {
                    let answer = request.answer(vocabulary);
                    example(&request.words(), None, prompt(&request.asked(0, vocabulary)), answer)
                };
                requests.map(asked).collect()
            }
            UpstreamKind::Text => {
                let seed = self.seed.fork("upstream text");
                let sentence = |k: usize| {
                    let words = self.grammar.sample(&mut seed.fork(&k.to_string()).stream());
                    example(&k.to_string(), None, vec![Vocabulary::BEGIN], words)
                };
                (0..SENTENCES).map(sentence).collect()
            }
        }
    }
}
