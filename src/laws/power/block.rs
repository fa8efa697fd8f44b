//! The coordinates in which a power law is searched for, and its derivatives by them.

use super::super::observation::Observations;
use super::{PowerLaw, Response};
use crate::error::{Problem, Problems};

/// Coordinates of one loss beside rho.
pub(in crate::laws) const BLOCK: usize = 5;
/// Where rho is among the coordinates of one loss alone.
pub(in crate::laws) const RHO: usize = BLOCK;

/// A quantity that a search must not carry away: low .. high, over all values of a coordinate t.
///
/// q = middle + half t / sqrt(1 + t^2)
struct Bounded {
    low: f64,
    high: f64,
}

impl Bounded {
    const fn middle(&self) -> f64 {
        0.5 * (self.low + self.high)
    }

    const fn half(&self) -> f64 {
        0.5 * (self.high - self.low)
    }

    fn of(&self, t: f64) -> f64 {
        self.middle() + self.half() * t / (1.0 + t * t).sqrt()
    }

    fn slope(&self, t: f64) -> f64 {
        let root = (1.0 + t * t).sqrt();
        self.half() / (root * root * root)
    }

    fn coordinate(&self, q: f64) -> f64 {
        let part = ((q - self.middle()) / self.half()).clamp(-0.99, 0.99);
        part / (1.0 - part * part).sqrt()
    }
}

/// ln rho. Beyond 50 the law is a product of powers to within a thousandth; below 1/20 it is a kink.
const LOG_RHO: Bounded = Bounded { low: -3.0, high: 3.912 };
/// ln of |excess| in standard deviations of the loss.
const LOG_EXCESS: Bounded = Bounded { low: -7.0, high: 7.0 };
/// ln of an elasticity at the centre: rho share alpha, or rho (1 - share) beta.
const LOG_ELASTICITY: Bounded = Bounded { low: -7.0, high: 3.0 };
/// ln (share / (1 - share)).
const LOGIT_SHARE: Bounded = Bounded { low: -7.0, high: 7.0 };

/// A pull towards a middling value: how far a quantity is from it, the derivative of that, and by which coordinate.
pub(in crate::laws) type Pull = (f64, f64, usize);

/// The pull of ln rho towards ln 4.
pub(in crate::laws) fn pull_of_rho(t: f64, place: usize) -> Pull {
    (LOG_RHO.of(t) - 2.0 * core::f64::consts::LN_2, LOG_RHO.slope(t), place)
}

/// The pulls of a block that begins at `own`: ln |excess| towards one standard deviation, the share towards a half.
pub(in crate::laws) fn pulls_of_block(at: &[f64], own: usize) -> [Pull; 2] {
    [
        (LOG_EXCESS.of(at[own + 1]), LOG_EXCESS.slope(at[own + 1]), own + 1),
        (LOGIT_SHARE.of(at[own + 4]), LOGIT_SHARE.slope(at[own + 4]), own + 4),
    ]
}

/// Fills the last residuals, and their rows of the Jacobian, with pulls of a strength.
pub(in crate::laws) fn fill_pulls(pulls: &[Pull], strength: f64, residuals: &mut [f64], jacobian: Option<&mut [f64]>) {
    let count = residuals.len();
    let first = count - pulls.len();
    for (residual, (distance, _, _)) in residuals[first..].iter_mut().zip(pulls) {
        *residual = strength * distance;
    }
    if let Some(all) = jacobian {
        for (index, (_, slope, place)) in pulls.iter().enumerate() {
            all[place * count + first + index] = strength * slope;
        }
    }
}

/// Largest exponent of an intermediate value: everything stays finite, and far from any data.
const LARGEST_EXPONENT: f64 = 200.0;

pub(in crate::laws) fn rho_of(t: f64) -> f64 {
    libm::exp(LOG_RHO.of(t))
}

/// d ln rho / dt.
fn rho_slope(t: f64) -> f64 {
    LOG_RHO.slope(t)
}

pub(in crate::laws) mod start_coordinate {
    use super::{LOG_ELASTICITY, LOG_EXCESS, LOG_RHO, LOGIT_SHARE};

    pub(in crate::laws) fn rho(log_rho: f64) -> f64 {
        LOG_RHO.coordinate(log_rho)
    }

