//! Dropout, whose draws are Lethe's own and so have no reference elsewhere.

use burn_tensor::Device;
use lethe::model::llama::{Lora, Mode, Sequences, Targets};
use lethe::seed::Seed;

use super::golden::{GOLDEN, model, spread, tokens, values};

#[test]
fn dropout_is_drawn_by_its_seed_and_keeps_the_mean() {
    let device = Device::flex();
    let lora = Lora {
        rank: 2,
        alpha: 2.0,
        rank_stabilised: false,
        dropout: 0.4,
        targets: Targets::Named(vec!["layers.1.mlp.down_proj".to_owned()]),
        ..Lora::default()
    };
    let mut model = model(&GOLDEN["logits"][1]["config"], &device).adapt(&lora, &Seed::new(3)).unwrap();
    let factors = model.factors_mut();
    assert_eq!(factors.len(), 2, "one layer is adapted");
    for (name, factor) in factors {
        let shape = factor.val().dims();
        let data = burn_tensor::TensorData::new(spread(&name, &shape), shape);
        *factor = burn::module::Param::from_tensor(burn_tensor::Tensor::from_data(data, &device));
    }
    let sequences = Sequences { tokens: tokens("dropout", 18), sight: model.config().whole(2, 9) };
    // Before the last norm a layer's output is a sum, of which the mean over masks is what no mask gives.
    let added = |mode: &Mode| values(model.hidden(&sequences, mode));
    let dropped = |seed: u64| added(&Mode { adapted: true, dropout: Some(Seed::new(seed)) });
    assert_eq!(dropped(0), dropped(0), "the same draws");
    assert_ne!(dropped(0), dropped(1), "other draws");
    let whole = added(&Mode::ADAPTED);
    assert_ne!(dropped(0), whole);
    let base = added(&Mode::BASE);
    let count = 400;
    let mut mean = vec![0.0; whole.len()];
    for seed in 0..count {
        mean.iter_mut().zip(dropped(seed)).for_each(|(sum, value)| *sum += value / count as f64);
    }
    let length = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
    let (bias, effect) = (length(&mean, &whole), length(&base, &whole));
    assert!(bias < 0.2 * effect, "{bias} of {effect}");
}
