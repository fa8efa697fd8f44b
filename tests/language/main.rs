//! The language world: what it holds, what it keeps back, and that its judges judge rightly.

mod grammar;
mod held_out;
mod items;
mod judging;
mod stream;
mod vocabulary;

use lethe::data::language::{Batch, CONTEXT, LanguageWorld, Vocabulary};
use lethe::seed::Seed;

fn world(seed: u64) -> LanguageWorld {
    LanguageWorld::new(Seed::new(seed))
}

/// The windows of a batch, as tokens: the first input and every target.
fn windows(batch: &Batch) -> Vec<Vec<u32>> {
    let pairs = batch.inputs.chunks(CONTEXT).zip(batch.targets.chunks(CONTEXT));
    pairs.map(|(inputs, targets)| [&inputs[..1], targets].concat()).collect()
}

/// The whole documents of a batch, without their end tokens.
fn documents(batch: &Batch) -> Vec<Vec<u32>> {
    let mut documents = Vec::new();
    for window in windows(batch) {
        let mut parts: Vec<&[u32]> = window[1..].split(|&token| token == Vocabulary::END).collect();
        parts.pop();
        documents.extend(parts.into_iter().map(<[u32]>::to_vec));
    }
    documents
}

/// What is asked in a batch, as prompts are written.
fn prompts(batch: &Batch) -> Vec<Vec<u32>> {
    let asked = documents(batch).into_iter().filter_map(|document| {
        let end = document.iter().position(|&token| token == Vocabulary::ASSISTANT)?;
        Some([&[Vocabulary::BEGIN], &document[..=end]].concat())
    });
    asked.collect()
}
