//! The shifted power law of one loss.

mod block;

use serde::{Deserialize, Serialize};

pub(super) use block::{BLOCK, Block, Centred, RHO, fill_pulls, pull_of_rho, pulls_of_block, rho_of, start_coordinate};

use super::least_squares::{Minimum, Residuals, descend_from_all};
use super::observation::Observations;
use super::robust::Robust;
use crate::error::{Problem, Problems};
use crate::seed::Seed;

/// Which loss a law is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// L_ft, which falls towards its asymptote.
    FineTuningLoss,
    /// L_f, which rises towards it.
    Forgetting,
}

impl Response {
    /// +1 where the law lies above its asymptote, -1 where below.
    pub fn sign(self) -> f64 {
        match self {
            Self::FineTuningLoss => 1.0,
            Self::Forgetting => -1.0,
        }
    }
}

/// L(P, N) = asymptote + excess [share (P / P_c)^-alpha + (1 - share) (N / N_c)^-beta]^rho.
///
/// This is the paper's c [(a / P)^alpha + (b / N)^beta]^rho + s with the scales taken out at a centre (P_c, N_c) of
/// the data, where the bracket is 1. The paper's c, a and b say the same thing three times: c k^-rho with a k^(1/alpha)
/// and b k^(1/beta) is the same law for every k.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerLaw {
    /// The loss for P and N without end, nats.
    pub asymptote: f64,
    /// How far the centre is from that: positive for the fine-tuning loss, negative for forgetting, nats.
    pub excess: f64,
    pub alpha: f64,
    pub beta: f64,
    pub rho: f64,
    /// The part of the bracket at the centre that is due to P.
    pub share: f64,
    /// P_c and N_c, geometric means over the observations.
    pub centre_parameters: f64,
    pub centre_steps: f64,
}

impl PowerLaw {
    /// The bracket that the law raises to rho.
    fn bracket(&self, parameters: f64, steps: f64) -> f64 {
        self.share * libm::pow(parameters / self.centre_parameters, -self.alpha)
            + (1.0 - self.share) * libm::pow(steps / self.centre_steps, -self.beta)
    }

    /// The loss at P tuned parameters and N steps, nats.
    pub fn predict(&self, parameters: f64, steps: f64) -> f64 {
        self.asymptote + self.excess * libm::pow(self.bracket(parameters, steps), self.rho)
    }

    /// The steps after which the loss has this value with P tuned parameters; `None` where no number of steps does it.
    pub fn steps_to(&self, loss: f64, parameters: f64) -> Option<f64> {
        let bracket = libm::pow((loss - self.asymptote) / self.excess, 1.0 / self.rho);
        let rest = bracket - self.share * libm::pow(parameters / self.centre_parameters, -self.alpha);
        let steps = self.centre_steps * libm::pow(rest / (1.0 - self.share), -1.0 / self.beta);
        (rest > 0.0 && steps.is_finite() && steps > 0.0).then_some(steps)
    }

    /// The logarithms of the paper's (a, b) in c [(a / P)^alpha + (b / N)^beta]^rho, where c is `scale`.
    ///
    /// Logarithms, since alpha may be small: a itself is then beyond what a number holds.
    pub fn log_scales(&self, scale: f64) -> (f64, f64) {
        let gauge = libm::log(self.excess / scale) / self.rho;
        (
            libm::log(self.centre_parameters) + (gauge + libm::log(self.share)) / self.alpha,
            libm::log(self.centre_steps) + (gauge + libm::log1p(-self.share)) / self.beta,
        )
    }
}

/// A law and how well it agrees with what it was fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerFit {
    pub law: PowerLaw,
    pub r2: f64,
    /// Root mean square of the residuals, nats.
    pub rmse: f64,
}

/// Fewest different numbers of tuned parameters, and of steps, that give a curve in them a shape.
pub(super) const FEWEST_DIFFERENT: usize = 3;

/// What the observations lack for a power law.
pub(super) fn wanting(observations: &Observations, coordinates: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    if observations.len() <= coordinates {
        let accepted = format!("more than {coordinates} after the warm-up, since so many numbers are fitted to them");
        problems.push(Problem::new("observations", &observations.len().to_string(), accepted));
    }
    let mut count = |field: &str, of: fn(&super::Observation) -> f64| {
        let different = observations.different(of).len();
        if different < FEWEST_DIFFERENT {
            let accepted =
                format!("at least {FEWEST_DIFFERENT} different values: fewer leave its exponent without any hold");
            problems.push(Problem::new(field, &format!("{different} different"), accepted));
        }
    };
    count("parameters", |row| row.parameters);
    count("steps", |row| row.steps);
    problems
}

