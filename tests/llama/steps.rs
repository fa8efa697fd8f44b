//! What a step decays, and how far its rate falls.

use burn_tensor::Device;
use lethe::model::llama::{Llama, Mode, Sequences, Tuning};
use lethe::seed::Seed;
use lethe::train::language::{AdamW, Gradients, Rate, Shape};

use super::golden::{GOLDEN, assert_near, model, tokens, values};

/// The model after a step of this rate with decay 0.1, of vectors too or not.
fn after_a_step(before: &Llama, rate: f64, decays_vectors: bool) -> Llama {
    let sequences = Sequences { tokens: tokens("steps", 18), sight: before.config().whole(2, 9) };
    let loss = before.loss(&sequences, &tokens("targets", 18), &[1.0 / 18.0; 18], &Mode::BASE);
    let gradients = Gradients::of(loss, before);
    let mut optimiser = AdamW::default();
    (optimiser.weight_decay, optimiser.decays_vectors) = (0.1, decays_vectors);
    optimiser.step(before.clone(), gradients, rate)
}

#[test]
fn vectors_decay_unless_they_are_spared_and_matrices_always() {
    let config = &GOLDEN["logits"].as_array().unwrap().iter().find(|case| case["name"] == "biases").unwrap()["config"];
    let before = model(config, &Device::flex().autodiff()).tune(&Tuning::Full, &Seed::new(0)).unwrap();
    let rate = 0.05;
    let [all, matrices] = [true, false].map(|decays_vectors| after_a_step(&before, rate, decays_vectors));
    let weight = |model: &Llama| values(model.model.layers[1].self_attn.q_proj.weight.val());
    assert_eq!(weight(&all), weight(&matrices));
    let bias = |model: &Llama| values(model.model.layers[1].self_attn.v_proj.bias.as_ref().unwrap().val());
    let norm = |model: &Llama| values(model.model.norm.weight.val());
    for of in [&bias as &dyn Fn(&Llama) -> Vec<f64>, &norm] {
        let lost: Vec<f64> = of(&matrices).iter().zip(of(&all)).map(|(spared, decayed)| spared - decayed).collect();
        let expected: Vec<f64> = of(&before).iter().map(|value| rate * 0.1 * value).collect();
        // Differences of numbers near 1 in single precision, two hundred times as large as they.
        assert_near(&lost, &expected, 1e-4, "what decay takes");
    }
}

#[test]
fn a_rate_rises_in_its_warm_up_and_ends_at_its_floor() {
    for floor in [0.0, 0.1, 1.0] {
        for shape in [Shape::Constant, Shape::Linear, Shape::Cosine] {
            let rate = Rate { peak: 0.5, warm_up: 10, steps: 110, shape, floor };
            let at = |step: u32| rate.at(step);
            assert_eq!([at(0), at(5), at(10)], [0.0, 0.25, 0.5]);
            let middle = if shape == Shape::Constant { 0.5 } else { 0.5 * (1.0 + floor) / 2.0 };
            let end = if shape == Shape::Constant { 0.5 } else { 0.5 * floor };
            for (step, expected) in [(60, middle), (110, end), (1000, end)] {
                assert!((at(step) - expected).abs() < 1e-15, "{shape:?} to {floor}, step {step}: {}", at(step));
            }
            assert!((10..110).all(|step| at(step + 1) <= at(step) + 1e-15), "{shape:?} never rises again");
        }
    }
}
