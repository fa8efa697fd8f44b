//! Scaling laws of forgetting: how much a fine-tuned model forgets, by its fine-tuning loss, by the parameters tuned
//! and by the steps taken, fitted to anyone's runs.
//!
//! The laws are those of Kalajdzievski 2024 (arXiv 2401.05605), whose equations 5 and 6 are reconstructed here from
//! their symbols and whose Table 1 is second-hand ([`published`]), and the replay law of Bethune et al. 2025
//! (arXiv 2502.06042). `docs/laws.md` says what is fitted, how intervals are made, and what is refused.
//!
//! No threads are started here: [`Bootstrap`] makes one resample at a time, and a caller spreads them as it likes.

mod advise;
mod bootstrap;
mod collapse;
mod families;
mod found;
mod hold_out;
pub mod import;
mod joint;
mod least_squares;
mod linear;
mod observation;
mod permutation;
mod power;
pub mod published;
mod relief;
mod replay;
mod robust;
mod stopping;
mod warnings;

pub use advise::{Advice, Candidate, Pilot, PilotResample, Refusal};
pub use bootstrap::{Bootstrap, Intervals, Resample};
pub use collapse::{Collapse, ranks_collapse};
pub use families::{FamilyBreak, family_breaks_the_law};
pub use found::{Found, Joint};
pub use hold_out::{HeldOut, HoldOut, predict_held_out};
pub use joint::{JointFit, JointLaw, PaperParameters, fit_joint_law};
pub use linear::{LinearLaw, fit_linear_law};
pub use observation::{MOST_FITTED, Observation, Observations, Run, WARM_UP};
pub use power::{PowerFit, PowerLaw, Response, fit_power_law};
pub use relief::{ReplayRelief, fit_replay_relief, replay_of};
pub use replay::{ReplayFit, ReplayLaw, fit_replay_law};
pub use robust::Robust;
pub use stopping::{StoppingPoint, stopping_points};
pub use warnings::{identification_warnings, interval_warnings};
