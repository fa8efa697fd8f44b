//! Texts of the user's own, on their way to a language model: tokens and chat templates as in transformers
//! (`tests/golden/texts.json`, written by the script beside it), files, prompts, batches, replay.
#![cfg(feature = "native")]

mod folder;
mod tokenizer;
