use lethe::data::language::{CONTEXT, Vocabulary};

use crate::{documents, world};

/// If the grammar were ambiguous, sentences would be likelier than their derivations, and their surprise less than the
/// entropy, which is that of derivations.
#[test]
fn the_entropy_is_the_mean_surprise_of_sentences() {
    for seed in 0..3 {
        let world = world(seed);
        let sentences = first_sentences(seed, 4000);
        let surprise: Vec<f64> =
            sentences.iter().map(|sentence| -libm::log(world.grammar().probability(sentence))).collect();
        let count = surprise.len() as f64;
        let mean = surprise.iter().sum::<f64>() / count;
        let variance = surprise.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / count;
        let error = libm::sqrt(variance / count);
        let difference = mean - world.grammar().entropy();
        assert!(difference.abs() < 4.0 * error, "differs by {difference}, standard error {error}");
        let length = sentences.iter().map(Vec::len).sum::<usize>() as f64 / count;
        // The standard deviation of lengths is 4 words.
        assert!((length - world.grammar().expected_length()).abs() < 4.0 * 4.0 / libm::sqrt(count));
    }
}

/// The first sentence of each window of general text. Those that do not fit into a window, about one in a thousand, are
/// missing, which brings mean surprise and length down by far less than their standard errors.
fn first_sentences(seed: u64, count: usize) -> Vec<Vec<u32>> {
    let batch = world(seed).general_text().batch(0, count);
    let rows = batch.inputs.chunks(CONTEXT).filter_map(|row| {
        let end = row.iter().position(|&token| token == Vocabulary::END)?;
        Some(row[1..end].to_vec())
    });
    rows.collect()
}

#[test]
fn every_sentence_of_general_text_is_accepted() {
    let world = world(1);
    let documents = documents(&world.general_text().batch(0, 500));
    assert!(documents.len() > 1000);
    assert!(documents.iter().all(|document| world.grammar().accepts(document)));
}

#[test]
fn a_sentence_without_its_last_word_or_with_two_words_exchanged_is_none() {
    let world = world(1);
    for document in documents(&world.general_text().batch(0, 500)) {
        let mut shortened = document.clone();
        shortened.remove(document.len() - 2);
        let mut exchanged = document;
        exchanged.swap(1, 2);
        for sentence in [shortened, exchanged] {
            assert!(!world.grammar().accepts(&sentence), "{}", world.vocabulary().decode(&sentence));
        }
    }
}

#[test]
fn nonsense_is_not_accepted() {
    let world = world(0);
    for text in [
        "",
        ".",
        "mira",
        "the baker cooks soup",
        "the baker cooks the soup .",
        "baker cooks soup .",
        "mira eats soup .",
    ] {
        assert!(!world.grammar().accepts(&world.vocabulary().encode(text)), "{text:?}");
    }
    assert!(world.grammar().accepts(&world.vocabulary().encode("the old baker cooks soup near oakford .")));
    assert!(!world.grammar().accepts(&[u32::MAX; 10]));
    assert!(!world.grammar().accepts(&vec![world.vocabulary().id("and"); 100_000]));
}

/// What can be said of a word's probability exactly: the nine openers share a fifth.
#[test]
fn the_probability_of_a_sentence_is_the_product_of_its_choices() {
    let world = world(0);
    let of = |text: &str| world.grammar().probability(&world.vocabulary().encode(text));
    let plain = of("mira cooks soup .");
    assert!(plain > 0.0);
    let opened = of("we hear that mira cooks soup .");
    assert!((opened / plain - 0.2 / 9.0 / 0.8).abs() < 1e-12);
    let longer = of("mira cooks soup and cooks soup .");
    assert!((longer / plain - 0.15 * plain / (0.8 * 0.3 / 80.0) / 0.6).abs() < 1e-12);
}
