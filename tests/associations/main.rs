//! Association matrices against scikit-surprise, NumPy, SciPy, planted truths and their own identities.

#![cfg_attr(target_family = "wasm", expect(clippy::unwrap_used, reason = "clippy knows native tests only"))]

#[cfg(feature = "native")]
mod command_line;
mod completing;
mod golden;
mod golden_logistic;
mod importing;
mod pictures;
mod planted;
#[cfg(not(target_family = "wasm"))]
mod properties;
mod protocol;
mod spectra;
mod understanding;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
