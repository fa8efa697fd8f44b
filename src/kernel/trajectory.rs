//! Weights that change: the exact course under a schedule, segment by segment.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};

use super::linearised::Linearised;
use super::matrix::{inner_vector, rounding};
use super::mixture::Mixture;
use super::modes::{Modes, NOISE};
use super::response::Response;
use super::rule::Rule;
use super::schedule::{MOST_SEGMENTS, Schedule, visits};
use super::theory_error::TheoryError;

/// Where training stands: theta - theta_0 = J^T alpha, its last displacement J^T omega.
#[derive(Clone)]
struct State {
    alpha: DVector<f64>,
    omega: DVector<f64>,
}

/// Different weights accepted in one schedule: each costs an eigenvalue problem.
pub const MOST_MIXTURES: usize = 64;
/// Predicted values accepted: times x points.
pub const MOST_VALUES: usize = 1 << 27;

impl Linearised {
    /// f_* at any times under a schedule of replay, `[times, m]`.
    ///
    /// Per segment, with the responses g, h, phi of each mode, alpha <- g(0) alpha - W^{1/2} h(A) W^{1/2} K alpha
    /// - W^{1/2} phi(A) W^{1/2} r_0 and f_* = f_{*,0} + K_* alpha; momentum carries its velocity across.
    ///
    /// # Errors
    /// Times, schedule or mixture that are none; more than 64 different fractions
    /// (use [`super::Reduced`]); a prediction that overflows.
    pub fn trajectory(
        &self,
        mixture: &Mixture,
        schedule: &Schedule,
        rule: Rule,
        times: &[f64],
    ) -> Result<Array2<f64>, TheoryError> {
        mixture.checked_for(self.examples())?;
        let segments = schedule.segments().iter();
        let segments: Vec<_> = segments.map(|segment| (mixture.at(segment.replay), segment.duration)).collect();
        self.run(&segments, rule, times)
    }

    /// The same for weights `[n]` of any kind with their durations.
    ///
    /// # Errors
    /// As [`Linearised::trajectory`].
    pub fn trajectory_of_weights(
        &self,
        segments: &[(Array1<f64>, f64)],
        rule: Rule,
        times: &[f64],
    ) -> Result<Array2<f64>, TheoryError> {
        self.run(&self.checked_segments(segments)?, rule, times)
    }

    /// alpha at any times, `[times, n]`: f_* = f_{*,0} + K_* alpha on whatever points, and theta = theta_0 + J^T alpha.
    ///
    /// # Errors
    /// As [`Linearised::trajectory_of_weights`].
    pub fn coefficients(
        &self,
        segments: &[(Array1<f64>, f64)],
        rule: Rule,
        times: &[f64],
    ) -> Result<Array2<f64>, TheoryError> {
        self.follow(&self.checked_segments(segments)?, rule, times)
    }

    fn checked_segments(&self, segments: &[(Array1<f64>, f64)]) -> Result<Vec<(DVector<f64>, f64)>, TheoryError> {
        if !(1..=MOST_SEGMENTS).contains(&segments.len()) {
            return Err(TheoryError::wrong("schedule", segments.len(), format!("1 to {MOST_SEGMENTS} segments")));
        }
        segments.iter().map(|(weights, duration)| Ok((self.checked_weights(weights)?, *duration))).collect()
    }

    fn run(&self, segments: &[(DVector<f64>, f64)], rule: Rule, times: &[f64]) -> Result<Array2<f64>, TheoryError> {
        let coefficients = self.follow(segments, rule, times)?;
        let mut found = Array2::zeros((times.len(), self.points()));
        for ((mut row, alpha), &time) in found.rows_mut().into_iter().zip(coefficients.rows()).zip(times) {
            let outputs = &self.outputs + &self.evaluation_kernel * inner_vector(&alpha.to_owned());
            if !outputs.iter().all(|output| output.is_finite()) {
                return Err(TheoryError::Overflow { time });
            }
            row.iter_mut().zip(outputs.iter()).for_each(|(to, &from)| *to = from);
        }
        Ok(found)
    }

