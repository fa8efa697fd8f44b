use core::num::NonZeroU64;

use lethe::data::language::{CONTEXT, Corpus, FineTuning, LanguageWorld, Part, Vocabulary};

use crate::{windows, world};

fn corpora(world: &LanguageWorld) -> Vec<Corpus<'_>> {
    let mut corpora = vec![world.pretraining(), world.general_text()];
    for set in FineTuning::ALL {
        corpora.extend([Part::Train, Part::HeldOut].map(|part| world.fine_tuning(set, part)));
    }
    corpora
}

#[test]
fn a_window_does_not_depend_on_the_batch_that_it_comes_in() {
    let world = world(0);
    for corpus in corpora(&world) {
        let (whole, second) = (corpus.batch(0, 8), corpus.batch(1, 4));
        assert_eq!(second.inputs, whole.inputs[4 * CONTEXT..]);
        assert_eq!(second.targets, whole.targets[4 * CONTEXT..]);
        assert_eq!(second.weights, whole.weights[4 * CONTEXT..]);
    }
}

#[test]
fn a_repeating_corpus_begins_again() {
    let world = world(0);
    let corpus = world.fine_tuning(FineTuning::News, Part::Train);
    let epochs = corpus.clone().repeating(NonZeroU64::new(16).unwrap());
    assert_eq!(epochs.batch(1, 8), corpus.batch(1, 8));
    assert_eq!(epochs.batch(2, 8), corpus.batch(0, 8));
    assert_eq!(epochs.batch(u64::MAX, 8).inputs.len(), 8 * CONTEXT);
}

#[test]
fn windows_begin_with_the_begin_token_and_targets_follow_inputs() {
    let world = world(0);
    for corpus in corpora(&world) {
        let batch = corpus.batch(0, 200);
        assert_eq!([batch.inputs.len(), batch.targets.len(), batch.weights.len()], [200 * CONTEXT; 3]);
        for (row, window) in windows(&batch).iter().enumerate() {
            assert_eq!(window[0], Vocabulary::BEGIN);
            assert_eq!(window[..CONTEXT], batch.inputs[row * CONTEXT..][..CONTEXT]);
        }
    }
}

#[test]
fn padding_never_counts_and_every_window_counts() {
    let world = world(0);
    for corpus in corpora(&world) {
        let batch = corpus.batch(0, 2000);
        let padded = batch.targets.iter().zip(&batch.weights).filter(|(target, _)| **target == Vocabulary::PAD);
        assert!(padded.into_iter().all(|(_, &weight)| weight == 0.0));
        assert!(batch.weights.chunks(CONTEXT).all(|row| row.iter().sum::<f32>() >= 1.0));
    }
}

#[test]
fn pretraining_and_general_text_waste_no_position() {
    let world = world(0);
    for corpus in [world.pretraining(), world.general_text()] {
        assert!(corpus.batch(0, 1000).weights.iter().all(|&weight| weight > 0.0));
    }
}

#[test]
fn of_instructions_only_the_answer_counts_and_it_comes_to_its_end() {
    let world = world(0);
    let batch = world.fine_tuning(FineTuning::Orca, Part::Train).batch(0, 1000);
    for (window, weights) in windows(&batch).iter().zip(batch.weights.chunks(CONTEXT)) {
        let answer = window.iter().position(|&token| token == Vocabulary::ASSISTANT).unwrap();
        let end = window.iter().position(|&token| token == Vocabulary::END).unwrap();
        assert!(weights[..answer].iter().all(|&weight| weight == 0.0));
        assert!(weights[answer..end].iter().all(|&weight| weight == 1.0));
    }
}
