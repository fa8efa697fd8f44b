//! What models say after prompts.

use burn_tensor::Device;
use lethe::model::llama::{Mode, Sequences, greedy, last_logits};

use super::golden::{GOLDEN, assert_near, model, tokens, values};

/// As for logits: other prompts in a batch change the order of no sum, but padding changes which rows a product holds.
const TOLERANCE: f64 = 2e-6;

/// Prompts of many lengths, more than a batch of them, the long ones first.
fn prompts() -> Vec<Vec<u32>> {
    (0..70).map(|number| tokens(&format!("prompt {number}"), 1 + (140 - 2 * number) % 11)).collect()
}

#[test]
fn what_is_said_of_a_prompt_does_not_depend_on_the_others() {
    for device in [Device::flex(), Device::flex().autodiff()] {
        let model = model(&GOLDEN["logits"][1]["config"], &device);
        let (prompts, vocabulary) = (prompts(), model.config().vocab_size);
        let found = last_logits(&model, &Mode::BASE, &prompts);
        assert_eq!(found.len(), prompts.len());
        for (prompt, found) in prompts.iter().zip(found) {
            let alone = Sequences { tokens: prompt.clone(), sight: model.config().whole(1, prompt.len()) };
            let alone = values(model.logits(&alone, &Mode::BASE));
            let found: Vec<f64> = found.into_iter().map(f64::from).collect();
            assert_near(&found, &alone[alone.len() - vocabulary..], TOLERANCE, &format!("{prompt:?}"));
        }
    }
}

#[test]
fn each_greedy_token_is_the_likeliest_after_those_before() {
    let model = model(&GOLDEN["logits"][1]["config"], &Device::flex());
    let prompts = prompts();
    let answers = greedy(&model, &Mode::BASE, &prompts, 4);
    for (prompt, answer) in prompts.iter().zip(&answers) {
        assert_eq!(answer.len(), 4);
        for k in 0..4 {
            let text = [prompt.as_slice(), &answer[..k]].concat();
            let logits = &last_logits(&model, &Mode::BASE, &[text])[0];
            let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            // Two tokens may be equally likely but for rounding.
            assert!(most - logits[answer[k] as usize] < 1e-5, "token {k} of the answer to {prompt:?}");
        }
    }
    assert!(answers.iter().any(|answer| answer != &answers[0]), "prompts matter");
    assert_eq!(greedy(&model, &Mode::BASE, &[], 4), Vec::<Vec<u32>>::new());
}
