//! The worker side of the page: its protocol, and its pool with workers that answer in any order,
//! are paused, or die. Runs in a browser.
#![cfg(all(target_family = "wasm", feature = "fused"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "workers/deep.rs"]
mod deep;
#[path = "workers/desk.rs"]
mod desk;
#[path = "workers/fleet.rs"]
mod fleet;
#[path = "workers/fleets.rs"]
mod fleets;
#[path = "workers/gpu.rs"]
mod gpu;
#[path = "workers/pool.rs"]
mod pool;
#[path = "workers/protocol.rs"]
mod protocol;
#[path = "workers/saved.rs"]
mod saved;
#[path = "workers/stage.rs"]
mod stage;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
