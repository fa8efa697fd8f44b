//! From pilot runs and a budget of forgetting to a rank, a number of steps and a replay fraction, or a refusal.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, interval};
use super::joint::{JointFit, JointLaw, fit_joint_law};
use super::observation::Observations;
use super::relief::{ReplayRelief, fit_replay_relief, replay_of};
use super::robust::Robust;
use crate::error::Problems;
use crate::stats::Interval;
use crate::stats::bootstrap::FEWEST;

/// Why there is no advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// `no_law`, `law_does_not_hold`, `too_few_runs`, `budget_below_what_was_seen` or `too_uncertain`.
    pub id: String,
    /// The reason as a sentence, and what would help.
    pub reason: String,
}

/// One way to stay within the budget.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Tuned parameters: one of the pilot's numbers.
    pub parameters: f64,
    /// Update steps, never more than the pilot has with as many parameters.
    pub steps: f64,
    /// Replay fraction, within the pilot's range.
    pub replay: f64,
    /// Predicted L_ft, nats.
    pub fine_tuning_loss: f64,
    /// Predicted forgetting, nats.
    pub forgetting: f64,
    /// Whether the steps end where the pilot's do, and not where the budget does.
    pub ends_with_the_pilot: bool,
}

/// The best candidate with 95 % intervals over resampled runs, and the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    pub budget: f64,
    pub best: Candidate,
    /// Range of the best numbers of tuned parameters over resamples.
    pub parameters: Interval,
    pub steps: Interval,
    /// `None` where the pilot did not vary replay.
    pub replay: Option<Interval>,
    pub fine_tuning_loss: Interval,
    pub forgetting: Interval,
    /// The share of resamples in which the best candidate's number of parameters is the best.
    pub best_in: f64,
    /// The best candidate of every number of tuned parameters, with and without more replay, best first.
    pub candidates: Vec<Candidate>,
    pub warnings: Vec<String>,
}

/// Pilot runs with their laws.
pub struct Pilot {
    /// All observations after the warm-up.
    observations: Observations,
    /// Those at the least replay fraction, to which the joint law is fitted.
    reference: Observations,
    reference_replay: f64,
    most_replay: f64,
    pub fit: JointFit,
    /// What replay takes off, where the pilot varied it enough.
    pub relief: Option<ReplayRelief>,
    warnings: Vec<String>,
    resampled: Observations,
}

/// The laws of one resample.
pub struct PilotResample {
    law: JointLaw,
    relief: Option<ReplayRelief>,
}

/// A law that explains less of the variance than this says nothing about a budget.
const LEAST_R2: f64 = 0.5;
/// Steps whose interval spans more than this factor are no advice.
const WIDEST: f64 = 4.0;
/// Share of resamples that may find no way within the budget.
const MOST_WITHOUT: f64 = 0.1;

impl Pilot {
    /// Fits the laws of pilot runs, warm-up already left out.
    ///
    /// # Errors
    /// A refusal where the joint law cannot be fitted, does not describe the runs, or has too few of them.
    pub fn new(observations: &Observations, robust: Robust) -> Result<Self, Refusal> {
        let (reference, mut warnings) = observations.comparable();
        let family = reference.present().first().map(|&run| reference.runs()[run].family.clone());
        let observations = observations.only(|run, _| Some(&reference.runs()[run].family) == family.as_ref());
        let fractions = observations.different(replay_of);
        let reference_replay = fractions.first().copied().unwrap_or(0.0);
        let fit = fit_joint_law(&reference, robust).map_err(|problems| no_law(&problems))?;
        for (what, r2) in [("fine-tuning loss", fit.r2_fine_tuning), ("forgetting", fit.r2_forgetting)] {
            if r2 < LEAST_R2 {
                let reason = format!(
                    "The joint law explains {:.0} % of the variance of the {what} in the pilot, and less than {:.0} % is \
                     no ground for advice; more seeds or longer runs would tell noise from law.",
                    100.0 * r2,
                    100.0 * LEAST_R2
                );
                return Err(refusal("law_does_not_hold", reason));
            }
        }
        let runs = reference.present().len();
        if runs < FEWEST {
            let reason = format!(
                "The pilot has {runs} runs{}, and intervals need at least {FEWEST}: checkpoints of one run are not \
                 independent.",
                if fractions.len() > 1 { format!(" at replay fraction {reference_replay}") } else { String::new() }
            );
            return Err(refusal("too_few_runs", reason));
        }
        let relief = match fit_replay_relief(&observations, &fit.law, reference_replay) {
            Ok(relief) => Some(relief),
            Err(_) if fractions.len() > 1 => {
                warnings.push(format!(
                    "The pilot has too little variation of replay to learn from: the advice keeps to {reference_replay}."
                ));
                None
            }
            Err(_) => {
                warnings.push("The pilot did not vary replay: the advice says nothing about more of it.".to_owned());
                None
            }
        };
        warnings.extend(super::identification_warnings(&fit, &reference));
        let most_replay = fractions.last().copied().unwrap_or(reference_replay);
        let resampled = if relief.is_some() { observations.clone() } else { reference.clone() };
        Ok(Self { observations, reference, reference_replay, most_replay, fit, relief, warnings, resampled })
    }

