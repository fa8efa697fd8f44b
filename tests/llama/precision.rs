//! Bases held in half precision.

use burn_tensor::Device;
use lethe::model::llama::{Llama, Mode, Precision, Sequences, Weights};
use lethe::seed::Seed;
use lethe::train::language::Pass;

use super::golden::{GOLDEN, assert_near, tokens, values};

/// Of the largest logit, and four times the rounding of a weight.
const TOLERANCES: [(Precision, f64); 2] = [(Precision::F16, 2e-3), (Precision::BF16, 1.6e-2)];

#[test]
fn a_base_in_half_precision_is_the_model_whose_weights_were_rounded() {
    for case in GOLDEN["logits"].as_array().unwrap().iter().filter(|case| case["padding"].is_null()) {
        let single = super::golden::model(&case["config"], &Device::flex());
        for (precision, tolerance) in TOLERANCES {
            let file = single.to_safetensors(precision).unwrap();
            let weights = Weights::read(&[("model.safetensors", &file)]).unwrap();
            let load = |held| Llama::load(single.config().clone(), &weights, held, &Device::flex()).unwrap();
            let (half, widened) = (load(precision), load(Precision::F32));
            assert_eq!(half.model.embed_tokens.weight.val().dtype(), precision.dtype(), "as it is held");
            let logits = |model: &Llama| {
                let asked = Sequences { tokens: tokens("half", 18), sight: model.config().whole(2, 9) };
                values(model.logits(&asked, &Mode::BASE))
            };
            let name = format!("{}, {}", case["name"], precision.name());
            assert_eq!(logits(&half), logits(&widened), "{name}: the same bits as its own weights widened");
            assert_near(&logits(&half), &logits(&single), tolerance, &name);
        }
    }
}

#[test]
fn adapters_of_a_base_in_half_precision_are_trained_in_single() {
    let case = &GOLDEN["gradients"][0];
    let device = Device::flex().autodiff();
    let file = super::golden::model(&case["config"], &device).to_safetensors(Precision::BF16).unwrap();
    let weights = Weights::read(&[("model.safetensors", &file)]).unwrap();
    let gradients = [Precision::BF16, Precision::F32].map(|held| {
        let config = super::golden::model(&case["config"], &device).config().clone();
        let model = Llama::load(config, &weights, held, &device).unwrap();
        let model = model.adapt(&super::golden::lora(&case["lora"]), &Seed::new(1)).unwrap();
        let asked = Sequences { tokens: tokens("half", 18), sight: model.config().whole(2, 9) };
        let pass = Pass { checkpoints_blocks: true, rows: 6 };
        let (_, gradients) = pass.run(&model, &asked, &tokens("targets", 18), &[1.0 / 18.0; 18], &Mode::ADAPTED);
        gradients.iter().map(|(name, gradient)| (name.to_owned(), values(gradient.clone()))).collect::<Vec<_>>()
    });
    assert!(!gradients[0].is_empty());
    assert_eq!(gradients[0], gradients[1], "the same bits as of its own weights widened");
}
