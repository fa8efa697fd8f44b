//! Adafactor, as transformers computes it (Shazeer and Stern 2018, arXiv 1804.04235).

use std::collections::BTreeMap;

use burn_tensor::Tensor;

use super::gradients::Gradients;
use super::optimiser::{Restoring, Update, walk};
use crate::error::{Problem, Problems};
use crate::model::llama::{Fault, Llama, Stored};

/// What is remembered of the parameter that tells the rate.
const RMS: &str = "RMS";

/// Its settings, by transformers' names, and moments.
#[derive(Clone, Debug)]
pub struct Adafactor {
    /// Added to squares of gradients; the least size by which a parameter's rate is scaled.
    pub eps: [f64; 2],
    /// The root mean square to which a parameter's update is cut.
    pub clip_threshold: f64,
    /// The second moment of step t is kept by 1 - t^decay_rate.
    pub decay_rate: f64,
    /// How much of the first moment a step keeps; without it there is none.
    pub beta1: Option<f64>,
    /// Share of the rate by which a step shrinks each parameter.
    pub weight_decay: f64,
    /// Whether a parameter's rate is multiplied by the root mean square of its numbers.
    pub scale_parameter: bool,
    /// Whether the rate of step t is min(0.01, 1 / sqrt(t)) whatever is given.
    pub relative_step: bool,
    /// Whether that rate begins with a warm-up, as min(10^-6 t, 1 / sqrt(t)).
    pub warmup_init: bool,
    /// Steps made.
    pub steps: u32,
    moments: BTreeMap<String, Moments>,
    /// The parameter whose rate is told, and the root mean square of its numbers before the last step.
    first: Option<Box<(String, Tensor<1>)>>,
}

#[derive(Clone, Debug)]
struct Moments {
    first: Option<Tensor<1>>,
    /// Of a matrix the means of squares over each row `[rows]` and over each column `[columns]`; of a vector the squares
    /// `[numbers]`.
    second: Vec<Tensor<1>>,
}

impl Default for Adafactor {
    /// transformers' defaults.
    fn default() -> Self {
        Self {
            eps: [1e-30, 1e-3],
            clip_threshold: 1.0,
            decay_rate: -0.8,
            beta1: None,
            weight_decay: 0.0,
            scale_parameter: true,
            relative_step: true,
            warmup_init: false,
            steps: 0,
            moments: BTreeMap::new(),
            first: None,
        }
    }
}

