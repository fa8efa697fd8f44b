//! The replay law: how a little old data among the new holds forgetting down.

use serde::{Deserialize, Serialize};

use super::least_squares::{Residuals, descend_from_all};
use super::observation::{Observation, Observations};
use super::power::no_minimum;
use super::robust::Robust;
use crate::error::{Problem, Problems};

/// L_pt = offset + scale D^beta / ((1 + B p) M)^alpha, with D tokens of fine-tuning data (update steps where tokens are
/// not told), M parameters of the base model (1 where they are not told) and p the replay fraction, from 0 to 1.
///
/// Source: Bethune et al. 2025 (arXiv 2502.06042), equation 7, as two third parties quote it; there, offset is the loss
/// before fine-tuning, and B came out near 1e4 (mathematics) and 829 (Wikipedia), so that 1 % of old data counts as a
/// model 101 or 9.3 times as large. The offset is fitted here, since L_f begins at the base model's entropy. The law
/// knows no rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplayLaw {
    /// Nats.
    pub offset: f64,
    /// ln of the scale, which may be beyond what a number holds.
    pub log_scale: f64,
    pub beta: f64,
    pub alpha: f64,
    /// B: how much the effective size of the model grows per unit of replay.
    pub b: f64,
}

impl ReplayLaw {
    /// Forgetting after D tokens (or steps) in a model of M parameters (or 1) at replay fraction p, nats.
    pub fn predict(&self, data: f64, model_parameters: f64, replay: f64) -> f64 {
        let size = libm::log1p(self.b * replay) + libm::log(model_parameters);
        self.offset + libm::exp(self.log_scale + self.beta * libm::log(data) - self.alpha * size)
    }

    /// How many times as large the model counts with replay as without.
    pub fn effective_size(&self, replay: f64) -> f64 {
        1.0 + self.b * replay
    }
}

/// A replay law and how well it agrees with what it was fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplayFit {
    pub law: ReplayLaw,
    pub r2: f64,
    /// Nats.
    pub rmse: f64,
    /// Whether D counts tokens; else steps.
    pub by_tokens: bool,
    /// Whether base models of different sizes were seen; else alpha and B hang on replay alone and trade off.
    pub by_model_size: bool,
}

/// Coordinates: offset, ln scale at the centre, ln beta, ln alpha, ln B.
const COORDINATES: usize = 5;

struct Points {
    log_data: Vec<f64>,
    log_size: Vec<f64>,
    replay: Vec<f64>,
    /// In standard deviations from the mean.
    forgetting: Vec<f64>,
}

impl Residuals for Points {
    fn count(&self) -> usize {
        self.replay.len()
    }

    fn pulls(&self) -> usize {
        0
    }

    fn root_weight(&self, _: usize) -> f64 {
        1.0
    }

    fn fill(&self, at: &[f64], residuals: &mut [f64], mut jacobian: Option<&mut [f64]>) {
        let held = |v: f64| v.clamp(-30.0, 30.0);
        let alive = |v: f64| f64::from(u8::from(held(v) == v));
        let [beta, alpha, b] = [2, 3, 4].map(|index| libm::exp(held(at[index])));
        let rows = self.count();
        for row in 0..rows {
            let (data, p) = (self.log_data[row], self.replay[row]);
            let size = self.log_size[row] + libm::log1p(b * p);
            let exponent = at[1] + beta * data - alpha * size;
            let inside = exponent.clamp(-200.0, 200.0);
            let value = libm::exp(inside);
            residuals[row] = at[0] + value - self.forgetting[row];
            let Some(all) = &mut jacobian else { continue };
            let value = if inside == exponent { value } else { 0.0 };
            let by_b = -alpha * b * p / (1.0 + b * p);
            let change = [beta * data * alive(at[2]), -alpha * size * alive(at[3]), by_b * alive(at[4])];
            all[row] = 1.0;
            all[rows + row] = value;
            for (index, change) in change.into_iter().enumerate() {
                all[(index + 2) * rows + row] = value * change;
            }
        }
    }
}

