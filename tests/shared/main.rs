//! Tests of shared code: the same bodies natively (`cargo test --test shared`) and in a worker of
//! a real browser (the same with `--target wasm32-unknown-unknown`, see CONTRIBUTING.md).
//!
//! A pinned number or digest here is a promise kept on every platform: both runs compare with it.

#[cfg(not(target_family = "wasm"))]
pub(crate) use core::prelude::v1::test;
#[cfg(target_family = "wasm")]
pub(crate) use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[cfg(feature = "fused")]
mod language;
mod links;
#[cfg(feature = "fused")]
mod planning;
mod randomness;
mod statistics;
#[cfg(feature = "fused")]
mod worlds;

/// SHA-256 over the bits of numbers, in hex: one word that tells two platforms apart.
fn digest(values: impl IntoIterator<Item = f64>) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.to_bits().to_le_bytes());
    }
    lethe::record::link::hex(&hash.finalize()[..8])
}
