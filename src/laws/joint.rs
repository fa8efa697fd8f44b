//! Both losses at once: equations 5 and 6 with one exponent rho.

mod paper;

use serde::{Deserialize, Serialize};

pub use paper::PaperParameters;

use super::least_squares::{Effort, Minimum, Residuals, covariance, descend, descend_from_all};
use super::linear::{LinearLaw, fit_linear_law};
use super::observation::Observations;
use super::power::{
    BLOCK, Block, Centred, PowerLaw, Response, agreement, fill_pulls, no_minimum, pull_of_rho, pulls_of_block, rho_of,
    starts, strength_of_pulls, wanting,
};
use super::robust::Robust;
use crate::error::{Problem, Problems};

/// Coordinates of a joint fit: rho, then a block for each loss. Thirteen symbols of the paper, less the two that
/// equations 5 and 6 leave open (see [`PaperParameters`]).
pub(super) const COORDINATES: usize = 1 + 2 * BLOCK;

/// Equations 5 and 6: a shifted power law for the fine-tuning loss and one for forgetting, with the same rho.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct JointLaw {
    pub fine_tuning: PowerLaw,
    pub forgetting: PowerLaw,
}

impl JointLaw {
    /// The law of one loss.
    pub fn of(&self, response: Response) -> &PowerLaw {
        match response {
            Response::FineTuningLoss => &self.fine_tuning,
            Response::Forgetting => &self.forgetting,
        }
    }
}

/// A joint law and all that belongs to its fit.
#[derive(Clone, Debug)]
pub struct JointFit {
    pub law: JointLaw,
    /// Equation 4 on the same observations.
    pub linear: LinearLaw,
    pub r2_fine_tuning: f64,
    pub r2_forgetting: f64,
    /// Root mean square residuals, nats.
    pub rmse_fine_tuning: f64,
    pub rmse_forgetting: f64,
    /// Half the least sum of costs that the search without pulls found, with both losses in units of their standard
    /// deviations.
    pub free_cost: f64,
    /// Of the pulls, in the same units.
    pub strength: f64,
    /// Of the Jacobian at the minimum by the logarithms of what is positive, columns scaled to length 1; `None` where
    /// it has less than full rank.
    pub condition: Option<f64>,
    /// Standard errors of ln alpha and ln beta (fine-tuning), the same (forgetting), ln rho, where observations were
    /// independent; `None` with the condition.
    pub log_errors: Option<[f64; 5]>,
    pub(super) data: Centred,
    pub(super) at: Vec<f64>,
    pub(super) robust: Robust,
}

struct Both<'a> {
    data: &'a Centred,
    /// Of the pulls; 0 for none.
    strength: f64,
}

impl Residuals for Both<'_> {
    fn count(&self) -> usize {
        2 * self.data.rows() + self.pulls()
    }

    fn pulls(&self) -> usize {
        if self.strength > 0.0 { 5 } else { 0 }
    }

    fn root_weight(&self, row: usize) -> f64 {
        self.data.root_weight(row % self.data.rows())
    }

    fn fill(&self, at: &[f64], residuals: &mut [f64], mut jacobian: Option<&mut [f64]>) {
        let (rows, count) = (self.data.rows(), self.count());
        let halves = residuals.chunks_exact_mut(rows);
        let responses = [Response::FineTuningLoss, Response::Forgetting];
        for (index, (response, half)) in responses.into_iter().zip(halves).enumerate() {
            let own = 1 + index * BLOCK;
            let block = Block::new(&at[own..], at[0], response.sign());
            let begins = [own, own + 1, own + 2, own + 3, own + 4, 0].map(|column| column * count + index * rows);
            let columns = jacobian.as_deref_mut().map(|all| (all, begins));
            block.fill(self.data, self.data.standardised(response), half, columns);
        }
        if self.strength > 0.0 {
            let ([e1, s1], [e2, s2]) = (pulls_of_block(at, 1), pulls_of_block(at, 1 + BLOCK));
            fill_pulls(&[pull_of_rho(at[0], 0), e1, s1, e2, s2], self.strength, residuals, jacobian);
        }
    }
}

/// The law at coordinates.
pub(super) fn law_at(at: &[f64], data: &Centred) -> JointLaw {
    let law = |own: usize, response: Response| Block::new(&at[own..], at[0], response.sign()).law(data, response);
    JointLaw { fine_tuning: law(1, Response::FineTuningLoss), forgetting: law(1 + BLOCK, Response::Forgetting) }
}

