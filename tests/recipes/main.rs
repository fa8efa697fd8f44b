//! Each recipe of `examples/`, end to end on the language world: the files themselves, with paths and sizes changed by `--set`.
#![cfg(all(feature = "native", not(target_family = "wasm")))]

mod changes;
mod instances;
mod kitchen;
mod poster;
mod scale;
mod scaling_laws;
mod tiny;
#[path = "../tiny_world/mod.rs"]
mod tiny_world;
