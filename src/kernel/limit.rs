//! Where the linearised dynamics ends, and how long it takes to get there.

use nalgebra::DVector;
use ndarray::Array1;

use super::matrix::outer_vector;
use super::modes::Modes;
use super::response::Response;
use super::rule::{LONGEST, Rule};
use super::theory_error::TheoryError;

/// The limit under constant weights for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// f_*(infinity), `[m]`.
    pub outputs: Array1<f64>,
    /// Modes that are learned: eigenvalues above rounding.
    pub rank: usize,
    /// kap a + lam of the slowest of them; 0 where there is none. Slower modes, if there are any, are below
    /// what the kernel's digits can say.
    pub slowest: f64,
}

impl Modes {
    /// f_{*,0} - K_* W^{1/2} (A + lam / kap)^+ W^{1/2} r_0, with the pseudo-inverse: eigenvalues within
    /// rounding of zero (n x 2^-52 of the largest) count as zero where there is no ridge.
    ///
    /// It does not depend on the weights where K is invertible and they are all positive; where some
    /// are zero, it is that of the other examples alone.
    ///
    /// # Errors
    /// A rate at or beyond the stability bound, whatever the excitation: rounding excites every mode.
    pub fn limit(&self, rule: Rule) -> Result<Limit, TheoryError> {
        rule.checked()?.checked_stable(self.curvature(0))?;
        let learned: Vec<usize> = (0..self.rates.len()).filter(|&mode| self.is_learned(mode)).collect();
        let outputs = &self.start + &self.effect_columns * self.final_amplitudes();
        if !outputs.iter().all(|output| output.is_finite()) {
            return Err(TheoryError::Overflow { time: f64::INFINITY });
        }
        Ok(Limit {
            outputs: outer_vector(&outputs),
            rank: learned.len(),
            slowest: learned.last().map_or(0.0, |&mode| self.curvature(mode)),
        })
    }

    fn is_learned(&self, mode: usize) -> bool {
        self.eigenvalues[mode] > self.cut
    }

    /// What [`Modes::amplitudes`] become.
    fn final_amplitudes(&self) -> DVector<f64> {
        DVector::from_fn(self.rates.len(), |mode, _| {
            let push = self.loss_factor * self.excitations[mode];
            if push != 0.0 && (self.is_learned(mode) || self.ridge > 0.0) { -push / self.curvature(mode) } else { 0.0 }
        })
    }

    /// When the evaluation points have covered `fraction` of their way to the limit, and stay there: the
    /// last time at which |f_*(t) - f_*(infinity)| = (1 - fraction) |f_{*,0} - f_*(infinity)|, rounded up to
    /// whole steps unless the rule is flow. 0 where nothing moves.
    ///
    /// Found on a grid of 64 times per doubling and bisected, so that a swing between two times of the
    /// grid can escape it.
    ///
    /// # Errors
    /// A fraction outside `[0, 1)`; no limit; a time above 2^52.
    pub fn time_to_fraction(&self, rule: Rule, fraction: f64) -> Result<f64, TheoryError> {
        if !(0.0..1.0).contains(&fraction) {
            return Err(TheoryError::wrong("fraction", fraction, "a number from 0 to below 1"));
        }
        rule.checked()?.checked_stable(self.curvature(0))?;
        let ways = self.ways();
        let whole = ways.distance(rule, 0.0);
        let threshold = (1.0 - fraction) * whole;
        if whole == 0.0 || fraction == 0.0 {
            return Ok(0.0);
        }
        let mut far = ways.first_time(rule);
        while ways.ceiling(rule, far) > threshold {
            far *= 2.0;
            if far > LONGEST {
                return Err(TheoryError::NeverReached { fraction });
            }
        }
        Ok(ways.last_crossing(rule, threshold, far))
    }

