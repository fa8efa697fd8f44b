//! Both losses at once: equations 5 and 6 with one exponent rho.

mod paper;

use serde::{Deserialize, Serialize};

pub use paper::PaperParameters;

use super::least_squares::{Effort, Minimum, Residuals, covariance, descend, descend_from_all};
use super::linear::{LinearLaw, fit_linear_law};
use super::observation::Observations;
use super::power::{BLOCK, Block, Centred, PowerLaw, Response, agreement, no_minimum, rho_of, starts, wanting};
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
    /// Half the sum of the costs, with both losses in units of their standard deviations.
    pub cost: f64,
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

pub(super) struct Both<'a>(pub &'a Centred);

impl Residuals for Both<'_> {
    fn count(&self) -> usize {
        2 * self.0.rows()
    }

    fn root_weight(&self, row: usize) -> f64 {
        self.0.root_weight(row % self.0.rows())
    }

    fn fill(&self, at: &[f64], residuals: &mut [f64], mut jacobian: Option<&mut [f64]>) {
        let rows = self.0.rows();
        let halves = residuals.chunks_exact_mut(rows);
        for (index, (response, half)) in
            [Response::FineTuningLoss, Response::Forgetting].into_iter().zip(halves).enumerate()
        {
            let own = 1 + index * BLOCK;
            let block = Block::new(&at[own..], at[0], response.sign());
            let begins = [own, own + 1, own + 2, own + 3, own + 4, 0].map(|column| column * 2 * rows + index * rows);
            block.fill(self.0, self.0.standardised(response), half, jacobian.as_deref_mut().map(|all| (all, begins)));
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
    let Minimum { at, cost } = descend_from_all(&Both(&data), robust, &starts(2)).ok_or_else(no_minimum)?;
    let law = law_at(&at, &data);
    let (r2_fine_tuning, rmse_fine_tuning) = agreement(&law.fine_tuning, observations, Response::FineTuningLoss);
    let (r2_forgetting, rmse_forgetting) = agreement(&law.forgetting, observations, Response::Forgetting);
    let (condition, log_errors) = uncertainty(&data, &at, cost);
    Ok(JointFit {
        law,
        linear,
        r2_fine_tuning,
        r2_forgetting,
        rmse_fine_tuning,
        rmse_forgetting,
        cost,
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
        let Minimum { at, .. } = descend(&Both(&data), self.robust, &self.at, Effort::BRIEF)?;
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
fn uncertainty(data: &Centred, at: &[f64], cost: f64) -> (Option<f64>, Option<[f64; 5]>) {
    let mut slopes = Vec::with_capacity(COORDINATES);
    let blocks = [1, 1 + BLOCK].map(|own| Block::new(&at[own..], at[0], 1.0).coordinate_slopes());
    slopes.push(blocks[0][BLOCK]);
    blocks.iter().for_each(|block| slopes.extend(&block[..BLOCK]));
    let Some((inverse, condition)) = covariance(&Both(data), at, &slopes) else { return (None, None) };
    let variance = 2.0 * cost / (2 * data.rows()).saturating_sub(COORDINATES).max(1) as f64;
    // ln alpha = ln elasticity - ln rho - ln share; d ln share = (1 - share) d logit, d ln (1 - share) = -share d logit.
    let error = |weights: &[(usize, f64)]| {
        let entry = |(i, a): &(usize, f64), (j, b): &(usize, f64)| a * b * inverse[*i][*j];
        let sum: f64 = weights.iter().map(|one| weights.iter().map(|other| entry(one, other)).sum::<f64>()).sum();
        (variance * sum.max(0.0)).sqrt()
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
