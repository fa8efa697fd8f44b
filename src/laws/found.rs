//! Everything that is fitted to runs and tested on them, together.

use super::collapse::{Collapse, ranks_collapse};
use super::families::{FamilyBreak, family_breaks_the_law};
use super::hold_out::{HeldOut, HoldOut, predict_held_out};
use super::joint::{JointFit, fit_joint_law};
use super::linear::{LinearLaw, fit_linear_law};
use super::observation::Observations;
use super::relief::replay_of;
use super::robust::Robust;
use super::stopping::{StoppingPoint, stopping_points};
use super::warnings::identification_warnings;
use crate::error::Problems;

/// Whether the joint law is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    LeftOut,
    /// Where the runs suffice; otherwise a warning says why not.
    IfPossible,
    /// Runs that do not suffice are an error.
    Surely,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Those that the laws without replay are fitted to ([`Observations::comparable`]).
    pub observations: Observations,
    pub linear: LinearLaw,
    pub joint: Option<JointFit>,
    pub held_out: Option<HeldOut>,
    pub collapse: Option<Collapse>,
    /// How far the line is missed at each number of steps that most runs have.
    pub stopping: Vec<StoppingPoint>,
    pub families: Vec<FamilyBreak>,
    /// Sentences on what was left out, and on what must not be believed.
    pub warnings: Vec<String>,
}

impl Found {
    /// Fits and tests, the warm-up already left out. Without a `rule` the usual observations are held out
    /// ([`HoldOut::usual`]).
    ///
    /// # Errors
    /// Too few observations for a line, or for the joint law or the rule where these are wanted.
    pub fn of(all: &Observations, robust: Robust, joint: Joint, rule: Option<HoldOut>) -> Result<Self, Problems> {
        let (observations, mut warnings) = all.comparable();
        let linear = fit_linear_law(&observations)?;
        let joint = match joint {
            Joint::LeftOut => None,
            Joint::Surely => Some(fit_joint_law(&observations, robust)?),
            Joint::IfPossible => told(fit_joint_law(&observations, robust), "The joint law is left out", &mut warnings),
        };
        if let Some(fit) = &joint {
            warnings.extend(identification_warnings(fit, &observations));
        }
        let usual = || joint.as_ref().and_then(|_| HoldOut::usual(&observations));
        let held_out = match rule {
            Some(rule) => Some(predict_held_out(&observations, rule, robust)?),
            None => usual().and_then(|rule| {
                told(predict_held_out(&observations, rule, robust), "Nothing was held out", &mut warnings)
            }),
        };
        let collapse = told(ranks_collapse(&observations), "Whether ranks collapse was not tested", &mut warnings);
        // Replay changes the line; families are compared where there is least of it, as in the other fits.
        let least = observations.different(replay_of).first().copied().unwrap_or(0.0);
        let families = family_breaks_the_law(&all.only(|_, row| replay_of(row) == least)).unwrap_or_default();
        for broken in families.iter().filter(|family| family.breaks() == Some(true)) {
            warnings.push(format!(
                "The family {} breaks the linear law of {}: {:+.4} nats of forgetting beyond it, {:.1} times its noise.",
                broken.family, broken.reference, broken.offset, broken.ratio
            ));
        }
        let stopping = stopping_points(&observations, &linear);
        Ok(Self { observations, linear, joint, held_out, collapse, stopping, families, warnings })
    }
}

/// What there is, or a warning that says why there is nothing.
fn told<T>(found: Result<T, Problems>, what: &str, warnings: &mut Vec<String>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(problems) => {
            warnings.extend(problems.0.iter().map(|problem| format!("{what}: {problem}.")));
            None
        }
    }
}
