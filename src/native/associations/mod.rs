//! `lethe associations`.

mod complete;
mod gather;
mod measured;
mod rows;
mod told;
mod written;

use super::cli::Failure;
pub use crate::experiments::associations::NAME;
pub use measured::run;

/// Subcommands of `lethe associations`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Predict test rows of a matrix from a few of their entries, by several methods, and say how well each does.
    Complete(complete::Arguments),
    /// Make a matrix of the losses of single examples that runs of `lethe llama` have left, a row for each run.
    Gather(gather::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn associations(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Complete(arguments) => complete::complete(arguments),
        Command::Gather(arguments) => gather::gather(arguments),
    }
}
