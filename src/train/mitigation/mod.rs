//! What is done against forgetting: each mitigation one file and one line in [`ALL`].
//!
//! A mitigation looks once at the network where fine-tuning begins ([`Base`]) and says what is to be different from
//! then on ([`Treatment`]): which examples count, towards which labels, how far each step goes and where the network
//! is measured. It has one number, its strength. At 0 every mitigation is plain fine-tuning, with the same bits; the
//! more, the closer it holds the network to what it was.
//!
//! Stopping early is not among them: the measurements of a plain run at its earlier steps are those of runs that were
//! stopped there. Its curve of new against old task is what every mitigation has to beat.
//!
//! ```
//! use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
//! use lethe::train::mitigation::{Base, Mitigation};
//! use lethe::train::{Optimiser, OptimiserKind};
//!
//! let mlp = Mlp::on_a_line(4, Activation::Tanh, Parameterisation::Ntk);
//! let start = Parameters::filled(&mlp, 0.5);
//! let base = Base {
//!     mlp,
//!     optimiser: Optimiser { kind: OptimiserKind::Gd, learning_rate: 0.1 },
//!     parameters: &start,
//!     new_inputs: &[-1.0],
//!     new_labels: &[-0.2],
//!     new_outputs: &[0.2],
//!     old_inputs: &[1.0],
//!     gradients: &|x| x.iter().map(|_| start.clone()).collect(),
//! };
//! let distil = Mitigation::named("distil").expect("there is one of this name");
//! let treatment = distil.treatment(&base, 0.5)?;
//! assert_eq!(treatment.labels, Some(vec![0.0]), "half-way between the new label and the former output");
//!
//! let refused = distil.treatment(&base, 2.0).map_err(|problem| problem.to_string());
//! assert!(refused.is_err_and(|sentence| sentence.contains("numbers from 0 to 1")));
//! # Ok::<(), lethe::error::Problem>(())
//! ```

mod base;
mod cost;
mod penalty;
mod strength;
mod treatment;

mod added;
mod distil;
pub mod ewc;
mod freeze;
mod interpolate;
mod l2;
mod none;
pub mod ogd;
mod rate;
mod replay;

pub use base::{Base, Setting};
pub use cost::Cost;
pub use strength::Strength;
pub use treatment::Treatment;

use crate::error::Problem;
use crate::train::Replay;

/// Every mitigation, the plain one first.
pub const ALL: &[&Mitigation] = &[
    &none::NONE,
    &replay::REPLAY,
    &added::ADDED,
    &l2::L2,
    &ewc::EWC,
    &distil::DISTIL,
    &ogd::OGD,
    &freeze::FREEZE,
    &interpolate::INTERPOLATE,
    &rate::RATE,
];

type Prepare = fn(&Base<'_>, f64) -> Result<Treatment, Problem>;

/// What prepares, in programs that train. The page names and compares mitigations, and has no room for more.
const fn in_training(prepare: Prepare) -> Prepare {
    if cfg!(feature = "fused") { prepare } else { |_, _| Ok(Treatment::plain()) }
}

/// Without old examples.
fn no_replay(_: f64) -> Replay {
    Replay::Replacing(0.0)
}

/// What the command line says of a mitigation; the page's document has its own words.
const fn told(text: &'static str) -> &'static str {
    if cfg!(feature = "fused") { text } else { "" }
}

/// One way of forgetting less.
pub struct Mitigation {
    /// The name in links.
    pub name: &'static str,
    /// The name in sentences and figures.
    pub title: &'static str,
    /// What it does, as one plain sentence.
    pub sentence: &'static str,
    /// Where it is from.
    pub source: &'static str,
    pub strength: Strength,
    /// How old examples take part at a strength.
    pub replay: fn(f64) -> Replay,
    /// What else it does at a strength that was found acceptable and is not 0.
    prepare: Prepare,
    /// What it takes at such a strength.
    cost: fn(&Setting, f64) -> Cost,
}

impl Mitigation {
    /// The mitigation of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|mitigation| mitigation.name == name)
    }

    /// What is to be different in fine-tuning.
    ///
    /// # Errors
    /// The strength is not accepted here ([`Strength::check`]); the network, its outputs or its gradients are not
    /// finite.
    pub fn treatment(&self, base: &Base<'_>, strength: f64) -> Result<Treatment, Problem> {
        self.strength.check(self.name, &base.setting(), strength)?;
        if strength == 0.0 {
            return Ok(Treatment::plain());
        }
        base.check(self.name)?;
        Ok(Treatment { replay: (self.replay)(strength), ..(self.prepare)(base, strength)? })
    }

    /// What that takes.
    ///
    /// # Errors
    /// The strength is not accepted here.
    pub fn cost(&self, setting: &Setting, strength: f64) -> Result<Cost, Problem> {
        self.strength.check(self.name, setting, strength)?;
        Ok(if strength == 0.0 { Cost::NOTHING } else { (self.cost)(setting, strength) })
    }
}
