//! Figures: what they promise whatever the data.
#![cfg(any(feature = "page", feature = "native"))]

mod cursor;
mod files;
mod layout;
mod numbers;
mod samples;
mod summaries;
mod theme;
