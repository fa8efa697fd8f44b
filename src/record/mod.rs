//! What remains of a run: summary, record, link, fingerprint, exports.

pub mod agreeing;
#[cfg(all(feature = "scaling", feature = "associations"))]
pub mod associations;
pub mod base64url;
pub mod csv;
pub mod fingerprint;
pub mod link;
#[cfg(feature = "scaling")]
pub mod llama;
pub mod population;
pub mod recording;
#[cfg(feature = "scaling")]
pub mod scaling;
pub mod series;
pub mod summary;
pub mod verdict;

mod bits;
mod document;
mod identity;
#[cfg(feature = "scaling")]
mod observations;

pub use document::{Record, Timing};
pub use fingerprint::Fingerprint;
pub use link::{Link, VIEW_KEYS};
#[cfg(feature = "scaling")]
pub use observations::observations;
pub use population::Populations;
pub use summary::Summary;
pub use verdict::Agreement;

/// The build that makes and checks records: the package version, and the commit where one was known.
pub const BUILD: &str = match option_env!("LETHE_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};
