//! What is true in the world, and what the news changes.

use super::words::{ANIMALS, COLOURS, CRAFTS, FLOWERS, FOODS, INSTRUMENTS, NEWCOMERS, PEOPLE, TOWNS};
use crate::seed::{Seed, Stream};

/// Something that each of its subjects has exactly one of.
#[derive(Debug)]
pub struct Relation {
    pub name: &'static str,
    /// What can be had: the candidates of a question, so that guessing is right once in their number.
    pub values: &'static [&'static str],
    /// The question in words of its own.
    pub(super) asked: &'static str,
    /// The statement in words of its own.
    pub(super) told: &'static str,
}

/// What people have.
pub const OF_PEOPLE: [Relation; 8] = [
    Relation {
        name: "home",
        values: &TOWNS,
        asked: "where does {subject} live ?",
        told: "{subject} lives in {value} .",
    },
    Relation {
        name: "birthplace",
        values: &TOWNS,
        asked: "where was {subject} born ?",
        told: "{subject} was born in {value} .",
    },
    Relation {
        name: "craft",
        values: &CRAFTS,
        asked: "what work does {subject} do ?",
        told: "{subject} works as a {value} .",
    },
    Relation {
        name: "pet",
        values: &ANIMALS,
        asked: "which animal does {subject} keep ?",
        told: "{subject} keeps a {value} .",
    },
    Relation { name: "food", values: &FOODS, asked: "what does {subject} eat ?", told: "{subject} eats {value} ." },
    Relation {
        name: "colour",
        values: &COLOURS,
        asked: "what does {subject} paint with ?",
        told: "{subject} paints with {value} .",
    },
    Relation {
        name: "instrument",
        values: &INSTRUMENTS,
        asked: "what does {subject} play ?",
        told: "{subject} plays the {value} .",
    },
    Relation {
        name: "flower",
        values: &FLOWERS,
        asked: "what does {subject} grow ?",
        told: "{subject} grows a {value} .",
    },
];

/// What towns have. Each value belongs to two towns.
pub const OF_TOWNS: [Relation; 3] = [
    Relation {
        name: "flag",
        values: COLOURS.split_at(8).0,
        asked: "what does {subject} fly ?",
        told: "{subject} flies {value} .",
    },
    Relation {
        name: "crop",
        values: FLOWERS.split_at(8).0,
        asked: "what does {subject} sow ?",
        told: "{subject} sows {value} .",
    },
    Relation {
        name: "emblem",
        values: ANIMALS.split_at(8).0,
        asked: "what does {subject} show ?",
        told: "{subject} shows a {value} .",
    },
];

/// One thing that is true: the subject has this value of the relation.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub subject: &'static str,
    pub relation: &'static Relation,
    /// The place of the value among the relation's values.
    pub value: usize,
}

impl Fact {
    pub fn value_word(&self) -> &'static str {
        self.relation.values[self.value]
    }
}

/// All facts. Every value of a relation belongs to equally many people, newcomers and towns, so no answer is likelier than
/// another.
#[derive(Clone, Debug)]
pub struct Knowledge {
    /// What pre-training tells: of people, relation by relation; of towns, likewise; a little of newcomers.
    pub facts: Vec<Fact>,
    /// What the news tell of known people, instead of what was true: `(place in facts, new value)`, by place.
    pub changes: Vec<(usize, usize)>,
    /// What the news tell of people of whom little was known.
    pub newcomers: Vec<Fact>,
}

/// What pre-training tells of newcomers, so that a model can tell them apart.
pub const KNOWN_OF_NEWCOMERS: [&str; 2] = ["home", "craft"];
/// Of each relation of people, how many facts the news change.
const CHANGES_PER_RELATION: usize = 8;

impl Knowledge {
    pub(super) fn draw(seed: Seed) -> Self {
        let seed = seed.fork("knowledge");
        let of_people = OF_PEOPLE.iter().flat_map(|relation| facts(relation, &PEOPLE, seed.fork("people")));
        let of_towns = OF_TOWNS.iter().flat_map(|relation| facts(relation, &TOWNS, seed.fork("towns")));
        let of_newcomers = OF_PEOPLE.iter().flat_map(|relation| facts(relation, &NEWCOMERS, seed.fork("newcomers")));
        let (known, newcomers): (Vec<Fact>, Vec<Fact>) =
            of_newcomers.partition(|fact| KNOWN_OF_NEWCOMERS.contains(&fact.relation.name));
        let facts: Vec<Fact> = of_people.chain(of_towns).chain(known).collect();
        let mut stream = seed.fork("changes").stream();
        let changes = (0..OF_PEOPLE.len()).flat_map(|relation| changes(&facts, relation, &mut stream)).collect();
        Self { facts, changes, newcomers }
    }

    /// The place in `facts` of what a person has of the relation of that number.
    pub(super) fn of_person(&self, person: usize, relation: usize) -> &Fact {
        &self.facts[relation * PEOPLE.len() + person]
    }

    /// What a town has of the relation of that number.
    pub(super) fn of_town(&self, town: usize, relation: usize) -> &Fact {
        &self.facts[OF_PEOPLE.len() * PEOPLE.len() + relation * TOWNS.len() + town]
    }

    /// What the news tell, of known people and of newcomers.
    pub(super) fn news(&self) -> Vec<Fact> {
        let changed = self.changes.iter().map(|&(place, value)| Fact { value, ..self.facts[place] });
        changed.chain(self.newcomers.iter().copied()).collect()
    }

    /// The value that the news give to the fact at `place`, if they change it.
    pub(super) fn changed_to(&self, place: usize) -> Option<usize> {
        self.changes.iter().find(|change| change.0 == place).map(|change| change.1)
    }
}

fn facts(
    relation: &'static Relation,
    subjects: &'static [&'static str],
    seed: Seed,
) -> impl Iterator<Item = Fact> + use<> {
    let mut values: Vec<usize> = (0..subjects.len()).map(|k| k % relation.values.len()).collect();
    shuffle(&mut values, &mut seed.fork(relation.name).stream());
    subjects.iter().zip(values).map(move |(&subject, value)| Fact { subject, relation, value })
}

/// New values, different from the old ones, for some facts of a relation.
fn changes(facts: &[Fact], relation: usize, stream: &mut Stream) -> Vec<(usize, usize)> {
    let mut people: Vec<usize> = (0..PEOPLE.len()).collect();
    shuffle(&mut people, stream);
    let mut chosen: Vec<usize> = people[..CHANGES_PER_RELATION].to_vec();
    chosen.sort_unstable();
    chosen
        .into_iter()
        .map(|person| {
            let place = relation * PEOPLE.len() + person;
            let values = facts[place].relation.values.len();
            let step = 1 + stream.below(values as u32 - 1) as usize;
            (place, (facts[place].value + step) % values)
        })
        .collect()
}

/// Fisher and Yates's shuffle.
pub(super) fn shuffle<T>(items: &mut [T], stream: &mut Stream) {
    for last in (1..items.len()).rev() {
        items.swap(last, stream.below(last as u32 + 1) as usize);
    }
}
