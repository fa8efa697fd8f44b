//! Texts of the user's own, on their way to a language model: tokens, chat templates and labels as in transformers
//! (`tests/golden/texts.json`, written by the script beside it), files, prompts, batches, replay.
#![cfg(feature = "native")]

mod batches;
mod command_line;
mod feed;
mod files;
mod folder;
mod letters;
mod many;
mod mixture;
mod overlap;
mod parquet;
mod replay;
mod rows;
mod templates;
mod tokenizer;
