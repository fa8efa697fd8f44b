//! Models written and read again.

use burn_tensor::Device;
use lethe::model::llama::{Config, Llama, Mode, Precision, Sequences, Tuning, Weights};
use lethe::seed::Seed;
use safetensors::tensor::SafeTensors;

use super::golden::{GOLDEN, assert_near, model, shapes, tokens, values};

fn logits(model: &Llama) -> Vec<f64> {
    let sequences = Sequences { tokens: tokens("saving", 18), sight: model.config().whole(2, 9) };
    values(model.logits(&sequences, &Mode::BASE))
}

fn read(config: &Config, bytes: &[u8]) -> Llama {
    let weights = Weights::read(&[("model.safetensors", bytes)]).unwrap();
    Llama::load(config.clone(), &weights, Precision::F32, &Device::flex()).unwrap()
}

#[test]
fn single_precision_is_read_as_it_was_and_half_as_its_roundings() {
    for case in GOLDEN["logits"].as_array().unwrap() {
        let model = model(&case["config"], &Device::flex().autodiff());
        let config = model.config().clone();
        let whole = read(&config, &model.to_safetensors(Precision::F32).unwrap());
        assert_eq!(logits(&whole), logits(&model), "{}", case["name"]);
        let bytes = model.to_safetensors(Precision::F16).unwrap();
        let half = read(&config, &bytes);
        // 11 significant bits, in sums of up to some dozens of terms.
        assert_near(&logits(&half), &logits(&model), 5e-3, case["name"].as_str().unwrap());
        assert_ne!(logits(&half), logits(&model), "{}", case["name"]);
        assert_eq!(half.to_safetensors(Precision::F16).unwrap(), bytes, "what is rounded stays as it is");
    }
}

#[test]
fn a_file_holds_the_base_by_hugging_faces_names_and_says_that_it_is_torchs() {
    let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    let mut expected = shapes(model.config());
    expected.sort();
    for model in [model.clone(), model.tune(&Tuning::Ia3, &Seed::new(0)).unwrap()] {
        let bytes = model.to_safetensors(Precision::F16).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(header.metadata().as_ref().unwrap()["format"], "pt");
        let read = SafeTensors::deserialize(&bytes).unwrap();
        let mut found: Vec<_> = read.tensors().into_iter().map(|(name, view)| (name, view.shape().to_vec())).collect();
        found.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn numbers_that_a_precision_does_not_hold_are_refused() {
    let mut model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    model.model.norm.weight = model.model.norm.weight.map(|weight| weight * 1e5);
    assert!(model.to_safetensors(Precision::F32).is_ok());
    let fault = model.to_safetensors(Precision::F16).unwrap_err().to_string();
    assert_eq!(fault, "number 0 of tensor model.norm.weight is not finite in F16");
}
