//! The neural tangent kernel against its definition, independent references and its identities.

#![cfg_attr(target_family = "wasm", expect(clippy::unwrap_used, reason = "clippy knows native tests only"))]

mod comparison;
mod degenerate;
#[cfg(not(target_family = "wasm"))]
mod dynamics;
mod explicit;
mod golden;
mod infinite;
mod jacobian;
#[cfg(not(target_family = "wasm"))]
mod limits;
mod networks;
mod optimum;
#[cfg(not(target_family = "wasm"))]
mod properties;
mod refusals;
#[cfg(not(target_family = "wasm"))]
mod schedules;
mod scipy;
mod tangent;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