    /// The modes that move, and what is left of each.
    fn ways(&self) -> Ways {
        let amplitudes = self.final_amplitudes();
        let moving: Vec<usize> = (0..amplitudes.len())
            .filter(|&i| amplitudes[i] != 0.0 && self.effect_columns.column(i).iter().any(|&effect| effect != 0.0))
            .collect();
        Ways {
            curvatures: moving.iter().map(|&i| self.curvature(i)).collect(),
            columns: moving.iter().map(|&i| self.effect_columns.column(i) * amplitudes[i]).collect(),
        }
    }
}

/// h_i times the final amplitude of each moving mode, by its curvature.
struct Ways {
    curvatures: Vec<f64>,
    columns: Vec<DVector<f64>>,
}

/// Times per doubling at which the way is looked at.
const PER_DOUBLING: i32 = 64;

impl Ways {
    /// The share of its way that each mode has still before it.
    fn left(&self, rule: Rule, time: f64) -> impl Iterator<Item = (f64, &DVector<f64>)> {
        self.curvatures.iter().map(move |&mu| Response::of(rule, mu, time).kept).zip(&self.columns)
    }

    /// |f_*(t) - f_*(infinity)|.
    fn distance(&self, rule: Rule, time: f64) -> f64 {
        let points = self.columns.first().map_or(0, DVector::len);
        self.left(rule, time).fold(DVector::zeros(points), |sum, (left, column)| sum + column * left).norm()
    }

    /// A bound on the distance from this time on: no mode swings back above its own envelope.
    fn ceiling(&self, rule: Rule, time: f64) -> f64 {
        let (rate, beta) = rule.constants();
        let pairs = self.curvatures.iter().zip(&self.columns);
        pairs.map(|(&mu, column)| column.norm() * envelope(rule, rate * mu, beta, mu, time)).sum()
    }

    /// A time before which hardly anything moves.
    fn first_time(&self, rule: Rule) -> f64 {
        let fastest = self.curvatures.iter().fold(0.0, |a: f64, &b| a.max(b));
        if rule == Rule::Flow { 1e-3 / fastest } else { 1.0 }
    }

    /// The last time up to `far` at which the distance is above the threshold, to a relative 1e-12 or one step.
    fn last_crossing(&self, rule: Rule, threshold: f64, far: f64) -> f64 {
        let whole = |time: f64| if rule == Rule::Flow { time } else { libm::ceil(time) };
        let above = |time: f64| self.distance(rule, time) > threshold;
        let ratio = libm::exp2(1.0 / f64::from(PER_DOUBLING));
        let mut high = far;
        let mut low = far;
        while low > 0.0 {
            low = whole(high / ratio);
            if rule != Rule::Flow && low >= high {
                low = high - 1.0;
            }
            if high < 1e-9 * far.min(self.first_time(rule)) {
                low = 0.0;
            }
            if low <= 0.0 || above(low) {
                break;
            }
            high = low;
        }
        for _ in 0..200 {
            let middle = whole(0.5 * (low + high));
            if middle <= low || middle >= high || high - low <= 1e-12 * high && rule == Rule::Flow {
                break;
            }
            *(if above(middle) { &mut low } else { &mut high }) = middle;
        }
        high
    }
}

/// A bound that falls with time on what is left of a mode.
fn envelope(rule: Rule, kappa: f64, beta: f64, mu: f64, time: f64) -> f64 {
    match rule {
        Rule::Momentum { .. } => {
            // |P| <= |U_l| |1 - kappa| + beta |U_(l-1)| with |U_l| <= l z^(l-1), z the larger root's magnitude.
            let trace = 1.0 + beta - kappa;
            let square = trace * trace - 4.0 * beta;
            let z = if square < 0.0 { beta.sqrt() } else { 0.5 * (trace.abs() + square.sqrt()) };
            time * libm::exp((time - 2.0).max(0.0) * libm::log(z.min(1.0))) * ((1.0 - kappa).abs() + beta)
        }
        _ => Response::of(rule, mu, time).kept.abs(),
    }
}
