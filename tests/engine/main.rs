//! The fused CPU engine against independent references, natively and in a browser.

#![cfg_attr(target_family = "wasm", expect(clippy::unwrap_used, reason = "clippy knows native tests only"))]

mod differences;
mod elementary;
mod gradient;
mod init;
mod inputs;
mod reference;
mod restraint;
mod training;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
