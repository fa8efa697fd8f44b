//! What evaluation asks, training does not.

use std::collections::BTreeSet;

use lethe::data::language::{Choice, Fact, FineTuning, LanguageWorld, Part, Reading, Reasoning, Unseen, Vocabulary};

use crate::{documents, prompts, world};

const SEEDS: [u64; 2] = [0, 1];
/// Five hundred steps of 32 windows.
const WINDOWS: usize = 16_000;

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
        assert!(trained.len() > 5000, "only {} questions", trained.len());
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
fn every_fact_is_asked_again_and_again() {
    let world = world(0);
    let documents = documents(&world.pretraining().batch(0, WINDOWS));
    for fact in &world.knowledge().facts {
        let [subject, value] = [fact.subject, fact.value_word()].map(|word| world.vocabulary().id(word));
        let is_asked = |document: &&Vec<u32>| {
            document[0] == Vocabulary::USER && document.contains(&subject) && document[document.len() - 2] == value
        };
        assert!(documents.iter().filter(is_asked).count() >= 3, "{:?}", as_words(fact));
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
            assert!(train.len() > 1000 && held_out.len() > 400, "{set:?}: {} and {}", train.len(), held_out.len());
            assert!(train.is_disjoint(&held_out), "{set:?}");
        }
    }
}

fn as_words(fact: &Fact) -> [&'static str; 3] {
    [fact.subject, fact.relation.name, fact.value_word()]
}

#[test]
fn pretraining_states_what_is_true_and_nothing_of_what_the_news_tell() {
    let world = world(0);
    let knowledge = world.knowledge();
    let known: BTreeSet<_> = knowledge.facts.iter().map(as_words).collect();
    let mut stated = BTreeSet::new();
    for document in documents(&world.pretraining().batch(0, WINDOWS)) {
        match world.reading(&document) {
            Reading::General => {}
            Reading::Statement(fact) => _ = stated.insert(as_words(&fact)),
            Reading::Nonsense => assert_eq!(document[0], Vocabulary::USER, "{}", world.vocabulary().decode(&document)),
        }
    }
    assert_eq!(stated, known);
    assert!(knowledge.newcomers.iter().all(|fact| !known.contains(&as_words(fact))));
    for &(place, value) in &knowledge.changes {
        assert!(!known.contains(&as_words(&Fact { value, ..knowledge.facts[place] })));
    }
}

#[test]
fn the_news_state_changes_and_the_rest_of_newcomers_in_both_parts() {
    let world = world(0);
    let knowledge = world.knowledge();
    let changed = knowledge.changes.iter().map(|&(place, value)| Fact { value, ..knowledge.facts[place] });
    let news: BTreeSet<_> = changed.chain(knowledge.newcomers.iter().copied()).map(|fact| as_words(&fact)).collect();
    for part in [Part::Train, Part::HeldOut] {
        let mut stated = BTreeSet::new();
        for document in documents(&world.fine_tuning(FineTuning::News, part).batch(0, 2000)) {
            let openers = ["today", "we hear that", "it is said that", "the news is that"];
            let text = world.vocabulary().decode(&document);
            let statement = openers.iter().find_map(|opener| text.strip_prefix(opener)).unwrap();
            let Reading::Statement(fact) = world.reading(&world.vocabulary().encode(statement)) else {
                panic!("{text}")
            };
            stated.insert(as_words(&fact));
        }
        assert_eq!(stated, news, "{part:?}");
    }
}
