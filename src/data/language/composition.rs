//! Questions that take two facts: what a person's town has.

use super::{
    Vocabulary,
    knowledge::{Knowledge, OF_TOWNS, shuffle},
    phrasing::fill,
    words::PEOPLE,
};
use crate::seed::Seed;

/// In how many ways the question is put.
pub const WAYS_COMPOSED: usize = FRAMES.len();

const FRAMES: [&str; 4] = [
    "what is the {relation} of the home of {subject} ?",
    "tell me the {relation} of the home of {subject} .",
    "say what the {relation} of the home of {subject} is .",
    "i ask for the {relation} of the home of {subject} .",
];

/// What the home of a person has of a relation of towns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Composed {
    /// Among [`PEOPLE`].
    pub person: usize,
    /// Among [`OF_TOWNS`].
    pub relation: usize,
}

impl Composed {
    pub fn asked(self, way: usize, vocabulary: &Vocabulary) -> Vec<u32> {
        let slots = [("{relation}", OF_TOWNS[self.relation].name), ("{subject}", PEOPLE[self.person])];
        fill(FRAMES[way], &slots, vocabulary)
    }

    /// The town where the person lives, as a place among the towns.
    pub fn town(self, knowledge: &Knowledge) -> usize {
        knowledge.of_person(self.person, 0).value
    }

    /// The answer, as a place among the relation's values.
    pub fn answer(self, knowledge: &Knowledge) -> usize {
        knowledge.of_town(self.town(knowledge), self.relation).value
    }
}

/// Every such question: those that training asks and those that it never asks, one of each person.
#[derive(Clone, Debug)]
pub(super) struct Compositions {
    pub trained: Vec<Composed>,
    pub held_out: Vec<Composed>,
}

impl Compositions {
    /// Holds out each relation of towns for a third of the people.
    pub fn draw(seed: Seed) -> Self {
        let mut people: Vec<usize> = (0..PEOPLE.len()).collect();
        shuffle(&mut people, &mut seed.fork("compositions").stream());
        let is_held_out = |composed: &Composed| people[composed.person] % OF_TOWNS.len() == composed.relation;
        let all =
            (0..PEOPLE.len()).flat_map(|person| (0..OF_TOWNS.len()).map(move |relation| Composed { person, relation }));
        let (held_out, trained) = all.partition(is_held_out);
        Self { trained, held_out }
    }
}
