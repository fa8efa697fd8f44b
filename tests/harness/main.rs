//! `lethe llama evaluate` and what it stands on, against lm-evaluation-harness and PyTorch: `tests/golden/harness.json`,
//! written by the script beside it.
#![cfg(all(feature = "native", not(target_family = "wasm")))]

mod asking;
mod command_line;
mod divergence;
#[expect(dead_code, reason = "the formulas of weights, shared with tests/llama")]
#[path = "../llama/golden.rs"]
mod formulas;
mod refusals;
mod scoring;
mod settings;
mod world;
