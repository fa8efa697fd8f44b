//! What tiny models of every shape say.

use burn_tensor::Device;
use lethe::model::llama::{Mode, Sequences};
use serde_json::Value;

use super::golden::{GOLDEN, assert_near, model, numbers, values};

/// Single precision, in another order of sums.
const TOLERANCE: f64 = 2e-6;

#[test]
fn models_of_every_shape_say_what_transformers_says() {
    for case in GOLDEN["logits"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        assert_near(&found(case, &Device::flex()), &numbers(&case["logits"]), TOLERANCE, name);
    }
}

/// The logits of texts, without those of padding.
pub fn found(case: &Value, device: &Device) -> Vec<f64> {
    let model = model(&case["config"], device);
    let tokens = numbers(&case["tokens"]).into_iter().map(|token| token as u32).collect();
    let padding = case["padding"].as_str();
    let lengths = [9, if padding.is_some() { 5 } else { 9 }];
    let sight = match padding {
        None => model.config().whole(2, 9),
        Some(side) => model.config().packed(&lengths.map(|length| vec![length]), 9, side == "left"),
    };
    let logits = values(model.logits(&Sequences { tokens, sight }, &Mode::ADAPTED));
    let vocabulary = model.config().vocab_size;
    let shown = |row: &usize| {
        let (sequence, at) = (row / 9, row % 9);
        let before = if padding == Some("left") { 9 - lengths[sequence] } else { 0 };
        (before..before + lengths[sequence]).contains(&at)
    };
    (0..18).filter(shown).flat_map(|row| logits[row * vocabulary..][..vocabulary].to_vec()).collect()
}