    /// The laws of resample `index`: runs drawn with replacement.
    pub fn resample(&self, index: usize) -> Option<PilotResample> {
        let times = Bootstrap::new(&self.resampled, None)?.times(index);
        let drawn = self.reference.only(|run, _| times[run] > 0);
        if drawn.different(|row| row.parameters).len() < super::power::FEWEST_DIFFERENT {
            return None;
        }
        let law = self.fit.again(self.reference.rows().iter().map(|(run, _)| f64::from(times[*run])))?;
        let relief = match &self.relief {
            Some(relief) => Some(relief.again(&self.observations, &law, &times)?),
            None => None,
        };
        Some(PilotResample { law, relief })
    }

    /// All ways to stay within a budget: for every number of tuned parameters as many steps as it allows, and as many
    /// as the pilot has with the replay that they need. Best first: lowest predicted fine-tuning loss.
    fn candidates(&self, law: &JointLaw, relief: Option<&ReplayRelief>, budget: f64) -> Vec<Candidate> {
        let mut found = Vec::new();
        for parameters in self.reference.different(|row| row.parameters) {
            let steps = self.reference.only(|_, row| row.parameters == parameters).different(|row| row.steps);
            let (Some(&first), Some(&last)) = (steps.first(), steps.last()) else { continue };
            let forgetting = |steps: f64| law.forgetting.predict(parameters, steps);
            let candidate = |steps: f64, replay: f64, forgetting: f64| Candidate {
                parameters,
                steps,
                replay,
                // Replay takes the place of new examples, so that fewer of them are seen.
                fine_tuning_loss: law
                    .fine_tuning
                    .predict(parameters, steps * (1.0 - replay) / (1.0 - self.reference_replay)),
                forgetting,
                ends_with_the_pilot: steps == last,
            };
            if forgetting(last) <= budget {
                found.push(candidate(last, self.reference_replay, forgetting(last)));
                continue;
            }
            if forgetting(first) <= budget
                && let Some(steps) = law.forgetting.steps_to(budget, parameters)
            {
                found.push(candidate(steps.clamp(first, last), self.reference_replay, budget));
            }
            let replay = relief.and_then(|relief| relief.replay_to(budget, forgetting(last)));
            if let Some(replay) = replay.filter(|replay| *replay <= self.most_replay) {
                found.push(candidate(last, replay, budget));
            }
        }
        found.sort_by(|a, b| a.fine_tuning_loss.total_cmp(&b.fine_tuning_loss));
        found
    }

