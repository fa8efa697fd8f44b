//! `lethe llama finetune` on the language world, as a user runs it.
#![cfg(all(feature = "native", not(target_family = "wasm")))]

mod kills;
mod refusals;
mod runs;
#[path = "../tiny_world/mod.rs"]
mod tiny_world;
mod world;