/// Fits the replay law.
///
/// # Errors
/// Rows without replay told, fewer than three different replay fractions, or too few observations.
pub fn fit_replay_law(observations: &Observations, robust: Robust) -> Result<ReplayFit, Problems> {
    let rows: Vec<&Observation> = observations.rows().iter().map(|(_, row)| row).collect();
    let mut problems = Vec::new();
    let untold = rows.iter().filter(|row| row.replay.is_none()).count();
    if untold > 0 {
        problems.push(Problem::new("replay", &format!("missing in {untold} rows"), "a replay fraction in every row"));
    }
    let different = observations.different(|row| row.replay.unwrap_or(0.0)).len();
    if different < 3 {
        let accepted = "at least 3 different fractions: a curve in replay has no shape otherwise";
        problems.push(Problem::new("replay", &format!("{different} different"), accepted));
    }
    if rows.len() <= COORDINATES {
        let accepted = format!("more than {COORDINATES}, since so many numbers are fitted to them");
        problems.push(Problem::new("observations", &rows.len().to_string(), accepted));
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let by_tokens = rows.iter().all(|row| row.tokens.is_some());
    let by_model_size = rows.iter().all(|row| row.model_parameters.is_some());
    let data = |row: &Observation| if by_tokens { row.tokens.unwrap_or(1.0) } else { row.steps };
    let size = |row: &Observation| if by_model_size { row.model_parameters.unwrap_or(1.0) } else { 1.0 };
    let count = rows.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let forgetting: Vec<f64> = rows.iter().map(|row| row.forgetting).collect();
    let middle = mean(&forgetting);
    let spread = mean(&forgetting.iter().map(|f| (f - middle) * (f - middle)).collect::<Vec<_>>()).sqrt();
    if spread <= 1e-12 * middle.abs() {
        return Err(Problems(vec![Problem::new("forgetting", "always the same", "forgetting that changes")]));
    }
    let centred = |mut values: Vec<f64>| {
        let middle = mean(&values);
        values.iter_mut().for_each(|v| *v -= middle);
        (values, middle)
    };
    let (log_data, data_centre) = centred(rows.iter().map(|row| libm::log(data(row))).collect());
    let (log_size, size_centre) = centred(rows.iter().map(|row| libm::log(size(row))).collect());
    let points = Points {
        log_data,
        log_size,
        replay: rows.iter().map(|row| row.replay.unwrap_or(0.0)).collect(),
        forgetting: forgetting.iter().map(|f| (f - middle) / spread).collect(),
    };
    let mut starts = Vec::new();
    for alpha in [0.1, 0.5] {
        for b in [10.0, 300.0, 1e4] {
            starts.push(vec![-1.5, 0.5, libm::log(0.3), libm::log(alpha), libm::log(b)]);
        }
    }
    let at = descend_from_all(&points, robust, &starts).ok_or_else(no_minimum)?.at;
    let [beta, alpha, b] = [2, 3, 4].map(|index| libm::exp(at[index].clamp(-30.0, 30.0)));
    let log_scale = at[1] + libm::log(spread) - beta * data_centre + alpha * size_centre;
    let law = ReplayLaw { offset: middle + spread * at[0], log_scale, beta, alpha, b };
    let rest: f64 = rows
        .iter()
        .map(|row| row.forgetting - law.predict(data(row), size(row), row.replay.unwrap_or(0.0)))
        .map(|residual| residual * residual)
        .sum();
    let r2 = 1.0 - rest / (count * spread * spread);
    let different_sizes = observations.different(|row| row.model_parameters.unwrap_or(1.0)).len() > 1;
    Ok(ReplayFit { law, r2, rmse: (rest / count).sqrt(), by_tokens, by_model_size: by_model_size && different_sizes })
}
