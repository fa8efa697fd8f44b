//! What the committed models say, here and by transformers: `tests/golden/bases.json`, written by the script beside it.

use lethe::data::language::Vocabulary;
use lethe::model::Size;
use lethe::model::llama::{Mode, greedy, last_logits};
use lethe::native::bases;
use serde_json::Value;

/// Single precision, in another order of sums, of trained weights.
const TOLERANCE: f64 = 1e-5;

#[test]
fn transformers_opens_every_base_and_makes_the_same_of_it() {
    let golden: Value = serde_json::from_str(include_str!("../golden/bases.json")).unwrap();
    for size in Size::ALL {
        for seed in bases::SEEDS {
            let (model, name) = (super::base(size, seed), format!("{}-{seed}", size.name()));
            for case in golden["bases"][&name].as_array().unwrap() {
                let tokens = |key: &str| -> Vec<u32> { serde_json::from_value(case[key].clone()).unwrap() };
                let (prompt, answer) = (tokens("prompt"), tokens("answer"));
                let expected: Vec<f64> = serde_json::from_value(case["logits"].clone()).unwrap();
                let found = &last_logits(&model, &Mode::BASE, core::slice::from_ref(&prompt))[0];
                let size = expected.iter().fold(0.0f64, |size, logit| size.max(logit.abs()));
                for (found, expected) in found.iter().zip(&expected) {
                    let apart = (f64::from(*found) - expected).abs() / size;
                    assert!(apart < TOLERANCE, "{name}: {found} against {expected}, {apart:e} of the largest");
                }
                assert_eq!(found.len(), expected.len());
                // transformers stops at the end token, which shows that it knows it.
                let written = &greedy(&model, &Mode::BASE, &[prompt], answer.len(), &[])[0];
                assert_eq!(written, &answer, "{name}");
                assert_eq!(answer.last(), Some(&Vocabulary::END), "{name}");
            }
        }
    }
}
