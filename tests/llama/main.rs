//! Llama and LoRA against transformers and PEFT: `tests/golden/llama.json`, written by the script beside it.
#![cfg(feature = "llama")]

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
mod refusals;
mod saving;
mod steps;
mod tuning;
#[cfg(feature = "gpu")]
mod webgpu;
