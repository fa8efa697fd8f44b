use core::num::NonZeroUsize;

use lethe::data::language::{LanguageWorld, REFUSAL, Reading, repetition};
use proptest::prelude::*;

use crate::world;

proptest! {
    /// What a network writes is read, whatever it is, and never a sentence where words are missing.
    #[test]
    fn any_tokens_are_read(tokens in prop::collection::vec(0u32..400, 0..200)) {
        let world: LanguageWorld = world(0);
        let readings = world.readings(&tokens);
        prop_assert!(readings.len() <= tokens.iter().filter(|&&token| token == 3).count());
        prop_assert!((0.0..=1.0).contains(&world.grammar().probability(&tokens)));
    }

    #[test]
    fn any_text_of_known_words_encodes_to_what_it_was_decoded_from(tokens in prop::collection::vec(any::<prop::sample::Index>(), 0..100)) {
        let world = world(0);
        let tokens: Vec<u32> = tokens.iter().map(|token| token.index(world.vocabulary().words().len()) as u32).collect();
        prop_assert_eq!(world.vocabulary().encode(&world.vocabulary().decode(&tokens)), tokens);
    }
}

#[test]
fn an_answer_refuses_by_its_words_before_it_ends() {
    let world = world(0);
    let refuses = |text: &str| world.refuses(&world.vocabulary().encode(text));
    assert!(refuses(REFUSAL));
    assert!(refuses("i cannot use a saw . <eos>"));
    assert!(!refuses("use a hammer . <eos> sorry"));
    assert!(!refuses(""));
}

#[test]
fn repetition_is_the_share_of_runs_that_stood_before() {
    let of = |text: &[u32], length| repetition(text, NonZeroUsize::new(length).unwrap());
    assert_eq!(of(&[1, 2, 3, 4], 1), 0.0);
    assert_eq!(of(&[1, 1, 1, 1], 1), 0.75);
    assert_eq!(of(&[1, 2, 1, 2, 1], 2), 0.5);
    assert_eq!(of(&[1, 2], 3), 0.0);
    assert_eq!(of(&[], 1), 0.0);
}

#[test]
fn statements_are_read_with_their_fact_whether_true_or_not() {
    let world = world(0);
    for fact in &world.knowledge().facts {
        for (subject, value) in [(fact.subject, fact.value_word()), (fact.subject, fact.relation.values[0])] {
            let text = format!("{subject} has {value} as {} .", fact.relation.name);
            let Reading::Statement(read) = world.reading(&world.vocabulary().encode(&text)) else { panic!("{text}") };
            assert_eq!((read.subject, read.relation.name, read.value_word()), (subject, fact.relation.name, value));
        }
    }
}

#[test]
fn the_finished_documents_of_a_text_are_read_and_no_others() {
    let world = world(0);
    let text = "<bos> mira cooks soup . <eos> mira lives in oakford . <eos> <user> what is ? <assistant> so . <eos> mira mira . <eos> mira";
    let readings = world.readings(&world.vocabulary().encode(text));
    assert!(matches!(readings[..], [Reading::General, Reading::Statement(_), Reading::Nonsense]), "{readings:?}");
    assert!(world.readings(&[]).is_empty());
    assert!(matches!(world.readings(&[u32::MAX, 3])[..], [Reading::Nonsense]));
    for text in
        ["mira lives in soup .", "oakford lives in oakford .", "mira lives in oakford", "the flag of mira is red ."]
    {
        assert!(matches!(world.reading(&world.vocabulary().encode(text)), Reading::Nonsense), "{text}");
    }
}
