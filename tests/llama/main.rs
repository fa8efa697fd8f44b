//! Llama and LoRA against transformers and PEFT: `tests/golden/llama.json`, written by the script beside it.
#![cfg(feature = "llama")]

#[cfg(feature = "native")]
mod command_line;
mod curve;
mod dropout;
mod generate;
mod golden;
mod gradients;
mod logits;
mod optimisers;
mod pass;
mod peft;
mod precision;
mod quantising;
mod refusals;
mod saving;
mod steps;
#[cfg(feature = "native")]
mod transformers;
mod tuning;
#[cfg(feature = "gpu")]
mod webgpu;
