//! `lethe sweep`: many fine-tunings that differ in a few settings, on one machine or on many.
//!
//! The unit is a run: independent, resumable, named by the hash of its settings. A cluster's own scheduler gives out the
//! indices; between two machines the lock of a run's folder decides.

mod file;
mod gather;
mod kubernetes;
mod local;
mod name;
mod plan;
mod report;
mod run;
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
    /// Run one of a sweep's runs, or all of them on this machine.
    Run(run::Arguments),
    /// Tell how far every run is.
    Status(status::Arguments),
    /// Gather what the finished runs measured: a table for `lethe laws fit`, and their records.
    Gather(gather::Arguments),
    /// Tell what the finished runs say together, as one page that stands alone.
    Report(report::Arguments),
}

/// Runs a subcommand.
///
/// # Errors
/// A wrong sweep file, or what the subcommand could not do.
pub fn sweep(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Plan(arguments) => plan::plan(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Status(arguments) => status::status(arguments),
        Command::Gather(arguments) => gather::gather(arguments),
        Command::Report(arguments) => report::report(arguments),
    }
}