    /// The advice for a budget in the units of the pilot's forgetting, with intervals from resamples of these runs.
    ///
    /// # Errors
    /// A refusal where no run of the pilot stays within the budget, or resamples disagree too much.
    pub fn advise(&self, budget: f64, resamples: &[Option<PilotResample>]) -> Result<Advice, Refusal> {
        let candidates = self.candidates(&self.fit.law, self.relief.as_ref(), budget);
        let Some(&best) = candidates.first() else {
            let first = |parameters: f64| {
                let steps = self.reference.only(|_, row| row.parameters == parameters).different(|row| row.steps);
                self.fit.law.forgetting.predict(parameters, steps[0])
            };
            let least =
                self.reference.different(|row| row.parameters).into_iter().map(first).fold(f64::INFINITY, f64::min);
            let reason = format!(
                "The budget of {budget} is below everything the pilot saw after its warm-up: the law's least forgetting \
                 there is {least:.4}, and what happens before is no matter of the law. A lower learning rate, fewer \
                 steps or more replay would have to be tried."
            );
            return Err(refusal("budget_below_what_was_seen", reason));
        };
        let laws: Vec<&PilotResample> = resamples.iter().flatten().collect();
        let more_replay = best.replay > self.reference_replay;
        let mut same = Vec::new();
        let mut bests = Vec::new();
        for resample in &laws {
            let found = self.candidates(&resample.law, resample.relief.as_ref(), budget);
            bests.extend(found.first().map(|candidate| candidate.parameters));
            let of_same = |one: &&Candidate| {
                one.parameters == best.parameters && (one.replay > self.reference_replay || !more_replay)
            };
            same.extend(found.iter().find(of_same).copied());
        }
        let without = 1.0 - same.len() as f64 / laws.len().max(1) as f64;
        if laws.len() * 2 < resamples.len() || without > MOST_WITHOUT {
            let reason = format!(
                "The best guess is {:.0} steps with {} parameters, but {:.0} % of {} resamples of the runs have no such \
                 way within the budget: more runs are needed.",
                best.steps,
                best.parameters,
                100.0 * (1.0 - same.len() as f64 / resamples.len().max(1) as f64),
                resamples.len()
            );
            return Err(refusal("too_uncertain", reason));
        }
        let of = |value: &dyn Fn(&Candidate) -> f64| interval(same.iter().map(|one| Some(value(one))), same.len());
        let at_best = |of: &dyn Fn(&PilotResample) -> f64| interval(laws.iter().map(|one| Some(of(one))), laws.len());
        let forgetting = at_best(&|one| {
            let without = one.law.forgetting.predict(best.parameters, best.steps);
            one.relief.as_ref().map_or(without, |relief| relief.forgetting(without, best.replay))
        });
        let fine_tuning_loss = at_best(&|one| {
            let seen = best.steps * (1.0 - best.replay) / (1.0 - self.reference_replay);
            one.law.fine_tuning.predict(best.parameters, seen)
        });
        let undefined = || refusal("too_uncertain", "No resample of the runs gives an interval.".to_owned());
        let steps = of(&|one| one.steps).ok_or_else(undefined)?;
        if steps.high > WIDEST * steps.low {
            let reason = format!(
                "The budget would allow {:.0} steps with {} parameters, but resampled runs say {:.0} to {:.0}: more runs \
                 are needed before that is advice.",
                best.steps, best.parameters, steps.low, steps.high
            );
            return Err(refusal("too_uncertain", reason));
        }
        let best_in = bests.iter().filter(|&&parameters| parameters == best.parameters).count() as f64;
        let best_in = best_in / bests.len().max(1) as f64;
        let mut warnings = self.warnings.clone();
        if best_in < 0.95 {
            warnings.push(format!(
                "Which number of parameters is best is not settled: {} is in {:.0} % of resamples.",
                best.parameters,
                100.0 * best_in
            ));
        }
        if best.ends_with_the_pilot && !more_replay {
            warnings.push(format!(
                "The budget is not used up when the pilot's longest run ends, after {} steps: what comes later was not \
                 seen, and is not predicted.",
                best.steps
            ));
        }
        Ok(Advice {
            budget,
            best,
            parameters: interval(bests.iter().map(|&p| Some(p)), bests.len()).ok_or_else(undefined)?,
            steps,
            replay: if self.relief.is_some() { of(&|one| one.replay) } else { None },
            fine_tuning_loss: fine_tuning_loss.ok_or_else(undefined)?,
            forgetting: forgetting.ok_or_else(undefined)?,
            best_in,
            candidates,
            warnings,
        })
    }
}

fn refusal(id: &str, reason: String) -> Refusal {
    Refusal { id: id.to_owned(), reason }
}

fn no_law(problems: &Problems) -> Refusal {
    let reasons: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    refusal("no_law", format!("The joint law cannot be fitted to the pilot: {}.", reasons.join("; ")))
}