    /// From ln of both elasticities and the logit of the share: half a standard deviation and more from an asymptote
    /// that lies two from the mean.
    pub(in crate::laws) fn block([by_parameters, by_steps, logit]: [f64; 3]) -> [f64; super::BLOCK] {
        [
            2.0,
            LOG_EXCESS.coordinate(0.7),
            LOG_ELASTICITY.coordinate(by_parameters),
            LOG_ELASTICITY.coordinate(by_steps),
            LOGIT_SHARE.coordinate(logit),
        ]
    }
}

/// Observations as a search sees them: logarithms from their centre, losses in standard deviations from their mean,
/// and the root of each row's weight.
#[derive(Clone, Debug)]
pub(in crate::laws) struct Centred {
    log_parameters: Vec<f64>,
    log_steps: Vec<f64>,
    fine_tuning: Vec<f64>,
    forgetting: Vec<f64>,
    root_weight: Vec<f64>,
    centre: [f64; 2],
    /// Mean and standard deviation of each loss.
    scales: [[f64; 2]; 2],
}

impl Centred {
    /// Every observation with weight 1.
    ///
    /// # Errors
    /// A loss that never changes.
    pub(in crate::laws) fn of(observations: &Observations) -> Result<Self, Problems> {
        let column = |of: &dyn Fn(&super::super::Observation) -> f64| -> Vec<f64> {
            observations.rows().iter().map(|(_, row)| of(row)).collect()
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let mut log_parameters = column(&|row| libm::log(row.parameters));
        let mut log_steps = column(&|row| libm::log(row.steps));
        let centre = [mean(&log_parameters), mean(&log_steps)];
        log_parameters.iter_mut().for_each(|p| *p -= centre[0]);
        log_steps.iter_mut().for_each(|n| *n -= centre[1]);
        let mut scales = [[0.0; 2]; 2];
        let mut problems = Vec::new();
        let mut standardised = |which: usize, field: &str, mut values: Vec<f64>| -> Vec<f64> {
            let middle = mean(&values);
            let variance = values.iter().map(|v| (v - middle) * (v - middle)).sum::<f64>() / values.len() as f64;
            let spread = variance.sqrt();
            if spread <= 1e-12 * middle.abs() {
                problems.push(Problem::new(field, "always the same", "a loss that changes from row to row"));
            }
            scales[which] = [middle, spread];
            values.iter_mut().for_each(|v| *v = (*v - middle) / spread);
            values
        };
        let fine_tuning = standardised(0, "fine_tuning_loss", column(&|row| row.fine_tuning_loss));
        let forgetting = standardised(1, "forgetting", column(&|row| row.forgetting));
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let root_weight = vec![1.0; log_parameters.len()];
        Ok(Self { log_parameters, log_steps, fine_tuning, forgetting, root_weight, centre, scales })
    }

    /// The same centre and units, with rows as often as told; those of weight 0 are left out.
    pub(in crate::laws) fn weighted(&self, weights: impl Iterator<Item = f64>) -> Self {
        let rows: Vec<(usize, f64)> = weights.enumerate().filter(|(_, w)| *w > 0.0).collect();
        let pick = |values: &[f64]| rows.iter().map(|(row, _)| values[*row]).collect();
        Self {
            log_parameters: pick(&self.log_parameters),
            log_steps: pick(&self.log_steps),
            fine_tuning: pick(&self.fine_tuning),
            forgetting: pick(&self.forgetting),
            root_weight: rows.iter().map(|(_, w)| w.sqrt()).collect(),
            centre: self.centre,
            scales: self.scales,
        }
    }

    pub(in crate::laws) fn root_weight(&self, row: usize) -> f64 {
        self.root_weight[row]
    }

    pub(in crate::laws) fn rows(&self) -> usize {
        self.log_steps.len()
    }

    pub(in crate::laws) fn standardised(&self, response: Response) -> &[f64] {
        match response {
            Response::FineTuningLoss => &self.fine_tuning,
            Response::Forgetting => &self.forgetting,
        }
    }
}

/// One loss at one place of the search.
pub(in crate::laws) struct Block {
    asymptote: f64,
    excess: f64,
    alpha: f64,
    beta: f64,
    rho: f64,
    share: f64,
    /// Derivatives of the five quantities below by their coordinates: ln |excess|, both ln elasticities, logit, ln rho.
    slopes: [f64; 5],
}

impl Block {
    /// From a block's coordinates, the coordinate of rho, and the side of the asymptote.
    pub(in crate::laws) fn new(at: &[f64], rho_at: f64, sign: f64) -> Self {
        let rho = rho_of(rho_at);
        let share = 1.0 / (1.0 + libm::exp(-LOGIT_SHARE.of(at[4])));
        let rest = 1.0 / (1.0 + libm::exp(LOGIT_SHARE.of(at[4])));
        Self {
            asymptote: at[0],
            excess: sign * libm::exp(LOG_EXCESS.of(at[1])),
            alpha: libm::exp(LOG_ELASTICITY.of(at[2])) / (rho * share),
            beta: libm::exp(LOG_ELASTICITY.of(at[3])) / (rho * rest),
            rho,
            share,
            slopes: [
                LOG_EXCESS.slope(at[1]),
                LOG_ELASTICITY.slope(at[2]),
                LOG_ELASTICITY.slope(at[3]),
                LOGIT_SHARE.slope(at[4]),
                rho_slope(rho_at),
            ],
        }
    }

