//! `lethe llama`.

mod adapter;
mod chat;
mod corpus;
pub mod data;
pub mod evaluate;
pub mod finetune;
mod folder;
mod generate;
mod held;
mod html;
pub mod log;
pub mod memory;
mod merge;
mod pretrain;
mod tensors;
mod tokenizer;
mod world;

pub use tokenizer::Tokenizer;

use super::cli::Failure;

/// Subcommands of `lethe llama`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Make a corpus of a folder of articles: training and held-out documents, none in both.
    Corpus(corpus::Arguments),
    /// Train a base model on the language world and score it; leaves what transformers reads.
    Pretrain(pretrain::Arguments),
    /// Take an adapter into the weights of its base; leaves what transformers opens.
    Merge(merge::Arguments),
    /// Write on from prompts: a base, and beside it the same base with an adapter.
    Generate(generate::Arguments),
    /// Write the language world as files: base models, corpora, questions and requests.
    World(world::Arguments),
    /// Fine-tune a model of your own by LoRA or in full, and measure on the way what it forgets.
    Finetune(finetune::Arguments),
    /// Tell what a fine-tuning will hold in memory, part by part, and what to change where it does not fit.
    Memory(memory::Arguments),
    /// Measure a model of your own, and what fine-tuned it: forgetting, tasks, refusals, perplexity.
    Evaluate(evaluate::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// Wrong input, training that diverged, or a file that cannot be written.
pub fn llama(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Corpus(arguments) => corpus::corpus(arguments),
        Command::Pretrain(arguments) => pretrain::pretrain(arguments),
        Command::Merge(arguments) => merge::merge(arguments),
        Command::Generate(arguments) => generate::generate(arguments),
        Command::World(arguments) => world::world(arguments),
        Command::Finetune(arguments) => finetune::finetune(arguments),
        Command::Memory(arguments) => memory::memory(arguments),
        Command::Evaluate(arguments) => evaluate::evaluate(arguments),
    }
}
