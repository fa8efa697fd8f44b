//! The platform under the page and its workers.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Milliseconds since some fixed moment, never going back.
pub fn now_millis() -> f64 {
    performance_now()
}
