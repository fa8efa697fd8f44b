//! The command line.

/// Prints a line on standard output; a reader who closes the pipe early has read enough.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod cli;
mod curriculum;
mod executor;
mod files;
mod inputs;
mod laws;
#[cfg(feature = "llama")]
mod llama;
mod mitigated;
mod run;
#[cfg(feature = "scaling")]
mod scaling;
mod theory;
mod verify;
mod ways;

pub use cli::main;
