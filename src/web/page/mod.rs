//! The page: one [`state`], changed by what the visitor does and the workers report, drawn in frames.
//!
//! Data goes one way: [`frame`] applies changes to the state (`editing`, `opening`, `running`) and
//! shows it through the parts below, each of which owns some elements of `www/index.html`.

mod frame;
mod state;
mod view;

// What changes the state.
mod asking;
mod editing;
mod keeping;
mod opening;
mod references;
mod running;
mod saving;

// What shows it, and listens.
mod api;
mod controls;
mod device_panel;
mod figures_view;
mod keys;
mod link_bar;
mod notices;
mod presets;
mod records;
mod run_row;
mod saying;
mod scrubber;
mod theme;

// Figures.
mod canvas;
mod export;
mod overlay;
mod parts;
mod seeds;
mod sources;
mod touch;

// The browser.
mod dom;
mod elsewhere;
mod fault;
mod storage;

pub use frame::start;
