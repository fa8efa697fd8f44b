//! Figures: what they promise whatever the data.
#![cfg(any(feature = "page", feature = "theory"))]
#![expect(clippy::disallowed_methods, reason = "sample curves; no test compares their bits between platforms")]

mod cursor;
mod files;
mod layout;
mod numbers;
mod samples;
mod summaries;
mod theme;
