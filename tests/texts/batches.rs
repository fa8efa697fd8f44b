//! Texts side by side.

use std::collections::VecDeque;

use lethe::data::text::{Batch, Packing, Tokens};
use lethe::model::llama::{Config, Device, Llama, Mode, Precision, Sequences};
use lethe::seed::Seed;

fn text(tokens: &[u32], from: usize) -> Tokens {
    Tokens { tokens: tokens.to_vec(), learned: (0..tokens.len()).map(|place| place >= from).collect() }
}

/// Texts of these lengths, each with tokens of its own.
fn texts(lengths: &[usize]) -> Vec<Tokens> {
    let text_of = |(number, &length): (usize, &usize)| {
        let tokens: Vec<u32> =
            (0..length as u32).map(|place| (7 * number as u32 + 3 * place + place * place) % 40).collect();
        text(&tokens, length / 3)
    };
    lengths.iter().enumerate().map(text_of).collect()
}

/// All batches of these texts.
fn batches(packing: Packing, texts: &[Tokens]) -> Vec<Batch> {
    let (mut rest, mut pending) = (texts.iter().cloned(), VecDeque::new());
    let mut next = || Ok::<_, ()>(rest.next().map(|text| vec![text]));
    std::iter::from_fn(|| packing.batch(&mut pending, &mut next).unwrap()).collect()
}

#[test]
fn targets_are_what_follows_in_the_same_text() {
    let batch = Batch::of(&[vec![text(&[5, 6, 7], 1), text(&[8, 9], 1)], vec![text(&[4, 3], 0)]], 6);
    assert_eq!(batch.tokens, [5, 6, 7, 8, 9, 0, 4, 3, 0, 0, 0, 0]);
    assert_eq!(batch.targets, [6, 7, 0, 9, 0, 0, 3, 0, 0, 0, 0, 0]);
    assert_eq!(batch.weights, [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(batch.lengths, [vec![3, 2], vec![2]]);
    assert_eq!((batch.token_count(), batch.learned()), (7, 4));
    let second = batch.part(1, 2);
    assert_eq!((second.tokens, second.lengths, second.time), (vec![4, 3, 0, 0, 0, 0], vec![vec![2]], 6));
}

#[test]
fn every_text_is_in_one_batch_whole() {
    let texts = texts(&[5, 16, 3, 9, 9, 2, 16, 4, 7, 8, 2, 2, 13, 6]);
    for packed in [true, false] {
        for sequences in [1, 2, 5] {
            let mut found = Vec::new();
            for batch in batches(Packing { sequence: 16, sequences, packed }, &texts) {
                assert!(batch.sequences() <= sequences);
                for (row, lengths) in batch.lengths.iter().enumerate() {
                    assert!(packed || lengths.len() == 1);
                    let mut at = row * batch.time;
                    for &length in lengths {
                        found.push(batch.tokens[at..at + length].to_vec());
                        at += length;
                    }
                    assert!(at <= (row + 1) * batch.time);
                }
            }
            let mut expected: Vec<Vec<u32>> = texts.iter().map(|text| text.tokens.clone()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "packed: {packed}, sequences: {sequences}");
        }
    }
}

#[test]
fn a_text_that_waits_begins_the_next_batch() {
    let batches = batches(Packing { sequence: 8, sequences: 2, packed: true }, &texts(&[5, 4, 3, 4, 7, 1]));
    let lengths: Vec<_> = batches.into_iter().map(|batch| batch.lengths).collect();
    assert_eq!(lengths, [vec![vec![5, 3], vec![4, 4]], vec![vec![7, 1]]]);
}

#[test]
fn a_packed_text_costs_what_it_costs_alone() {
    let config = r#"{"model_type": "llama", "vocab_size": 48, "hidden_size": 32, "intermediate_size": 40,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64}"#;
    let config = Config::read(config.as_bytes()).unwrap();
    let model = Llama::init(config, Precision::F32, &Seed::new(5), &Device::flex());
    let texts = texts(&[5, 16, 3, 9, 9, 2, 16, 4, 7]);
    let loss = |packing: Packing| -> Vec<f64> {
        let cost = |batch: Batch| {
            let sight = model.config().packed(&batch.lengths, batch.time, false);
            let sequences = Sequences { tokens: batch.tokens, sight };
            model.loss(&sequences, &batch.targets, &batch.weights, &Mode::BASE).into_scalar::<f64>()
        };
        batches(packing, &texts).into_iter().map(cost).collect()
    };
    let alone = loss(Packing { sequence: 16, sequences: 1, packed: false });
    assert_eq!(alone.len(), texts.len());
    let sum: f64 = alone.iter().sum();
    for packing in [(1, true), (3, true), (3, false)] {
        let (sequences, packed) = packing;
        let found: f64 = loss(Packing { sequence: 16, sequences, packed }).iter().sum();
        // Sums of single precision in another order.
        assert!((found - sum).abs() < 1e-4 * sum, "{packing:?}: {found} against {sum}");
    }
}

#[test]
fn what_is_too_long_is_cut_or_divided() {
    let long = text(&(0..10).collect::<Vec<_>>(), 6);
    let (pieces, cut) = long.clone().pieces(8, false);
    assert!(cut && pieces.len() == 1 && pieces[0].tokens == (0..8).collect::<Vec<_>>());
    let (pieces, cut) = long.clone().pieces(6, false);
    assert!(cut && pieces.is_empty(), "nothing that is left is learned");
    assert_eq!(long.clone().pieces(10, false), (vec![long], false));
    for length in 2..40 {
        for sequence in 2..12 {
            let whole = text(&(0..length).collect::<Vec<_>>(), 0);
            let (pieces, cut) = whole.pieces(sequence, true);
            assert!(!cut && pieces.iter().all(|piece| piece.len() <= sequence && piece.len() > 1));
            let learned: Vec<u32> = pieces.iter().flat_map(|piece| piece.tokens[1..].to_vec()).collect();
            assert_eq!(learned, (1..length).collect::<Vec<_>>(), "every token but the first, once");
        }
    }
}