    fn follow(&self, segments: &[(DVector<f64>, f64)], rule: Rule, times: &[f64]) -> Result<Array2<f64>, TheoryError> {
        rule.checked()?;
        if times.len().saturating_mul(self.points().max(1)) > MOST_VALUES {
            return Err(TheoryError::wrong("times", times.len(), format!("at most {MOST_VALUES} predicted values")));
        }
        for &time in times.iter().chain(segments.iter().map(|(_, duration)| duration)) {
            rule.checked_time(time)?;
        }
        let durations: Vec<f64> = segments.iter().map(|(_, duration)| *duration).collect();
        let visits = visits(&durations, times)?;
        let mut known: Vec<(&DVector<f64>, Modes)> = Vec::new();
        let mut state = State { alpha: DVector::zeros(self.examples()), omega: DVector::zeros(self.examples()) };
        let mut found = Array2::zeros((times.len(), self.examples()));
        for ((weights, duration), visits) in segments.iter().zip(visits) {
            let place = match known.iter().position(|(other, _)| *other == weights) {
                Some(place) => place,
                None if known.len() == MOST_MIXTURES => {
                    let accepted = format!("at most {MOST_MIXTURES} different replay fractions");
                    return Err(TheoryError::wrong("schedule", segments.len(), accepted));
                }
                None => {
                    known.push((weights, self.modes_of(weights.clone())?));
                    known.len() - 1
                }
            };
            let modes = &known[place].1;
            let from = Start::new(self, modes, &state);
            for visit in visits {
                let there = from.after(modes, rule, visit.since, &state)?;
                found.row_mut(visit.index).iter_mut().zip(there.alpha.iter()).for_each(|(to, &from)| *to = from);
            }
            state = from.after(modes, rule, *duration, &state)?;
        }
        Ok(found)
    }
}

/// A segment's start in its modes: Q^T W^{1/2} times K alpha, K omega and r_0.
struct Start {
    alpha: DVector<f64>,
    omega: DVector<f64>,
    /// Null modes that nothing sees are left alone, or their rounding would grow with time.
    seen: Vec<bool>,
}

impl Start {
    fn new(linearised: &Linearised, modes: &Modes, state: &State) -> Self {
        let into = |vector: &DVector<f64>| {
            modes.vectors.tr_mul(&(&linearised.kernel * vector).component_mul(&modes.root_weights))
        };
        Self { alpha: into(&state.alpha), omega: into(&state.omega), seen: linearised.seen(modes) }
    }

    /// f(W K) x = f(0) x + W^{1/2} Q diag((f(a) - f(0)) / a) Q^T W^{1/2} K x, for each of the six responses.
    fn after(&self, modes: &Modes, rule: Rule, time: f64, state: &State) -> Result<State, TheoryError> {
        let n = self.alpha.len();
        let still = Response::of(rule, modes.ridge, time);
        let (mut alpha, mut omega) = (DVector::zeros(n), DVector::zeros(n));
        for i in (0..n).filter(|&i| self.seen[i]) {
            let (a, push) = (modes.eigenvalues[i], modes.loss_factor * modes.excitations[i]);
            if [push, self.alpha[i], self.omega[i]] == [0.0; 3] {
                continue;
            }
            let moved = Response::of(rule, modes.curvature(i), time);
            let change = |f: fn(&Response) -> f64| if a > 0.0 { (f(&moved) - f(&still)) / a } else { 0.0 };
            alpha[i] = change(|r| r.kept) * self.alpha[i] + change(|r| r.coasted) * self.omega[i] + moved.pushed * push;
            omega[i] = change(|r| r.displacement_from_position) * self.alpha[i]
                + change(|r| r.displacement_kept) * self.omega[i]
                + moved.displacement_pushed * push;
        }
        let out = |vector: DVector<f64>| (&modes.vectors * vector).component_mul(&modes.root_weights);
        let next = State {
            alpha: &state.alpha * still.kept + &state.omega * still.coasted + out(alpha),
            omega: &state.alpha * still.displacement_from_position
                + &state.omega * still.displacement_kept
                + out(omega),
        };
        if next.alpha.iter().chain(next.omega.iter()).all(|value| value.is_finite()) {
            Ok(next)
        } else {
            Err(TheoryError::Overflow { time })
        }
    }
}

impl Linearised {
    /// Which modes move any training or evaluation output by more than rounding.
    fn seen(&self, modes: &Modes) -> Vec<bool> {
        let rounding = NOISE * rounding(self.examples());
        let null: Vec<usize> = (0..self.examples()).filter(|&i| modes.eigenvalues[i] <= modes.cut).collect();
        let loaded = DMatrix::from_fn(self.examples(), null.len(), |row, column| {
            modes.root_weights[row] * modes.vectors[(row, null[column])]
        });
        let moved = &self.kernel * &loaded;
        let mut seen = vec![true; self.examples()];
        for (column, &mode) in null.iter().enumerate() {
            let noise = rounding * self.kernel.amax() * loaded.column(column).amax();
            let effects = modes.effect_columns.column(mode);
            seen[mode] = moved.column(column).amax() > noise || effects.iter().any(|&effect| effect != 0.0);
        }
        seen
    }
}
