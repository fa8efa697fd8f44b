//! Lethe: a laboratory for catastrophic forgetting in fine-tuning.
//!
//! One crate, two faces: the page (compiled to WebAssembly) and the command line.
//! The modules are layers; each imports only those above it (`docs/architecture.md`,
//! policed by `tests/architecture.rs`).

// Not in Cargo.toml, because the helpers of tests may unwrap.
#![warn(clippy::unwrap_used)]

// 1 foundation
pub mod decimal;
pub mod error;
pub mod seed;
pub mod sorted_map;
pub mod stats;

// 2 mathematics
#[cfg(feature = "associations")]
pub mod associations;
#[cfg(feature = "fused")]
pub mod kernel;
#[cfg(feature = "laws")]
pub mod laws;

// 3 learning
pub mod data;
#[cfg(feature = "fused")]
pub mod engine;
pub mod metrics;
pub mod model;
pub mod train;

// 4 experiments
pub mod experiments;

// 5 records
#[cfg(any(feature = "page", feature = "theory", feature = "scaling"))]
pub mod figure;
pub mod record;
#[cfg(any(feature = "page", feature = "theory", feature = "scaling"))]
pub mod report;

// 6 platform
pub mod platform;

// 7 shells
#[cfg(all(not(target_family = "wasm"), feature = "native"))]
pub mod native;
#[cfg(target_family = "wasm")]
pub mod web;
