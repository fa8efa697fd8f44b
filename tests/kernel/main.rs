//! The neural tangent kernel against its definition, independent references and its identities.

#![cfg_attr(target_family = "wasm", expect(clippy::unwrap_used, reason = "clippy knows native tests only"))]

mod networks;
mod tangent;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
