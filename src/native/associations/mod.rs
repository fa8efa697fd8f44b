//! `lethe associations`.

mod complete;
mod rows;
mod told;
mod written;

use super::cli::Failure;

/// Subcommands of `lethe associations`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Predict test rows of a matrix from a few of their entries, by several methods, and say how well each does.
    Complete(complete::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn associations(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Complete(arguments) => complete::complete(arguments),
    }
}
