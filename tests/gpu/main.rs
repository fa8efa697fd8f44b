//! What trains on a GPU against what trains on the CPU, on whatever adapter there is.
//!
//! Ignored unless asked for, because a test that finds no adapter has shown nothing:
//! `cargo test --test gpu -- --ignored`. `make test` does so, and installs Mesa's llvmpipe where it can.

#[cfg(not(target_family = "wasm"))]
mod cli;
#[cfg(all(feature = "autodiff", not(target_family = "wasm")))]
mod deep;
#[cfg(not(target_family = "wasm"))]
mod fleet;
#[cfg(not(target_family = "wasm"))]
mod links;
#[cfg(not(target_family = "wasm"))]
mod specs;
#[cfg(not(target_family = "wasm"))]
mod worlds;
#[cfg(not(target_family = "wasm"))]
mod yardstick;
