//! What a model says after a prompt.

use burn::module::Module;
use burn_tensor::{Int, Tensor, TensorData};

use super::cache::Cache;
use super::network::{Llama, Mode};
use super::sampling::Sampling;
use super::sequences::Sequences;
use crate::seed::Stream;

/// Most prompts that are computed side by side.
const TOGETHER: usize = 64;
/// Numbers that may be remembered of them: 4 GiB in single precision. A text that takes more goes alone.
const ROOM: usize = 1 << 30;

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
    in_batches(&model, prompts, 0, |places| {
        let texts: Vec<Vec<u32>> = places.iter().map(|&place| prompts[place].clone()).collect();
        after(&model, mode, &texts)
    })
}

/// The likeliest tokens that follow each prompt, one after the other, each given those before (of equally likely ones
/// the first): `tokens` of them, or those before the first that is one of `stops`.
///
/// # Shapes
/// `[prompts]` of up to `[tokens]`
///
/// # Panics
/// As [`last_logits`].
pub fn greedy(model: &Llama, mode: &Mode, prompts: &[Vec<u32>], tokens: usize, stops: &[u32]) -> Vec<Vec<u32>> {
    let model = model.valid();
    in_batches(&model, prompts, tokens, |places| {
        let prompts = places.iter().map(|&place| prompts[place].clone()).collect();
        write(&model, mode, prompts, tokens, stops, |_, logits| likeliest(logits))
    })
}

/// The same with tokens that are drawn. What is drawn after one prompt does not depend on the others but by rounding.
///
/// # Panics
/// As [`last_logits`].
pub fn sampled(
    model: &Llama,
    mode: &Mode,
    prompts: &[Vec<u32>],
    tokens: usize,
    stops: &[u32],
    sampling: &Sampling,
) -> Vec<Vec<u32>> {
    let model = model.valid();
    in_batches(&model, prompts, tokens, |places| {
        let mut streams: Vec<Stream> =
            places.iter().map(|place| sampling.seed.fork(&place.to_string()).stream()).collect();
        let prompts = places.iter().map(|&place| prompts[place].clone()).collect();
        write(&model, mode, prompts, tokens, stops, |place, logits| sampling.draw(logits, &mut streams[place]))
    })
}

/// Texts written on, each token by `pick` from the place of the prompt and the logits.
fn write(
    model: &Llama,
    mode: &Mode,
    prompts: Vec<Vec<u32>>,
    tokens: usize,
    stops: &[u32],
    mut pick: impl FnMut(usize, &[f32]) -> u32,
) -> Vec<Vec<u32>> {
    let longest = prompts.iter().map(Vec::len).max().unwrap_or(0) + tokens;
    let mut texts = prompts.clone();
    let mut open = vec![true; prompts.len()];
    let mut cache: Option<Cache> = None;
    for _ in 0..tokens {
        let logits = if Cache::serves(model, longest) {
            let hidden = match &mut cache {
                Some(cache) => {
                    let last: Vec<u32> = texts.iter().map(|text| text[text.len() - 1]).collect();
                    cache.extend(model, mode, &last)
                }
                None => {
                    let (made, hidden) = Cache::new(model, mode, &texts, tokens);
                    cache = Some(made);
                    hidden
                }
            };
            rows(model, hidden)
        } else {
            after(model, mode, &texts)
        };
        for (place, (text, logits)) in texts.iter_mut().zip(logits).enumerate() {
            let token = pick(place, &logits);
            open[place] &= !stops.contains(&token);
            text.push(token);
        }
        if !open.contains(&true) {
            break;
        }
    }
    let ended = |answer: &[u32]| {
        let end = answer.iter().position(|token| stops.contains(token)).unwrap_or(answer.len());
        answer[..end].to_vec()
    };
    texts.iter().zip(&prompts).map(|(text, prompt)| ended(&text[prompt.len()..])).collect()
}

/// The answers of `ask` to all prompts, after which so many more tokens come; it is given their places, in batches from
/// short to long.
fn in_batches<T>(model: &Llama, prompts: &[Vec<u32>], more: usize, ask: impl Fn(&[usize]) -> Vec<T>) -> Vec<T> {
    let each = Cache::numbers(model.config());
    let mut places: Vec<usize> = (0..prompts.len()).collect();
    places.sort_by_key(|&place| prompts[place].len());
    let mut answers: Vec<(usize, T)> = Vec::with_capacity(prompts.len());
    let mut rest = &places[..];
    while !rest.is_empty() {
        let fits = |&(k, &place): &(usize, &usize)| (k + 1) * (prompts[place].len() + more) * each <= ROOM;
        let count = rest.iter().take(TOGETHER).enumerate().take_while(fits).count().max(1);
        let batch;
        (batch, rest) = rest.split_at(count);
        answers.extend(batch.iter().copied().zip(ask(batch)));
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
    rows(model, hidden.select(0, last))
}

/// What hidden states say of the next tokens.
///
/// # Shapes
/// - `hidden`: `[texts, units]`
/// - result: `[texts]` of `[vocabulary]`
fn rows(model: &Llama, hidden: Tensor<2>) -> Vec<Vec<f32>> {
    let logits = model.head(hidden).into_data().convert::<f32>();
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
