//! A hundred steps of training.

use burn_tensor::Device;
use lethe::model::llama::{Mode, Sequences};
use lethe::train::language::{AdamW, Gradients, Rate, Shape};

use super::golden::{GOLDEN, adapted, assert_near, numbers, tokens, values};
use super::gradients::digest;

#[test]
fn a_hundred_steps_go_as_those_of_torch_and_leave_the_base_alone() {
    let (losses, sizes, model) = trained(&Device::flex().autodiff(), 100);
    let case = &GOLDEN["curve"];
    assert_near(&losses, &numbers(&case["losses"]), 1e-4, "losses");
    assert_near(&sizes, &numbers(&case["gradient_norms"]), 1e-3, "lengths of gradients");
    let untouched = super::golden::model(&case["config"], &Device::flex());
    assert_eq!(base(&model), base(&untouched), "the base, bit for bit");
    let mut model = model;
    for (name, factor) in model.factors_mut() {
        assert_near(&digest(&values(factor.val())), &numbers(&case["factors"][&name]), 1e-3, &name);
    }
}

/// The bits of a model's base.
fn base(model: &lethe::model::llama::Llama) -> Vec<u32> {
    let sequences = Sequences { tokens: tokens("base", 18), sight: model.config().whole(2, 9) };
    let logits = model.logits(&sequences, &Mode::BASE).into_data();
    logits.as_slice::<f32>().unwrap().iter().map(|value| value.to_bits()).collect()
}

/// Losses and gradients' lengths of the first steps, and the model after them.
pub fn trained(device: &Device, steps: u32) -> (Vec<f64>, Vec<f64>, lethe::model::llama::Llama) {
    let case = &GOLDEN["curve"];
    let number = |key: &str| case[key].as_f64().unwrap();
    let mut model = adapted(&case["config"], &case["lora"], device);
    let sight = model.config().whole(2, 9);
    let rate =
        Rate { peak: number("rate"), warm_up: number("warm_up") as u32, steps: 100, shape: Shape::Cosine, floor: 0.0 };
    let mut optimiser = AdamW::default();
    optimiser.weight_decay = number("weight_decay");
    let parts = number("accumulation") as u32;
    let (mut losses, mut sizes) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let (mut total, mut sum) = (0.0, Gradients::default());
        for part in 0..parts {
            let tokens = tokens(&format!("curve {} {part}", step % 5), 18);
            let targets: Vec<u32> = (0..18).map(|row| if row % 9 == 8 { 0 } else { tokens[row + 1] }).collect();
            let each = 1.0 / (16 * parts) as f32;
            let weights: Vec<f32> = (0..18).map(|row| if row % 9 == 8 { 0.0 } else { each }).collect();
            let sequences = Sequences { tokens, sight: sight.clone() };
            let loss = model.loss(&sequences, &targets, &weights, &Mode::ADAPTED);
            total += values(loss.clone())[0];
            sum = sum.plus(Gradients::of(loss, &model));
        }
        let (gradients, size) = sum.clipped(number("clip"));
        sizes.extend(values(size.unwrap()));
        model = optimiser.step(model, gradients, rate.at(step));
        losses.push(total);
    }
    (losses, sizes, model)
}
