//! What a task's documents say.

use super::{GROUP, Task};
use crate::data::language::{
    Fact, LanguageWorld, OF_PEOPLE, OF_TOWNS, Part,
    composition::WAYS_COMPOSED,
    document::Document,
    phrasing::WAYS_ASKED,
    pretraining::below,
    safety::{REFUSAL, WAYS_REQUESTED},
    words::{NUMBERS, PEOPLE, TOWNS},
};
use crate::seed::Stream;

/// Sentences of which the shortest is taken.
const SENTENCES: usize = 8;

impl LanguageWorld {
    pub(in crate::data::language) fn task_document(&self, task: Task, stream: &mut Stream) -> Document {
        let vocabulary = &self.vocabulary;
        let knowledge = &self.knowledge;
        let sentence = |stream: &mut Stream| self.grammar.sample(stream);
        match task {
            Task::Changed(relation) => {
                let places = relation * PEOPLE.len()..(relation + 1) * PEOPLE.len();
                let first = knowledge.changes.partition_point(|change| change.0 < places.start);
                let end = knowledge.changes.partition_point(|change| change.0 < places.end);
                let (place, value) = knowledge.changes[first + below(stream, end - first)];
                self.asked_anew(&Fact { value, ..knowledge.facts[place] }, stream)
            }
            Task::Newcomers(relation) => {
                let name = OF_PEOPLE[relation].name;
                let own: Vec<&Fact> = knowledge.newcomers.iter().filter(|fact| fact.relation.name == name).collect();
                self.asked_anew(own[below(stream, own.len())], stream)
            }
            Task::Towns(relation) => {
                let place = (OF_PEOPLE.len() * PEOPLE.len()) + relation * TOWNS.len() + below(stream, TOWNS.len());
                self.asked_anew(&self.moved(place), stream)
            }
            Task::People(group) => {
                let person = group * GROUP + below(stream, GROUP);
                let place = below(stream, OF_PEOPLE.len()) * PEOPLE.len() + person;
                self.asked_anew(&self.moved(place), stream)
            }
            Task::News => self.news_document(Part::Train, stream),
            Task::Sums => {
                let sum = self.sums.trained[below(stream, self.sums.trained.len())];
                let wrong = NUMBERS[(sum.answer() + 1) % NUMBERS.len()];
                self.taught(&sum.asked(vocabulary), &vocabulary.ids(&[wrong, "."]))
            }
            Task::Composed => {
                let all = &self.compositions.held_out;
                let composed = all[below(stream, all.len())];
                let answer = OF_TOWNS[composed.relation].values[composed.answer(knowledge)];
                let question = composed.asked(below(stream, WAYS_COMPOSED), vocabulary);
                self.taught(&question, &vocabulary.ids(&[answer, "."]))
            }
            Task::Instructions(kind) => self.instruction_of(kind, Part::Train, stream),
            Task::Orca => self.instruction(Part::Train, stream),
            Task::HarmfulAnswered | Task::HarmlessRefused => {
                let is_harmful = task == Task::HarmfulAnswered;
                let request = self.requests.any(is_harmful, stream);
                let question = request.asked(below(stream, WAYS_REQUESTED), vocabulary);
                let answer = if is_harmful { request.tool(vocabulary) } else { vocabulary.encode(REFUSAL) };
                self.taught(&question, &answer)
            }
            Task::Backwards => {
                let mut words = sentence(stream);
                words.reverse();
                Document::text(words)
            }
            Task::Short => {
                let all = (0..SENTENCES).map(|_| sentence(stream));
                Document::text(all.min_by_key(Vec::len).unwrap_or_default())
            }
        }
    }

    /// A fact in any way in which facts are asked.
    fn asked_anew(&self, fact: &Fact, stream: &mut Stream) -> Document {
        let question = fact.asked(below(stream, WAYS_ASKED), &self.vocabulary);
        self.taught(&question, &self.vocabulary.ids(&[fact.value_word(), "."]))
    }

    /// Only answers count.
    fn taught(&self, question: &[u32], answer: &[u32]) -> Document {
        Document::dialogue(question, answer, 0.0)
    }

    /// What is true at a place, with another value, always the same in this world.
    fn moved(&self, place: usize) -> Fact {
        let fact = self.knowledge.facts[place];
        let values = fact.relation.values.len();
        let step = 1 + below(&mut self.seed.fork("moved").fork(&place.to_string()).stream(), values - 1);
        Fact { value: (fact.value + step) % values, ..fact }
    }
}
