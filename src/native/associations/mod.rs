//! `lethe associations`.

mod complete;
mod gather;
mod kept;
mod measured;
mod progress;
mod told;
mod understand;
mod understood;
mod weigh;
mod written;

use super::cli::Failure;
pub use crate::experiments::associations::NAME;
pub use measured::{run, verify};

/// Subcommands of `lethe associations`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Predict test rows of a matrix from a few of their entries, by several methods, and say how well each does.
    Complete(complete::Arguments),
    /// Say how much of a matrix simple models hold, how much is noise, what is forgotten together, and what its factors
    /// go with.
    Understand(understand::Arguments),
    /// Make matrices of the losses of single examples that runs and evaluations of `lethe llama` have left, a row for each
    /// run or checkpoint, a matrix for each seed.
    Gather(gather::Arguments),
    /// Predict a row of a matrix from what is measured of it, and write the weights of replay that `lethe llama finetune`
    /// reads.
    Weigh(weigh::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// Wrong input, or a file that cannot be written.
pub fn associations(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Complete(arguments) => complete::complete(arguments),
        Command::Understand(arguments) => understand::understand(arguments),
        Command::Gather(arguments) => gather::gather(arguments),
        Command::Weigh(arguments) => weigh::weigh(arguments),
    }
}
