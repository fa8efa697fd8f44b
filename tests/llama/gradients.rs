//! The gradients of what is trained, and of nothing else.

use burn_tensor::Device;
use lethe::model::llama::{Llama, Mode, Sequences, Tuning};
use lethe::train::language::Gradients;
use serde_json::Value;

use super::golden::{GOLDEN, adapted, assert_near, numbers, tuned, values};

const TOLERANCE: f64 = 1e-5;

/// What the script keeps of a tensor.
pub fn digest(values: &[f64]) -> Vec<f64> {
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let waves = values.iter().enumerate().map(|(k, value)| value * libm::cos(k as f64)).sum();
    [length, values.iter().sum(), waves].into_iter().chain(values.iter().copied().take(4)).collect()
}

#[test]
fn gradients_of_adapters_are_pefts() {
    for case in GOLDEN["gradients"].as_array().unwrap() {
        assert_as_torch(case, &adapted(&case["config"], &case["lora"], &Device::flex().autodiff()));
    }
}

#[test]
fn gradients_of_every_family_of_tuning_are_those_of_torch() {
    for case in GOLDEN["tunings"].as_array().unwrap() {
        let tuning = match (case["family"].as_str(), case["family"].as_u64()) {
            (Some("ia3"), _) => Tuning::Ia3,
            (_, Some(layers)) => Tuning::Top(layers as usize),
            _ => Tuning::Full,
        };
        let model = tuned(&case["config"], &tuning, &Device::flex().autodiff());
        assert_eq!(model.trained_parameters(), case["trained"].as_u64().unwrap() as usize, "{}", case["name"]);
        assert_as_torch(case, &model);
    }
}

/// Fails unless loss, gradients of exactly the trained parameters, and logits are the script's.
fn assert_as_torch(case: &Value, model: &Llama) {
    let name = case["name"].as_str().unwrap();
    let tokens: Vec<u32> = numbers(&case["tokens"]).into_iter().map(|token| token as u32).collect();
    let sequences = Sequences { tokens: tokens.clone(), sight: model.config().whole(2, 9) };
    let targets: Vec<u32> = (0..18).map(|row| if row % 9 == 8 { 0 } else { tokens[row + 1] }).collect();
    let weight = |row: usize| if row % 9 == 8 || row < 3 { 0.0 } else { 1.0 / 16.0 };
    let weights: Vec<f32> = (0..18).map(weight).collect();
    let loss = model.loss(&sequences, &targets, &weights, &Mode::ADAPTED);
    assert_near(&values(loss.clone()), &[case["loss"].as_f64().unwrap()], TOLERANCE, name);
    let gradients = Gradients::of(loss, model);
    let expected = case["gradients"].as_object().unwrap();
    assert_eq!(gradients.iter().count(), expected.len(), "{name}: what is trained and nothing else");
    for (parameter, gradient) in gradients.iter() {
        let digest = digest(&values(gradient.clone()));
        assert_near(&digest, &numbers(&expected[parameter]), TOLERANCE, &format!("{name}, {parameter}"));
    }
    let logits = values(model.logits(&sequences, &Mode::ADAPTED));
    assert_near(&logits[8 * 48..9 * 48], &numbers(&case["logits"]), TOLERANCE, name);
}
