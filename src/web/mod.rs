//! The lab in a browser: the page, and the workers that compute for it.

#[cfg(any(feature = "theory", feature = "scaling"))]
pub mod answering;
pub mod devices;
#[cfg(feature = "fused")]
pub mod fleets;
#[cfg(feature = "gpu")]
pub mod gpu_worker;
#[cfg(all(feature = "scaling", feature = "associations"))]
pub mod language_worker;
#[cfg(feature = "page")]
pub mod page;
pub mod plain;
pub mod pool;
pub mod protocol;
pub mod runner;
#[cfg(feature = "theory")]
pub mod theory_worker;
pub mod thread;
#[cfg(feature = "fused")]
pub mod worker;
