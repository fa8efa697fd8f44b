//! The scaling laws against the paper's coefficients, SciPy and their own identities.

#![cfg_attr(target_family = "wasm", expect(clippy::unwrap_used, reason = "clippy knows native tests only"))]

mod advise;
mod claims;
#[cfg(feature = "native")]
mod command_line;
mod fits;
mod golden;
mod grid;
mod importing;
mod joint;
#[cfg(not(target_family = "wasm"))]
mod properties;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
