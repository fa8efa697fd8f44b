//! The lab in a browser: the page, and the workers that compute for it.

pub mod pool;
pub mod protocol;
pub mod runner;
pub mod thread;
#[cfg(feature = "fused")]
pub mod worker;
