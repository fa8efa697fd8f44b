//! `lethe sweep`: many fine-tunings that differ in a few settings, on one machine or on many.
//!
//! The unit is a run: independent, resumable, named by the hash of its settings. A cluster's own scheduler gives out the
//! indices; between two machines the lock of a run's folder decides.

mod file;
mod kubernetes;
mod name;
mod plan;
mod slurm;
mod state;
mod status;
mod vary;

pub use file::{MOST, Sweep};
pub use name::name;
pub use state::State;
pub use vary::APART;

use super::cli::Failure;

/// Subcommands of `lethe sweep`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Tell the runs of a sweep; write a Slurm script or a Kubernetes Job for them.
    Plan(plan::Arguments),
    /// Tell how far every run is.
    Status(status::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// A wrong sweep file, or what the subcommand could not do.
pub fn sweep(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Plan(arguments) => plan::plan(arguments),
        Command::Status(arguments) => status::status(arguments),
    }
}
