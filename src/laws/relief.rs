//! What replay takes off the forgetting of a joint law.

use serde::{Deserialize, Serialize};

use super::joint::JointLaw;
use super::least_squares::{Effort, Minimum, Residuals, descend, descend_from_all};
use super::observation::{Observation, Observations};
use super::robust::Robust;
use crate::error::{Problem, Problems};

/// L_f(P, N, p) = base + (L_f(P, N) - base) ((1 + B p) / (1 + B p_0))^-alpha, with L_f(P, N) the joint law fitted at
/// replay fraction p_0 and base the forgetting before fine-tuning.
///
/// The factor is that of Bethune et al. 2025 ([`super::ReplayLaw`]); joining it to equation 6 is Lethe's own step, in no
/// paper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplayRelief {
    /// Nats.
    pub base: f64,
    pub b: f64,
    pub alpha: f64,
    /// p_0: the fraction that the joint law is of.
    pub reference: f64,
}

impl ReplayRelief {
    fn factor(&self, replay: f64) -> f64 {
        libm::exp(-self.alpha * (libm::log1p(self.b * replay) - libm::log1p(self.b * self.reference)))
    }

    /// Forgetting with replay, from that of the joint law, nats.
    pub fn forgetting(&self, without: f64, replay: f64) -> f64 {
        self.base + (without - self.base) * self.factor(replay)
    }

    /// The replay fraction at which the joint law's forgetting comes down to a budget; `None` where none does.
    pub fn replay_to(&self, budget: f64, without: f64) -> Option<f64> {
        let factor = (budget - self.base) / (without - self.base);
        if !(factor > 0.0 && factor <= 1.0) {
            return None;
        }
        let size = libm::log1p(self.b * self.reference) - libm::log(factor) / self.alpha;
        let replay = libm::expm1(size) / self.b;
        (replay.is_finite() && replay < 1.0).then_some(replay)
    }
}

/// Rows with replay beside what the joint law says of them without: (law, replay, measured, root of the weight).
struct Rows {
    rows: Vec<[f64; 4]>,
    reference: f64,
    scale: f64,
}

impl Rows {
    fn relief(&self, at: &[f64]) -> ReplayRelief {
        let held = |v: f64| libm::exp(v.clamp(-20.0, 20.0));
        ReplayRelief { base: at[0], b: held(at[1]), alpha: held(at[2]), reference: self.reference }
    }
}

impl Residuals for Rows {
    fn count(&self) -> usize {
        self.rows.len()
    }

    fn pulls(&self) -> usize {
        0
    }

    fn root_weight(&self, row: usize) -> f64 {
        self.rows[row][3]
    }

    fn fill(&self, at: &[f64], residuals: &mut [f64], mut jacobian: Option<&mut [f64]>) {
        let relief = self.relief(at);
        let alive = |v: f64| f64::from(u8::from((-20.0..=20.0).contains(&v)));
        let count = self.rows.len();
        let ReplayRelief { b, alpha, reference, base } = relief;
        for (row, &[law, replay, measured, _]) in self.rows.iter().enumerate() {
            let factor = relief.factor(replay);
            residuals[row] = (base + (law - base) * factor - measured) / self.scale;
            let Some(all) = &mut jacobian else { continue };
            let by_b = b * replay / (1.0 + b * replay) - b * reference / (1.0 + b * reference);
            let by_alpha = libm::log1p(b * replay) - libm::log1p(b * reference);
            let down = -(law - base) * factor * alpha / self.scale;
            all[row] = (1.0 - factor) / self.scale;
            all[count + row] = down * by_b * alive(at[1]);
            all[2 * count + row] = down * by_alpha * alive(at[2]);
        }
    }
}

/// The replay fraction of an observation: none told is none.
pub fn replay_of(row: &Observation) -> f64 {
    row.replay.unwrap_or(0.0)
}

fn rows(observations: &Observations, law: &JointLaw, reference: f64, weight: impl Fn(usize) -> f64) -> Rows {
    let rows: Vec<[f64; 4]> = observations
        .rows()
        .iter()
        .filter(|(run, row)| replay_of(row) != reference && weight(*run) > 0.0)
        .map(|(run, row)| {
            [law.forgetting.predict(row.parameters, row.steps), replay_of(row), row.forgetting, weight(*run).sqrt()]
        })
        .collect();
    let count = rows.len().max(1) as f64;
    let mean = rows.iter().map(|row| row[2]).sum::<f64>() / count;
    let variance = rows.iter().map(|row| (row[2] - mean) * (row[2] - mean)).sum::<f64>() / count;
    Rows { rows, reference, scale: variance.sqrt().max(f64::MIN_POSITIVE) }
}

/// Fits what replay takes off, to the observations with another replay fraction than that of the joint law.
///
/// # Errors
/// Fewer than two other fractions, or too few observations of them.
pub fn fit_replay_relief(
    observations: &Observations,
    law: &JointLaw,
    reference: f64,
) -> Result<ReplayRelief, Problems> {
    let others = observations.only(|_, row| replay_of(row) != reference);
    let different = others.different(replay_of).len();
    if different < 2 || others.len() < 6 {
        let accepted = format!("at least 2 different fractions beside {reference}, in at least 6 observations");
        let value = format!("{different} in {} observations", others.len());
        return Err(Problems(vec![Problem::new("replay", &value, accepted)]));
    }
    let rows = rows(observations, law, reference, |_| 1.0);
    let least = observations.rows().iter().map(|(_, row)| row.forgetting).fold(f64::INFINITY, f64::min);
    let mut starts = Vec::new();
    for b in [10.0, 1e3] {
        for alpha in [0.2, 1.0] {
            starts.push(vec![least, libm::log(b), libm::log(alpha)]);
        }
    }
    let Minimum { at, .. } = descend_from_all(&rows, Robust::Squares, &starts).ok_or_else(super::power::no_minimum)?;
    Ok(rows.relief(&at))
}

impl ReplayRelief {
    /// The same for a resample: its joint law, and how often each run is in it.
    pub(super) fn again(&self, observations: &Observations, law: &JointLaw, times: &[u32]) -> Option<Self> {
        let rows = rows(observations, law, self.reference, |run| f64::from(times[run]));
        if rows.rows.len() < 6 {
            return None;
        }
        let start = [self.base, libm::log(self.b), libm::log(self.alpha)];
        Some(rows.relief(&descend(&rows, Robust::Squares, &start, Effort::BRIEF)?.at))
    }
}
