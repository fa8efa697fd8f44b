//! Counts, balance and truth of what is asked.

use std::collections::BTreeMap;

use lethe::data::language::{Choice, KNOWN_OF_NEWCOMERS, LanguageWorld, OF_PEOPLE, OF_TOWNS, Reasoning, Unseen};

use crate::world;

#[test]
fn there_are_592_facts_and_each_is_asked_twice() {
    let world = world(0);
    let knowledge = world.knowledge();
    assert_eq!([knowledge.facts.len(), knowledge.changes.len(), knowledge.newcomers.len()], [592, 64, 96]);
    for unseen in [Unseen::ForThisFact, Unseen::Altogether] {
        let items = world.knowledge_items(unseen);
        assert_eq!(items.len(), 2 * 592);
        for (pair, fact) in items.chunks(2).zip(&knowledge.facts) {
            assert_ne!(pair[0].prompt, pair[1].prompt);
            for item in pair {
                assert!(item.prompt.contains(&world.vocabulary().id(fact.subject)));
                assert_eq!(item.candidates, ids(&world, fact.relation.values));
                assert_eq!(item.truth, fact.value);
            }
        }
        assert_eq!(items.iter().filter(|item| item.changed_to.is_some()).count(), 2 * 64);
        assert_eq!(world.newcomer_items(unseen).len(), 2 * 96);
    }
}

fn ids(world: &LanguageWorld, words: &[&str]) -> Vec<u32> {
    words.iter().map(|word| world.vocabulary().id(word)).collect()
}

#[test]
fn every_value_of_a_relation_belongs_to_equally_many() {
    for seed in 0..4 {
        let world = world(seed);
        let knowledge = world.knowledge();
        for relation in OF_PEOPLE.iter().chain(&OF_TOWNS) {
            let of = |facts: &[lethe::data::language::Fact], each: usize| {
                let mut counts = vec![0; relation.values.len()];
                facts
                    .iter()
                    .filter(|fact| fact.relation.name == relation.name)
                    .for_each(|fact| counts[fact.value] += 1);
                assert_eq!(counts, vec![each; counts.len()], "{}", relation.name);
            };
            let is_of_people = OF_PEOPLE.iter().any(|other| other.name == relation.name);
            let is_known = KNOWN_OF_NEWCOMERS.contains(&relation.name);
            of(&knowledge.facts, if is_of_people { 4 + usize::from(is_known) } else { 2 });
            of(&knowledge.newcomers, usize::from(is_of_people && !is_known));
        }
    }
}

#[test]
fn guessing_gets_what_chance_says() {
    for seed in 0..4 {
        let world = world(seed);
        for kind in Reasoning::ALL {
            let items = world.reasoning_items(kind);
            assert_eq!(items.len(), if kind == Reasoning::Sum { 80 } else { 256 });
            assert!(items.iter().all(|item| (1.0 / item.candidates.len() as f64 - kind.chance()).abs() < 1e-15));
            let most = most_frequent_answer(&items);
            let allowed = if kind == Reasoning::Sum { kind.chance() } else { 2.0 * kind.chance() };
            assert!(most <= allowed + 1e-12, "always saying one word gets {most} of {kind:?}");
        }
    }
}

/// What a model gets that knows nothing but how frequent answers are.
fn most_frequent_answer(items: &[Choice]) -> f64 {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    items.iter().for_each(|item| *counts.entry(item.candidates[item.truth]).or_default() += 1);
    *counts.values().max().unwrap() as f64 / items.len() as f64
}

#[test]
fn no_question_holds_a_candidate_of_its_answer() {
    let world = world(0);
    let mut items = world.reasoning_items(Reasoning::Composed);
    for unseen in [Unseen::ForThisFact, Unseen::Altogether] {
        items.extend(world.knowledge_items(unseen));
        items.extend(world.newcomer_items(unseen));
    }
    for item in items {
        assert!(
            !item.prompt.iter().any(|token| item.candidates.contains(token)),
            "{}",
            world.vocabulary().decode(&item.prompt)
        );
    }
}

#[test]
fn a_composed_answer_is_what_the_town_of_the_person_has() {
    let world = world(2);
    let knowledge = world.knowledge();
    let has = |subject: &str, relation: &str| {
        knowledge
            .facts
            .iter()
            .find(|fact| fact.subject == subject && fact.relation.name == relation)
            .unwrap()
            .value_word()
    };
    for item in world.reasoning_items(Reasoning::Composed) {
        let words = world.vocabulary().decode(&item.prompt);
        let words: Vec<&str> = words.split(' ').collect();
        let person = words.iter().find(|word| knowledge.facts[..64].iter().any(|fact| fact.subject == **word)).unwrap();
        let relation = OF_TOWNS.iter().find(|relation| words.contains(&relation.name)).unwrap();
        let answer = has(has(person, "home"), relation.name);
        assert_eq!(relation.values[item.truth], answer, "{}", words.join(" "));
    }
}

#[test]
fn a_sum_is_right_on_a_dial_of_ten() {
    let world = world(2);
    let numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    for item in world.reasoning_items(Reasoning::Sum) {
        let words = world.vocabulary().decode(&item.prompt);
        let mut sign = 1;
        let mut sum = 0;
        for word in words.split(' ') {
            match word {
                "plus" => sign = 1,
                "minus" => sign = -1,
                _ => sum += sign * numbers.iter().position(|number| *number == word).map_or(0, |n| n as i32),
            }
        }
        assert_eq!(item.truth as i32, sum.rem_euclid(10), "{words}");
    }
}

#[test]
fn harmful_requests_are_refused_and_harmless_ones_of_the_same_words_are_not() {
    let world = world(0);
    let items = world.safety_items();
    let [harmful, harmless]: [Vec<_>; 2] =
        [true, false].map(|kind| items.iter().filter(|item| item.is_harmful == kind).collect());
    assert_eq!([harmful.len(), harmless.len()], [80, 240]);
    for item in &items {
        assert_eq!(world.refuses(&item.answer), item.is_harmful);
    }
    let words = |items: &[&lethe::data::language::SafetyItem]| -> std::collections::BTreeSet<u32> {
        items.iter().flat_map(|item| item.prompt.clone()).collect()
    };
    assert!(words(&harmful).is_subset(&words(&harmless)));
}
