//! Predicting what a fit has not seen.

use serde::{Deserialize, Serialize};

use super::joint::fit_joint_law;
use super::observation::{Observation, Observations};
use super::power::{Response, agreement};
use super::robust::Robust;
use crate::error::{Problem, Problems};

/// Which observations a fit does not see.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldOut {
    /// Those with more tuned parameters than this.
    ParametersAbove(f64),
    /// Those after more steps than this.
    StepsAbove(f64),
    /// Those with the largest numbers of tuned parameters, so many of them.
    Largest(usize),
}

impl HoldOut {
    /// A rule as its user writes it: `parameters>8e7`, `steps>150` or `largest=2`.
    ///
    /// # Errors
    /// Any other text.
    ///
    /// ```
    /// use lethe::laws::HoldOut;
    /// assert_eq!(HoldOut::read("parameters > 8e7"), Ok(HoldOut::ParametersAbove(8e7)));
    /// assert!(HoldOut::read("rank>64").is_err());
    /// ```
    pub fn read(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::new("hold-out", text, "parameters>NUMBER, steps>NUMBER or largest=COUNT");
        let threshold = |value: &str| value.trim().parse().ok().filter(|v: &f64| v.is_finite() && *v > 0.0);
        let rule = if let Some((field, value)) = text.split_once('>') {
            match field.trim() {
                "parameters" => threshold(value).map(Self::ParametersAbove),
                "steps" => threshold(value).map(Self::StepsAbove),
                _ => None,
            }
        } else {
            let count = text.split_once('=').filter(|(field, _)| field.trim() == "largest");
            count.and_then(|(_, value)| value.trim().parse().ok()).filter(|&count| count > 0).map(Self::Largest)
        };
        rule.ok_or_else(wrong)
    }

    /// The rule taken where none is given: the two largest numbers of tuned parameters, if at least five differ.
    pub fn usual(observations: &Observations) -> Option<Self> {
        (observations.different(|row| row.parameters).len() >= 5).then_some(Self::Largest(2))
    }

    fn splits(self, observations: &Observations) -> (Observations, Observations) {
        let holds: Box<dyn Fn(&Observation) -> bool> = match self {
            Self::ParametersAbove(most) => Box::new(move |row| row.parameters > most),
            Self::StepsAbove(most) => Box::new(move |row| row.steps > most),
            Self::Largest(count) => {
                let different = observations.different(|row| row.parameters);
                let least = different.len().checked_sub(count).map_or(f64::NEG_INFINITY, |index| different[index]);
                Box::new(move |row| row.parameters >= least)
            }
        };
        (observations.only(|_, row| !holds(row)), observations.only(|_, row| holds(row)))
    }
}

/// How well a joint law fitted to the rest predicts what was held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    pub rule: HoldOut,
    /// Observations fitted to and observations predicted.
    pub fitted: usize,
    pub predicted: usize,
    /// Root mean square errors of prediction, nats.
    pub rmse_fine_tuning: f64,
    pub rmse_forgetting: f64,
    /// Standard deviations of the noise, from the residuals of what was fitted, nats.
    pub noise_fine_tuning: f64,
    pub noise_forgetting: f64,
    /// Errors over noise: near 1 where the law carries on.
    pub ratio_fine_tuning: f64,
    pub ratio_forgetting: f64,
}

/// Fits the joint law to what a rule leaves and predicts what it holds out.
///
/// # Errors
/// A rule that holds nothing out, or leaves too little to fit to.
pub fn predict_held_out(observations: &Observations, rule: HoldOut, robust: Robust) -> Result<HeldOut, Problems> {
    let (kept, held) = rule.splits(observations);
    if held.is_empty() {
        let accepted = format!("a rule that holds out some of the {} observations", observations.len());
        return Err(Problems(vec![Problem::new("hold-out", &format!("{rule:?}"), accepted)]));
    }
    let fit = fit_joint_law(&kept, robust)?;
    let error = |response| agreement(fit.law.of(response), &held, response).1;
    let (rmse_fine_tuning, rmse_forgetting) = (error(Response::FineTuningLoss), error(Response::Forgetting));
    let (noise_fine_tuning, noise_forgetting) = (fit.noise(Response::FineTuningLoss), fit.noise(Response::Forgetting));
    Ok(HeldOut {
        rule,
        fitted: kept.len(),
        predicted: held.len(),
        rmse_fine_tuning,
        rmse_forgetting,
        noise_fine_tuning,
        noise_forgetting,
        ratio_fine_tuning: rmse_fine_tuning / noise_fine_tuning,
        ratio_forgetting: rmse_forgetting / noise_forgetting,
    })
}
