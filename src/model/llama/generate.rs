//! What a model says after a prompt.

use burn::module::Module;
use burn_tensor::{Int, Tensor, TensorData};

use super::network::{Llama, Mode};
use super::sequences::Sequences;

/// Prompts that are computed side by side.
const TOGETHER: usize = 64;

/// Logits of the token that follows each prompt. Prompts of about equal length share a batch, with padding before the
/// text, so what is said of one does not depend on the others but by rounding.
///
/// # Shapes
/// `[prompts]` of `[vocabulary]`
///
/// # Panics
/// If a prompt is empty, or a token is beyond the vocabulary.
pub fn last_logits(model: &Llama, mode: &Mode, prompts: &[Vec<u32>]) -> Vec<Vec<f32>> {
    let model = model.valid();
    in_batches(prompts, |batch| after(&model, mode, batch))
}

/// The `tokens` likeliest tokens that follow each prompt, one after the other, each given those before (of equally
/// likely ones the first). A token that ends a text is one like any other: whoever reads them stops there.
///
/// # Shapes
/// `[prompts]` of `[tokens]`
///
/// # Panics
/// As [`last_logits`].
pub fn greedy(model: &Llama, mode: &Mode, prompts: &[Vec<u32>], tokens: usize) -> Vec<Vec<u32>> {
    let model = model.valid();
    in_batches(prompts, |batch| {
        let mut texts = batch.to_vec();
        for _ in 0..tokens {
            let logits = after(&model, mode, &texts);
            texts.iter_mut().zip(logits).for_each(|(text, logits)| text.push(likeliest(&logits)));
        }
        texts.into_iter().zip(batch).map(|(text, prompt)| text[prompt.len()..].to_vec()).collect()
    })
}

/// The answers of `ask` to all prompts, which it is given in batches from short to long.
fn in_batches<T>(prompts: &[Vec<u32>], ask: impl Fn(&[Vec<u32>]) -> Vec<T>) -> Vec<T> {
    let mut places: Vec<usize> = (0..prompts.len()).collect();
    places.sort_by_key(|&place| prompts[place].len());
    let mut answers: Vec<(usize, T)> = Vec::with_capacity(prompts.len());
    for batch in places.chunks(TOGETHER) {
        let texts: Vec<Vec<u32>> = batch.iter().map(|&place| prompts[place].clone()).collect();
        answers.extend(batch.iter().copied().zip(ask(&texts)));
    }
    answers.sort_by_key(|&(place, _)| place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn after(model: &Llama, mode: &Mode, texts: &[Vec<u32>]) -> Vec<Vec<f32>> {
    assert!(texts.iter().all(|text| !text.is_empty()), "something to follow");
    let time = texts.iter().map(Vec::len).max().unwrap_or(0);
    let lengths: Vec<Vec<usize>> = texts.iter().map(|text| vec![text.len()]).collect();
    let tokens = texts.iter().flat_map(|text| core::iter::repeat_n(&0, time - text.len()).chain(text)).copied();
    let sequences = Sequences { tokens: tokens.collect(), sight: model.config().packed(&lengths, time, true) };
    let hidden = model.hidden(&sequences, mode);
    let last: Vec<i32> = (1..=texts.len()).map(|text| (text * time - 1) as i32).collect();
    let last = Tensor::<1, Int>::from_data(TensorData::new(last, [texts.len()]), &hidden.device());
    let logits = model.head(hidden.select(0, last)).into_data().convert::<f32>();
    let logits = logits.as_slice::<f32>().expect("they were made single precision");
    logits.chunks_exact(model.config().vocab_size).map(<[f32]>::to_vec).collect()
}

/// The likeliest token, of equally likely ones the first.
///
/// # Shapes
/// `logits`: `[vocabulary]`
pub fn likeliest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (token, &logit) in logits.iter().enumerate() {
        if logit > logits[best] {
            best = token;
        }
    }
    best as u32
}
