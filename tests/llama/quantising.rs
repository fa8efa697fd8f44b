//! Bases of few bits.

use burn::module::Param;
use burn_tensor::Device;
use lethe::model::llama::{Bits, Llama, Lora, Mode, Precision, Sequences, Targets, Weights};
use lethe::seed::Seed;
use lethe::train::language::Gradients;

use super::golden::{GOLDEN, model, model_held, spread, tokens, values};

fn adapted(base: Llama, device: &Device) -> Llama {
    let lora = Lora { targets: Targets::AllLinear, ..Lora::default() };
    let mut model = base.adapt(&lora, &Seed::new(1)).unwrap();
    for (name, factor) in model.factors_mut() {
        let shape = factor.val().dims();
        let data = burn_tensor::TensorData::new(spread(&name, &shape), shape);
        *factor = Param::from_tensor(burn_tensor::Tensor::from_data(data, device)).set_require_grad(true);
    }
    model
}

fn logits(model: &Llama) -> Vec<f64> {
    let sequences = Sequences { tokens: tokens("quantised", 18), sight: model.config().whole(2, 9) };
    values(model.logits(&sequences, &Mode::ADAPTED))
}

/// The length of the difference, as a share.
fn apart(found: &[f64], expected: &[f64]) -> f64 {
    let length = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    length(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / length(&mut expected.iter().copied())
}

#[test]
fn eight_bits_say_nearly_and_four_bits_roughly_what_all_bits_say() {
    let whole = logits(&model(&GOLDEN["logits"][1]["config"], &Device::flex()));
    let error = |bits: Bits| {
        let few = model_held(&GOLDEN["logits"][1]["config"], bits, &Device::flex());
        apart(&logits(&few), &whole)
    };
    // Uniform numbers m s / q with q = 127 or 7 steps are off by s / (q sqrt 12), a share 1 / (2 q) of their deviation:
    // 0.4 % and 7 %, and some two layers of four products in a row.
    let [eight, four] = [error(Bits::Eight), error(Bits::Four)];
    assert!((0.001..0.02).contains(&eight), "{eight}");
    assert!((0.02..0.4).contains(&four), "{four}");
}

#[test]
fn gradients_of_adapters_are_those_beside_the_numbers_that_the_bits_stand_for() {
    for bits in Bits::ALL {
        let device = Device::flex().autodiff();
        let few = model_held(&GOLDEN["logits"][1]["config"], bits, &device);
        let file = few.to_safetensors(Precision::F32).unwrap();
        let weights = Weights::read(&[("model.safetensors", &file)]).unwrap();
        let widened = Llama::load(few.config().clone(), &weights, Precision::F32, &device).unwrap();
        let of = |base: Llama| {
            let model = adapted(base, &device);
            let sequences = Sequences { tokens: tokens("few", 18), sight: model.config().whole(2, 9) };
            let loss = model.loss(&sequences, &tokens("targets", 18), &[1.0 / 18.0; 18], &Mode::ADAPTED);
            let gradients = Gradients::of(loss, &model);
            let found: Vec<(String, Vec<f64>)> =
                gradients.iter().map(|(name, gradient)| (name.to_owned(), values(gradient.clone()))).collect();
            (logits(&model), found)
        };
        let (found, expected) = (of(few), of(widened));
        assert_eq!(found.1.len(), 28);
        assert_eq!(found, expected, "{bits:?}");
    }
}

#[test]
fn a_merged_model_of_few_bits_has_all_bits() {
    let few = adapted(model_held(&GOLDEN["logits"][1]["config"], Bits::Four, &Device::flex()), &Device::flex());
    let said = logits(&few);
    assert!(apart(&logits(&few.merged()), &said) < 1e-5);
}
