//! What differs between a browser and an operating system, behind equal signatures.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod web;

#[cfg(not(target_family = "wasm"))]
pub use native::now_millis;
#[cfg(target_family = "wasm")]
pub use web::now_millis;
