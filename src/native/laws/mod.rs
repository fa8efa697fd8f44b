//! `lethe laws`.

mod advise;
mod fit;
mod input;
pub(super) mod told;

use super::cli::Failure;
use super::spread::spread;
use crate::laws::{Bootstrap, Resample};

/// Subcommands of `lethe laws`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Fit the scaling laws of forgetting to runs, and test what they claim.
    Fit(fit::Arguments),
    /// From pilot runs and a budget of forgetting: rank, steps and replay with intervals, or a refusal with its reason.
    ///
    /// Exits with 1 where it refuses.
    Advise(advise::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// Wrong input, or [`Failure::No`] where there is no advice.
pub fn laws(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Fit(arguments) => fit::fit(arguments),
        Command::Advise(arguments) => advise::advise(arguments),
    }
}

/// All resamples in order, spread over the cores.
pub fn resamples(bootstrap: &Bootstrap<'_>, count: usize) -> Vec<Resample> {
    spread(count, |index| bootstrap.resample(index))
}