impl Adafactor {
    /// # Errors
    /// Settings that no run can have, and a rate beside one that follows the steps.
    pub fn check(&self, rate: Option<f64>) -> Result<(), Problems> {
        let mut problems = Vec::new();
        if let (Some(rate), true) = (rate, self.relative_step) {
            let accepted = "none where relative_step is true: then the rate follows the steps";
            problems.push(Problem::new("learning_rate", &rate.to_string(), accepted));
        }
        if self.warmup_init && !self.relative_step {
            problems.push(Problem::new("warmup_init", "true", "false where relative_step is false"));
        }
        let mut expect = |holds: bool, field: &str, value: f64, accepted: &str| {
            if !holds {
                problems.push(Problem::new(field, &value.to_string(), accepted));
            }
        };
        for eps in self.eps {
            expect((0.0..1.0).contains(&eps), "eps", eps, "two numbers from 0 and below 1");
        }
        expect(self.clip_threshold > 0.0, "clip_threshold", self.clip_threshold, "a number above 0");
        expect(self.decay_rate <= 0.0, "decay_rate", self.decay_rate, "a number up to 0");
        expect((0.0..=1.0).contains(&self.weight_decay), "weight_decay", self.weight_decay, "a number from 0 to 1");
        if let Some(beta1) = self.beta1 {
            expect((0.0..1.0).contains(&beta1), "beta1", beta1, "a number from 0 and below 1");
        }
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// The model after one step; parameters without a gradient stay as they are. Where the rate follows the steps,
    /// `rate` is not looked at.
    pub fn step(&mut self, model: Llama, gradients: Gradients, rate: f64) -> Llama {
        self.steps += 1;
        walk(model, gradients, rate, self)
    }

    /// The rate by which the last step moved the first of the parameters, which transformers' `AdafactorSchedule`
    /// tells; before the first step `rate`.
    pub fn last_rate(&self, rate: f64) -> f64 {
        match &self.first {
            None => rate,
            Some(first) => self.rate(rate) * f64::from(self.scale(first.1.clone()).into_scalar::<f32>()),
        }
    }

    /// The rate of this step before it is scaled by a parameter's size.
    fn rate(&self, given: f64) -> f64 {
        if !self.relative_step {
            return given;
        }
        let steps = f64::from(self.steps);
        let most = if self.warmup_init { 1e-6 * steps } else { 1e-2 };
        most.min(1.0 / libm::sqrt(steps))
    }

    /// What the rate is multiplied by for a parameter of this size.
    ///
    /// # Shapes
    /// both `[1]`
    fn scale(&self, size: Tensor<1>) -> Tensor<1> {
        if self.scale_parameter { size.clamp_min(self.eps[1]) } else { size.ones_like() }
    }

    /// See [`Optimiser::state`](super::Optimiser::state).
    pub(super) fn state(&self) -> Vec<Stored> {
        let mut state = Vec::new();
        for (name, moments) in &self.moments {
            let mut keep = |what: &str, tensor: &Tensor<1>| {
                state.push(Stored::as_held(format!("{name}.{what}"), tensor.clone()));
            };
            if let Some(first) = &moments.first {
                keep("exp_avg", first);
            }
            match moments.second.as_slice() {
                [rows, columns] => {
                    keep("exp_avg_sq_row", rows);
                    keep("exp_avg_sq_col", columns);
                }
                whole => whole.iter().for_each(|second| keep("exp_avg_sq", second)),
            }
        }
        let first = self.first.iter();
        state.extend(
            first
                .map(|own| (&own.0, &own.1))
                .map(|(name, root)| Stored::as_held(format!("{name}.{RMS}"), root.clone())),
        );
        state
    }

    pub(super) fn forget(&mut self) {
        self.moments.clear();
        self.first = None;
    }

    pub(super) fn restore(&mut self, name: &str, shape: &[usize], from: &mut Restoring<'_>) -> Result<(), Fault> {
        let mut take = |what: &str, length: usize| from.take(format!("{name}.{what}"), length);
        let first = self.beta1.is_some().then(|| take("exp_avg", shape.iter().product())).transpose()?;
        let second: Vec<Tensor<1>> = match *shape {
            [rows, columns] => vec![take("exp_avg_sq_row", rows)?, take("exp_avg_sq_col", columns)?],
            _ => vec![take("exp_avg_sq", shape.iter().product())?],
        };
        self.moments.insert(name.to_owned(), Moments { first, second });
        if self.first.is_none() {
            self.first = Some(Box::new((name.to_owned(), from.take(format!("{name}.{RMS}"), 1)?)));
        }
        Ok(())
    }

    /// The second moments after a step, and the gradient divided by their root. Before the first step there are none.
    fn normalised(&self, shape: &[usize], gradient: Tensor<1>, before: Vec<Tensor<1>>) -> (Vec<Tensor<1>>, Tensor<1>) {
        let kept = 1.0 - libm::pow(f64::from(self.steps), self.decay_rate);
        let mut before = before.into_iter();
        let mut mixed = |new: Tensor<1>| {
            let before = before.next().unwrap_or_else(|| new.zeros_like());
            before * kept + new * (1.0 - kept)
        };
        let squares = gradient.clone() * gradient.clone() + self.eps[0];
        let [rows, columns] = *shape else {
            let second = mixed(squares);
            let update = second.clone().sqrt().recip() * gradient;
            return (vec![second], update);
        };
        let squares: Tensor<2> = squares.reshape([rows, columns]);
        let by_row = mixed(squares.clone().mean_dim(1).reshape([rows]));
        let by_column = mixed(squares.mean_dim(0).reshape([columns]));
        let row_factors: Tensor<2> = (by_row.clone() / by_row.clone().mean()).sqrt().recip().reshape([rows, 1]);
        let column_factors: Tensor<2> = by_column.clone().sqrt().recip().reshape([1, columns]);
        let update = row_factors * column_factors * gradient.reshape([rows, columns]);
        (vec![by_row, by_column], update.reshape([rows * columns]))
    }
}

impl Update for Adafactor {
    fn update(
        &mut self,
        name: &str,
        shape: &[usize],
        parameter: Tensor<1>,
        gradient: Tensor<1>,
        rate: f64,
    ) -> Tensor<1> {
        let size = root_mean_square(parameter.clone());
        if self.first.as_ref().is_none_or(|first| first.0 == name) {
            self.first = Some(Box::new((name.to_owned(), size.clone())));
        }
        let rate = self.scale(size) * self.rate(rate);
        let (first, second) = self.moments.remove(name).map_or((None, Vec::new()), |m| (m.first, m.second));
        let (second, update) = self.normalised(shape, gradient, second);
        let excess = (root_mean_square(update.clone()) / self.clip_threshold).clamp_min(1.0);
        let mut update = update / excess * rate.clone();
        let mut kept = None;
        if let Some(beta1) = self.beta1 {
            update = first.unwrap_or_else(|| update.zeros_like()) * beta1 + update * (1.0 - beta1);
            kept = Some(update.clone());
        }
        self.moments.insert(name.to_owned(), Moments { first: kept, second });
        let parameter = match self.weight_decay {
            0.0 => parameter,
            decay => parameter.clone() - parameter * rate * decay,
        };
        parameter - update
    }
}

/// # Shapes
/// - `numbers`: `[numbers]`
/// - result: `[1]`
fn root_mean_square(numbers: Tensor<1>) -> Tensor<1> {
    (numbers.clone() * numbers).mean().sqrt()
}
