use std::collections::BTreeSet;

use lethe::data::language::{FineTuning, Part, Vocabulary};
use serde::Deserialize;

use crate::{windows, world};

#[derive(Deserialize)]
struct Golden {
    words: usize,
    cases: Vec<GoldenCase>,
}

#[derive(Deserialize)]
struct GoldenCase {
    text: String,
    tokens: Vec<u32>,
    decoded: String,
}

#[test]
fn the_exported_tokenizer_is_the_one_that_hugging_face_has_read() {
    assert_eq!(world(0).vocabulary().tokenizer_json(), include_str!("../golden/language_tokenizer.json").trim_end());
}

#[test]
fn texts_are_cut_as_hugging_face_cuts_them() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/language_encodings.json")).unwrap();
    let world = world(0);
    assert_eq!(world.vocabulary().words().len(), golden.words);
    assert!(golden.cases.len() > 10);
    for GoldenCase { text, tokens, decoded } in golden.cases {
        assert_eq!(world.vocabulary().encode(&text), tokens, "{text:?}");
        assert_eq!(world.vocabulary().decode(&tokens), decoded, "{text:?}");
    }
}

#[test]
fn no_word_stands_twice_and_none_holds_white_space() {
    let world = world(0);
    let words = world.vocabulary().words();
    let distinct: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(distinct.len(), words.len());
    assert!(words.iter().all(|word| !word.is_empty() && !word.contains(char::is_whitespace)));
}

#[test]
fn the_vocabulary_is_that_of_every_seed() {
    assert_eq!(world(0).vocabulary().words(), world(1).vocabulary().words());
}

#[test]
fn every_word_is_used_and_none_is_unknown() {
    let world = world(0);
    let mut used: BTreeSet<u32> = BTreeSet::new();
    let mut corpora = vec![(world.pretraining(), 10_000), (world.general_text(), 500)];
    for set in FineTuning::ALL {
        corpora.extend([Part::Train, Part::HeldOut].map(|part| (world.fine_tuning(set, part), 1000)));
    }
    for (corpus, size) in corpora {
        let batch = corpus.batch(0, size);
        used.extend(windows(&batch).concat());
    }
    assert!(!used.contains(&Vocabulary::UNKNOWN));
    used.insert(Vocabulary::UNKNOWN);
    let unused: Vec<&str> =
        (0..).zip(world.vocabulary().words()).filter(|(id, _)| !used.contains(id)).map(|(_, &word)| word).collect();
    assert_eq!(unused, Vec::<&str>::new());
}

#[test]
fn what_is_decoded_encodes_to_the_same_tokens() {
    let world = world(3);
    for window in windows(&world.pretraining().batch(0, 500)) {
        assert_eq!(world.vocabulary().encode(&world.vocabulary().decode(&window)), window);
    }
}