/// Fits both losses jointly: the least sum of costs of both residuals, each loss in units of its standard deviation,
/// found by Levenberg and Marquardt's method from eight starts.
///
/// Some directions of the minimum are flat, and what noise makes of them spoils predictions. So a second search has five
/// weak pulls: ln rho to ln 4, the share of each bracket to a half, each excess to one standard deviation of its loss.
/// One unit of any costs what one observation's noise does; without noise they vanish. On the paper's grid they cut the
/// worst error of predicted ranks from 1.7 to 1.3 times the noise (`docs/laws.md`).
///
/// # Errors
/// Too few observations, different parameters or different steps; a loss that never changes; forgetting that does not
/// rise while the fine-tuning loss falls, which is what equation 6 says.
pub fn fit_joint_law(observations: &Observations, robust: Robust) -> Result<JointFit, Problems> {
    let problems = wanting(observations, COORDINATES);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let data = Centred::of(observations)?;
    let linear = fit_linear_law(observations)?;
    if linear.slope >= 0.0 {
        let accepted = "forgetting that rises while the fine-tuning loss falls (a negative slope), as in equation 6";
        return Err(Problems(vec![Problem::new("slope of equation 4", &format!("{:.3e}", linear.slope), accepted)]));
    }
    let mut starts = starts(2);
    let free = descend_from_all(&Both { data: &data, strength: 0.0 }, robust, &starts).ok_or_else(no_minimum)?;
    let strength = strength_of_pulls(free.cost, 2 * data.rows(), COORDINATES);
    starts.push(free.at);
    let pulled = Both { data: &data, strength };
    let Minimum { at, .. } = descend_from_all(&pulled, robust, &starts).ok_or_else(no_minimum)?;
    let law = law_at(&at, &data);
    let (r2_fine_tuning, rmse_fine_tuning) = agreement(&law.fine_tuning, observations, Response::FineTuningLoss);
    let (r2_forgetting, rmse_forgetting) = agreement(&law.forgetting, observations, Response::Forgetting);
    let (condition, log_errors) = uncertainty(&data, &at, strength);
    Ok(JointFit {
        law,
        linear,
        r2_fine_tuning,
        r2_forgetting,
        rmse_fine_tuning,
        rmse_forgetting,
        free_cost: free.cost,
        strength,
        condition,
        log_errors,
        data,
        at,
        robust,
    })
}

impl JointFit {
    /// The law fitted again, from where this one ended, with every observation as often as told.
    pub(super) fn again(&self, weights: impl Iterator<Item = f64>) -> Option<JointLaw> {
        let data = self.data.weighted(weights);
        // A coordinate that went far has no slope left to come back by, and intervals would be too narrow.
        let mut start: Vec<f64> = self.at.iter().map(|t| t.clamp(-2.0, 2.0)).collect();
        [1, 1 + BLOCK].into_iter().for_each(|asymptote| start[asymptote] = self.at[asymptote]);
        let Minimum { at, .. } =
            descend(&Both { data: &data, strength: self.strength }, self.robust, &start, Effort::BRIEF)?;
        Some(law_at(&at, &data))
    }

    /// The paper's thirteen symbols.
    pub fn parameters(&self) -> PaperParameters {
        PaperParameters::of(&self.law, self.linear.slope)
    }

    /// Standard deviation of one loss's noise: its residuals, with half of the fitted numbers counted against each
    /// loss, nats.
    pub fn noise(&self, response: Response) -> f64 {
        let rmse = match response {
            Response::FineTuningLoss => self.rmse_fine_tuning,
            Response::Forgetting => self.rmse_forgetting,
        };
        let count = self.data.rows() as f64;
        rmse * (count / (count - 0.5 * COORDINATES as f64)).sqrt()
    }

    /// Whether rho ended at an end of the range that it is searched in.
    pub fn rho_is_at_an_end(&self) -> bool {
        let [low, high] = [rho_of(-1e9), rho_of(1e9)];
        let rho = self.law.fine_tuning.rho;
        rho < 1.05 * low || rho > high / 1.05
    }
}

/// Condition number and standard errors at a minimum.
fn uncertainty(data: &Centred, at: &[f64], noise: f64) -> (Option<f64>, Option<[f64; 5]>) {
    let mut slopes = Vec::with_capacity(COORDINATES);
    let blocks = [1, 1 + BLOCK].map(|own| Block::new(&at[own..], at[0], 1.0).coordinate_slopes());
    slopes.push(blocks[0][BLOCK]);
    blocks.iter().for_each(|block| slopes.extend(&block[..BLOCK]));
    let Some((inverse, condition)) = covariance(&Both { data, strength: 0.0 }, at, &slopes) else {
        return (None, None);
    };
    // ln alpha = ln elasticity - ln rho - ln share; d ln share = (1 - share) d logit, d ln (1 - share) = -share d logit.
    let error = |weights: &[(usize, f64)]| {
        let entry = |(i, a): &(usize, f64), (j, b): &(usize, f64)| a * b * inverse[*i][*j];
        let sum: f64 = weights.iter().map(|one| weights.iter().map(|other| entry(one, other)).sum::<f64>()).sum();
        noise * sum.max(0.0).sqrt()
    };
    let mut errors = [0.0; 5];
    for (index, own) in [1, 1 + BLOCK].into_iter().enumerate() {
        let share = Block::new(&at[own..], at[0], 1.0).share();
        errors[2 * index] = error(&[(own + 2, 1.0), (0, -1.0), (own + 4, share - 1.0)]);
        errors[2 * index + 1] = error(&[(own + 3, 1.0), (0, -1.0), (own + 4, share)]);
    }
    errors[4] = error(&[(0, 1.0)]);
    (Some(condition), Some(errors))
}
