//! The fused CPU engine against independent references, natively and in a browser.

mod elementary;
mod gradient;
mod init;
mod reference;
mod training;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
