//! The eigenvalues of the weighted kernel.

use super::Analysis;
use super::NoPlan;
use crate::kernel::{Modes, Rule};

/// The eigenvalues a_i of A = W^{1/2} K W^{1/2} at one replay fraction, as far as they are above rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    pub replay: f64,
    /// From the largest down; those within rounding of zero (n x 2^-52 of the largest) are left out.
    pub eigenvalues: Vec<f64>,
    /// exp(H) of the shares q_i = a_i / sum a, H = -sum q_i ln q_i (Roy & Vetterli 2007): between 1 and the
    /// rank, 0 of a kernel that is zero.
    pub effective_rank: f64,
    /// The largest over the smallest of these; `None` where there is none.
    pub condition: Option<f64>,
}

impl Analysis {
    /// The spectrum at a replay fraction.
    ///
    /// # Errors
    /// As [`Analysis::modes`].
    pub fn spectrum(&self, replay: f64) -> Result<Spectrum, NoPlan> {
        spectrum(&self.modes(replay)?, replay)
    }
}

/// The spectrum of modes that are there.
///
/// # Errors
/// None known: flow has a limit on every kernel.
pub fn spectrum(modes: &Modes, replay: f64) -> Result<Spectrum, NoPlan> {
    let rank = modes.limit(Rule::Flow)?.rank;
    let eigenvalues: Vec<f64> = modes.rates.iter().take(rank).map(|rate| rate / LOSS_FACTOR).collect();
    let trace: f64 = eigenvalues.iter().sum();
    let entropy: f64 = eigenvalues.iter().map(|a| a / trace).map(|share| -share * libm::log(share)).sum();
    Ok(Spectrum {
        replay,
        effective_rank: if eigenvalues.is_empty() { 0.0 } else { libm::exp(entropy) },
        condition: eigenvalues.first().zip(eigenvalues.last()).map(|(first, last)| first / last),
        eigenvalues,
    })
}

/// kap of the loss sum_i w_i r_i^2, by which a mode's rate exceeds its eigenvalue.
pub const LOSS_FACTOR: f64 = 2.0;
