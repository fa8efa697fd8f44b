//! `lethe laws`.

mod advise;
mod fit;
mod input;
mod told;

use super::cli::Failure;
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

/// `one(0)`, `one(1)` and so on, spread over the cores.
fn spread<T: Send>(count: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let share = count.div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let one = &one;
        let parts = (0..count).step_by(share).map(|first| (first, count.min(first + share)));
        let threads: Vec<_> =
            parts.map(|(first, end)| scope.spawn(move || (first..end).map(one).collect::<Vec<T>>())).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
