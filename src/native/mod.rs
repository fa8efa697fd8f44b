//! The command line.

/// Prints a line on standard output; a reader who closes the pipe early has read enough.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod associations;
pub mod bases;
mod cli;
mod curriculum;
mod executor;
mod files;
mod folders;
mod inputs;
mod laws;
pub mod llama;
mod lock;
mod mitigated;
mod run;
mod scaling;
mod spread;
pub mod sweep;
mod theory;
mod verify;
mod ways;

pub use cli::{Failure, main};
