//! Asking a model.

use core::num::NonZeroUsize;

use crate::data::language::{LanguageWorld, Reading, repetition};
use crate::metrics::language::Share;
use crate::model::llama::{Llama, Mode, Sequences, last_logits};
use crate::seed::{Seed, Stream};

/// Words of a run that counts as repeated.
const RUN: NonZeroUsize = NonZeroUsize::new(3).expect("three is not zero");

/// Logits after each position.
///
/// # Shapes
/// `[positions, vocabulary]`
pub(super) fn logits(model: &Llama, mode: &Mode, sequences: &Sequences) -> Vec<f32> {
    let logits = model.logits(sequences, mode).into_data().convert::<f32>();
    logits.try_into_vec::<f32>().expect("they were made single precision")
}

/// Tokens drawn after each prompt, at temperature 1. Every model draws by the same random numbers, so that a model that
/// has not moved writes the same.
///
/// # Shapes
/// `[prompts]` of `[tokens]`
pub(super) fn drawn(model: &Llama, mode: &Mode, prompts: &[Vec<u32>], tokens: usize, seed: &Seed) -> Vec<Vec<u32>> {
    let mut streams: Vec<Stream> = (0..prompts.len()).map(|text| seed.fork(&text.to_string()).stream()).collect();
    let mut texts = prompts.to_vec();
    for _ in 0..tokens {
        let said = last_logits(model, mode, &texts);
        for ((text, logits), stream) in texts.iter_mut().zip(said).zip(&mut streams) {
            text.push(draw(&logits, stream.uniform()));
        }
    }
    texts.into_iter().zip(prompts).map(|(text, prompt)| text[prompt.len()..].to_vec()).collect()
}

/// The token at which the running sum of probabilities passes a share.
fn draw(logits: &[f32], share: f64) -> u32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits.iter().map(|&logit| f64::from(libm::expf(logit - most))).collect();
    let mut left = share * weights.iter().sum::<f64>();
    let place = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    place.unwrap_or(logits.len() - 1) as u32
}

/// How many finished documents of free text are valid, and how much of it is repeated.
pub(super) fn free_text(world: &LanguageWorld, prompts: &[Vec<u32>], written: &[Vec<u32>]) -> (Share, f64) {
    let facts = &world.knowledge().facts;
    let is_valid = |reading: &Reading| match reading {
        Reading::General => true,
        Reading::Statement(said) => facts.iter().any(|fact| {
            (fact.subject, fact.relation.name, fact.value) == (said.subject, said.relation.name, said.value)
        }),
        Reading::Nonsense => false,
    };
    let texts: Vec<Vec<u32>> = prompts.iter().zip(written).map(|(prompt, text)| [&prompt[..], text].concat()).collect();
    let readings: Vec<Reading> = texts.iter().flat_map(|text| world.readings(text)).collect();
    let repeated = written.iter().map(|text| repetition(text, RUN)).sum::<f64>() / written.len().max(1) as f64;
    (Share::among(readings.iter().map(is_valid)), repeated)
}
