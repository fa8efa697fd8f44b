//! What differs between a browser and an operating system, behind equal signatures.

#[cfg(not(target_family = "wasm"))]
mod native;
mod pieces;
#[cfg(target_family = "wasm")]
mod web;

#[cfg(not(target_family = "wasm"))]
pub use native::now_millis;
#[cfg(target_family = "wasm")]
pub use web::now_millis;

pub use pieces::{Pieces, rest};

/// Opens the most capable GPU there is; to be called once.
///
/// # Errors
/// Why there is none.
#[cfg(feature = "gpu")]
pub async fn open_gpu() -> Result<crate::engine::fused_gpu::Gpu, NoGpu> {
    crate::engine::fused_gpu::Gpu::open(now_millis).await
}

#[cfg(feature = "gpu")]
pub use crate::engine::fused_gpu::NoGpu;