    /// How fast each quantity changes with its coordinate: the asymptote, then as in the block, then ln rho.
    pub(in crate::laws) fn coordinate_slopes(&self) -> [f64; BLOCK + 1] {
        let [excess, by_parameters, by_steps, share, rho] = self.slopes;
        [1.0, excess, by_parameters, by_steps, share, rho]
    }

    pub(in crate::laws) fn share(&self) -> f64 {
        self.share
    }

    /// The law that this is, in the units of the losses.
    pub(in crate::laws) fn law(&self, data: &Centred, response: Response) -> PowerLaw {
        let [mean, spread] = data.scales[usize::from(response == Response::Forgetting)];
        PowerLaw {
            asymptote: mean + spread * self.asymptote,
            excess: spread * self.excess,
            alpha: self.alpha,
            beta: self.beta,
            rho: self.rho,
            share: self.share,
            centre_parameters: libm::exp(data.centre[0]),
            centre_steps: libm::exp(data.centre[1]),
        }
    }

    /// Fills the residuals (law minus loss) and, into a Jacobian, their derivatives by the block's coordinates and
    /// rho's.
    ///
    /// # Shapes
    /// `losses` and `residuals`: `[rows]`; with the Jacobian, the entries at which its columns for this block begin.
    pub(in crate::laws) fn fill(
        &self,
        data: &Centred,
        losses: &[f64],
        residuals: &mut [f64],
        mut jacobian: Option<(&mut [f64], [usize; BLOCK + 1])>,
    ) {
        let rest = 1.0 - self.share;
        for row in 0..data.rows() {
            let (p, n) = (data.log_parameters[row], data.log_steps[row]);
            let (by_p, p_live) = clamped(-self.alpha * p);
            let (by_n, n_live) = clamped(-self.beta * n);
            let (first, second) = (self.share * libm::exp(by_p), rest * libm::exp(by_n));
            let sum = first + second;
            let log_sum = libm::log(sum);
            let (power, live) = clamped(self.rho * log_sum);
            let distance = self.excess * libm::exp(power);
            residuals[row] = self.asymptote + distance - losses[row];
            let Some((all, begins)) = &mut jacobian else { continue };
            let (q1, q2) = (first / sum, second / sum);
            // rho alpha p q1 and rho beta n q2: what the two elasticities, their share and rho all act by.
            let down_p = p_live * self.rho * self.alpha * p * q1;
            let down_n = n_live * self.rho * self.beta * n * q2;
            let by_share = self.rho * (q1 * rest - q2 * self.share) + down_p * rest - down_n * self.share;
            let by_rho = self.rho * log_sum + down_p + down_n;
            let change = [1.0, -live * down_p, -live * down_n, live * by_share, live * by_rho];
            all[begins[0] + row] = 1.0;
            for ((begin, change), slope) in begins[1..].iter().zip(change).zip(self.slopes) {
                all[begin + row] = distance * change * slope;
            }
        }
    }
}

/// A number kept within what exp can take, and 0 where it had to be held back, else 1.
fn clamped(value: f64) -> (f64, f64) {
    let held = value.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT);
    (held, f64::from(u8::from(held == value)))
}
