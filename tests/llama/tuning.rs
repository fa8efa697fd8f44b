//! What families of tuning train, and what they leave alone.

use burn_tensor::Device;
use lethe::model::llama::{Llama, Mode, Sequences, Tuning};
use lethe::seed::Seed;
use lethe::train::language::{AdamW, Gradients};

use super::golden::{GOLDEN, model, tokens, values};

fn tuned(tuning: &Tuning) -> Llama {
    model(&GOLDEN["logits"][1]["config"], &Device::flex().autodiff()).tune(tuning, &Seed::new(0)).unwrap()
}

fn logits(model: &Llama, mode: &Mode) -> Vec<f64> {
    let sequences = Sequences { tokens: tokens("tuning", 18), sight: model.config().whole(2, 9) };
    values(model.logits(&sequences, mode))
}

/// The model after a step on some text.
fn after_a_step(model: Llama) -> Llama {
    let sequences = Sequences { tokens: tokens("tuning", 18), sight: model.config().whole(2, 9) };
    let loss = model.loss(&sequences, &tokens("targets", 18), &[1.0 / 18.0; 18], &Mode::ADAPTED);
    let gradients = Gradients::of(loss, &model);
    AdamW::default().step(model, gradients, 0.01)
}

#[test]
fn fresh_factors_change_nothing_and_trained_ones_act_where_the_mode_says_so() {
    let model = tuned(&Tuning::Ia3);
    let base = logits(&model, &Mode::BASE);
    assert_eq!(logits(&model, &Mode::ADAPTED), base);
    let model = after_a_step(model);
    assert_eq!(logits(&model, &Mode::BASE), base);
    assert_ne!(logits(&model, &Mode::ADAPTED), base);
}

#[test]
fn top_layers_alone_move() {
    let before = tuned(&Tuning::Top(1));
    let after = after_a_step(before.clone());
    let of = |model: &Llama, layer: usize| {
        let block = &model.model.layers[layer];
        [values(block.self_attn.q_proj.weight.val()), values(block.input_layernorm.weight.val())]
    };
    assert_eq!(of(&before, 0), of(&after, 0));
    for (before, after) in of(&before, 1).iter().zip(&of(&after, 1)) {
        assert!(before.iter().zip(after).all(|(before, after)| before != after));
    }
    assert_eq!(values(before.model.norm.weight.val()), values(after.model.norm.weight.val()));
}

#[test]
fn a_family_begins_from_the_bare_base() {
    let again = after_a_step(tuned(&Tuning::Ia3)).tune(&Tuning::Top(2), &Seed::new(0)).unwrap();
    let fresh = tuned(&Tuning::Top(2));
    assert_eq!(again.trained_parameters(), fresh.trained_parameters());
    assert_eq!(logits(&again, &Mode::ADAPTED), logits(&fresh, &Mode::ADAPTED));
}

#[test]
fn as_many_layers_as_there_are_can_be_tuned() {
    for count in [0, 3, usize::MAX] {
        let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
        let problems = model.tune(&Tuning::Top(count), &Seed::new(0)).unwrap_err();
        assert_eq!(problems.0[0].field, "top_layers");
        assert!(problems.to_string().contains("from 1 to 2"), "{problems}");
    }
}
