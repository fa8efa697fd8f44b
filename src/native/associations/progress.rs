//! How far an analysis is, on standard error.

use indicatif::{ProgressBar, ProgressStyle};

use crate::associations::{Decomposing, Spectrum, Training};

/// Columns between two looks at the bar.
const PIECE: usize = 8192;

/// A bar for so many pieces of work.
pub fn bar(length: usize, name: &str) -> ProgressBar {
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} %, {msg}, {eta} left") {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    bar
}

/// The decomposition of the entries as they are.
pub fn spectrum(training: &Training<'_>) -> Spectrum {
    let bar = bar(100, "singular values");
    let mut decomposing = Decomposing::new(training.clone(), None);
    loop {
        let done = decomposing.advance(PIECE);
        bar.set_position((100.0 * done) as u64);
        if done >= 1.0 {
            break;
        }
    }
    bar.finish_and_clear();
    decomposing.finish()
}
