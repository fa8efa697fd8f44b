//! What evaluation asks, training does not.

use std::collections::BTreeSet;

use lethe::data::language::{Choice, FineTuning, LanguageWorld, Part, Reasoning, Unseen};

use crate::{documents, prompts, world};

const SEEDS: [u64; 2] = [0, 1];
/// A thousand steps of 32 windows.
const WINDOWS: usize = 32_000;

fn trained_prompts(world: &LanguageWorld) -> BTreeSet<Vec<u32>> {
    let mut trained: BTreeSet<Vec<u32>> = prompts(&world.pretraining().batch(0, WINDOWS)).into_iter().collect();
    for set in FineTuning::ALL {
        trained.extend(prompts(&world.fine_tuning(set, Part::Train).batch(0, WINDOWS)));
    }
    trained
}

fn items(world: &LanguageWorld) -> Vec<Choice> {
    let mut items = Vec::new();
    for unseen in [Unseen::ForThisFact, Unseen::Altogether] {
        items.extend(world.knowledge_items(unseen));
        items.extend(world.newcomer_items(unseen));
    }
    items.extend(Reasoning::ALL.into_iter().flat_map(|kind| world.reasoning_items(kind)));
    items
}

#[test]
fn no_item_is_asked_in_training() {
    for seed in SEEDS {
        let world = world(seed);
        let trained = trained_prompts(&world);
        assert!(trained.len() > 6000, "only {} questions", trained.len());
        let asked = items(&world).into_iter().map(|item| item.prompt);
        let requested = world.safety_items().into_iter().map(|item| item.prompt);
        for prompt in asked.chain(requested) {
            assert!(!trained.contains(&prompt), "{}", world.vocabulary().decode(&prompt));
        }
    }
}

/// The same question of the same relation about somebody else is asked: only the pair is new.
#[test]
fn an_unseen_pairing_is_made_of_a_known_phrasing_and_a_known_subject() {
    let world = world(0);
    let trained = trained_prompts(&world);
    let subjects: BTreeSet<u32> =
        world.knowledge().facts.iter().map(|fact| world.vocabulary().id(fact.subject)).collect();
    let without_subject = |prompt: &Vec<u32>| -> Vec<u32> {
        prompt.iter().map(|id| if subjects.contains(id) { 0 } else { *id }).collect()
    };
    let known: BTreeSet<Vec<u32>> = trained.iter().map(without_subject).collect();
    for item in world.knowledge_items(Unseen::ForThisFact) {
        assert!(known.contains(&without_subject(&item.prompt)), "{}", world.vocabulary().decode(&item.prompt));
    }
    for item in world.knowledge_items(Unseen::Altogether) {
        assert!(!known.contains(&without_subject(&item.prompt)), "{}", world.vocabulary().decode(&item.prompt));
    }
}

#[test]
fn every_fact_is_told_and_asked() {
    let world = world(0);
    let documents: BTreeSet<Vec<u32>> = documents(&world.pretraining().batch(0, WINDOWS)).into_iter().collect();
    let v = world.vocabulary();
    for fact in &world.knowledge().facts {
        let told = format!("the {} of {} is {} .", fact.relation.name, fact.subject, fact.value_word());
        assert!(documents.contains(&v.encode(&told)), "{told}");
        let [subject, value] = [fact.subject, fact.value_word()].map(|word| v.id(word));
        let is_asked = |document: &&Vec<u32>| {
            document[0] == 4 && document.contains(&subject) && document[document.len() - 2] == value
        };
        assert!(documents.iter().filter(is_asked).count() >= 3, "{told}");
    }
}

#[test]
fn the_parts_of_a_fine_tuning_set_share_no_document() {
    for seed in SEEDS {
        let world = world(seed);
        for set in FineTuning::ALL {
            let of = |part| -> BTreeSet<Vec<u32>> {
                documents(&world.fine_tuning(set, part).batch(0, 8000)).into_iter().collect()
            };
            let [train, held_out] = [Part::Train, Part::HeldOut].map(of);
            assert!(train.len() > 1000 && held_out.len() > 500, "{set:?}: {} and {}", train.len(), held_out.len());
            assert!(train.is_disjoint(&held_out), "{set:?}");
        }
    }
}

#[test]
fn pretraining_says_nothing_of_what_the_news_tell() {
    let world = world(0);
    let facts: Vec<Vec<u32>> = documents(&world.pretraining().batch(0, WINDOWS))
        .into_iter()
        .filter(|document| !world.grammar().accepts(document) && document[0] != world.vocabulary().id("<user>"))
        .collect();
    assert!(facts.len() > 5000);
    for fact in &world.knowledge().newcomers {
        assert!(
            !facts.iter().any(|document| document.contains(&world.vocabulary().id(fact.subject))),
            "{}",
            fact.subject
        );
    }
    for &(place, value) in &world.knowledge().changes {
        let fact = &world.knowledge().facts[place];
        assert_ne!(fact.value, value);
        let told = format!("the {} of {} is {} .", fact.relation.name, fact.subject, fact.relation.values[value]);
        assert!(
            facts.contains(&world.vocabulary().encode(&told.replace(fact.relation.values[value], fact.value_word())))
        );
        assert!(!facts.contains(&world.vocabulary().encode(&told)), "{told}");
    }
}