struct One<'a> {
    data: &'a Centred,
    response: Response,
    /// Of the pulls; 0 for none.
    strength: f64,
}

impl Residuals for One<'_> {
    fn count(&self) -> usize {
        self.data.rows() + self.pulls()
    }

    fn pulls(&self) -> usize {
        if self.strength > 0.0 { 3 } else { 0 }
    }

    fn root_weight(&self, row: usize) -> f64 {
        self.data.root_weight(row)
    }

    fn fill(&self, at: &[f64], residuals: &mut [f64], mut jacobian: Option<&mut [f64]>) {
        let count = self.count();
        let block = Block::new(at, at[RHO], self.response.sign());
        let begins = [0, 1, 2, 3, 4, RHO].map(|column| column * count);
        let columns = jacobian.as_deref_mut().map(|all| (all, begins));
        block.fill(self.data, self.data.standardised(self.response), residuals, columns);
        if self.strength > 0.0 {
            let [excess, share] = pulls_of_block(at, 0);
            fill_pulls(&[pull_of_rho(at[RHO], RHO), excess, share], self.strength, residuals, jacobian);
        }
    }
}

/// The strength of the pulls that a search without them gives: the standard deviation of its residuals, so that one
/// unit of a logarithm costs what one observation's noise does, and nothing where there is no noise.
pub(super) fn strength_of_pulls(cost: f64, residuals: usize, coordinates: usize) -> f64 {
    (2.0 * cost / residuals.saturating_sub(coordinates).max(1) as f64).sqrt()
}

/// Fits one loss alone, with an exponent rho of its own.
///
/// # Errors
/// Too few observations, different parameters or different steps; a loss that never changes.
pub fn fit_power_law(observations: &Observations, response: Response, robust: Robust) -> Result<PowerFit, Problems> {
    let problems = wanting(observations, BLOCK + 1);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let data = Centred::of(observations)?;
    let mut starts: Vec<Vec<f64>> = starts(1)
        .into_iter()
        .map(|mut start| {
            let rho = start.remove(0);
            start.push(rho);
            start
        })
        .collect();
    let one = One { data: &data, response, strength: 0.0 };
    let free = descend_from_all(&one, robust, &starts).ok_or_else(no_minimum)?;
    let pulled = One { strength: strength_of_pulls(free.cost, data.rows(), BLOCK + 1), ..one };
    starts.push(free.at);
    let Minimum { at, .. } = descend_from_all(&pulled, robust, &starts).ok_or_else(no_minimum)?;
    let law = Block::new(&at, at[RHO], response.sign()).law(&data, response);
    let (r2, rmse) = agreement(&law, observations, response);
    Ok(PowerFit { law, r2, rmse })
}

/// R2 and root mean square residual of a law on observations.
pub(super) fn agreement(law: &PowerLaw, observations: &Observations, response: Response) -> (f64, f64) {
    let observed = |row: &super::Observation| match response {
        Response::FineTuningLoss => row.fine_tuning_loss,
        Response::Forgetting => row.forgetting,
    };
    let count = observations.len() as f64;
    let mean = observations.rows().iter().map(|(_, row)| observed(row)).sum::<f64>() / count;
    let (mut rest, mut all) = (0.0, 0.0);
    for (_, row) in observations.rows() {
        let (residual, deviation) = (observed(row) - law.predict(row.parameters, row.steps), observed(row) - mean);
        rest += residual * residual;
        all += deviation * deviation;
    }
    (1.0 - rest / all, (rest / count).sqrt())
}

pub(super) fn no_minimum() -> Problems {
    Problems(vec![Problem::new("law", "no minimum found", "losses that a shifted power law comes near")])
}

/// Where searches begin: coordinates of rho, then of one block for each loss. The first three are fixed, the others
/// are drawn around them.
pub(super) fn starts(blocks: usize) -> Vec<Vec<f64>> {
    const FIXED: [[f64; 4]; 3] = [[1.0, 0.1, 0.4, 0.0], [4.0, 0.1, 0.4, 0.0], [16.0, 0.4, 0.1, 0.0]];
    const DRAWN: usize = 5;
    let mut stream = Seed::new(0).fork("laws").fork("starts").stream();
    let mut found = Vec::new();
    for index in 0..FIXED.len() + DRAWN {
        let [rho, by_parameters, by_steps, share] = FIXED[index % FIXED.len()];
        let mut jitter = || if index < FIXED.len() { 0.0 } else { stream.normal() };
        let mut start = vec![start_coordinate::rho(libm::log(rho) + jitter())];
        for _ in 0..blocks {
            let logs = [libm::log(by_parameters) + jitter(), libm::log(by_steps) + jitter(), share + jitter()];
            start.extend(start_coordinate::block(logs));
        }
        found.push(start);
    }
    found
}
