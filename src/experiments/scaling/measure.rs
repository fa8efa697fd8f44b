//! Asking a model.

use core::num::NonZeroUsize;

use crate::data::language::{LanguageWorld, Reading, repetition};
use crate::metrics::language::Share;
use crate::model::llama::{Llama, Mode, Sequences};

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
