//! What a schedule does, in the few coordinates of a reduction.

use nalgebra::{DMatrix, DVector};
use ndarray::Array2;

use super::matrix::eigen;
use super::reduced::{Pull, Reduced};
use super::response::Response;
use super::rule::Rule;
use super::schedule::{Schedule, visits};
use super::theory_error::TheoryError;
use super::trajectory::MOST_VALUES;

/// A step costs about this much less than an eigenvector: stretches of fewer steps than this times r are stepped.
const STEPS_PER_COORDINATE: f64 = 12.0;

impl Reduced {
    /// f_* at any times under a schedule, `[times, m]`: exactly what the kept coordinates do.
    ///
    /// Short stretches of descent and momentum are stepped, r^2 operations each; the others go by the
    /// eigenvectors of M_p.
    ///
    /// ```
    /// use lethe::kernel::{Linearised, Mixture, Reduced, Rule, Schedule};
    /// use ndarray::array;
    /// let kernel = array![[1.0, 0.5], [0.5, 1.0]];
    /// let pair = Linearised::new(kernel.clone(), kernel, array![1.0, 0.0], array![1.0, 0.0])?;
    /// let reduced = Reduced::new(&pair, &Mixture::even(1, 1)?, 1e-12)?;
    /// let schedule = Schedule::constant(0.0, 1.0)?;
    /// let outputs = reduced.trajectory(&schedule, Rule::Descent { rate: 0.25 }, &[1.0])?;
    /// assert!((outputs[[0, 1]] + 0.25).abs() < 1e-12);
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// Times or a rule that are none; a prediction that overflows.
    pub fn trajectory(&self, schedule: &Schedule, rule: Rule, times: &[f64]) -> Result<Array2<f64>, TheoryError> {
        rule.checked()?;
        let points = self.start.len();
        if times.len().saturating_mul(points.max(1)) > MOST_VALUES {
            return Err(TheoryError::wrong("times", times.len(), format!("at most {MOST_VALUES} predicted values")));
        }
        let durations: Vec<f64> = schedule.segments().iter().map(|segment| segment.duration).collect();
        for &time in times.iter().chain(&durations) {
            rule.checked_time(time)?;
        }
        let mut known: Vec<(f64, Axes)> = Vec::new();
        let mut place = Place::start(self.truncation.rank);
        let mut found = Array2::zeros((times.len(), points));
        for (segment, visits) in schedule.segments().iter().zip(visits(&durations, times)?) {
            let asked = visits.iter().map(|visit| visit.since).chain([segment.duration]);
            let places = if rule != Rule::Flow && segment.duration <= STEPS_PER_COORDINATE * self.truncation.rank as f64
            {
                stepped(&self.pull(segment.replay), rule, place, asked)
            } else {
                let index = match known.iter().position(|(replay, _)| *replay == segment.replay) {
                    Some(index) => index,
                    None => {
                        known.push((segment.replay, Axes::of(self.pull(segment.replay))?));
                        known.len() - 1
                    }
                };
                known[index].1.walked(rule, &place, asked)
            };
            for (visit, there) in visits.iter().zip(&places) {
                let outputs = &self.start + &self.features * &there.z;
                if !outputs.iter().all(|output| output.is_finite()) {
                    return Err(TheoryError::Overflow { time: times[visit.index] });
                }
                found.row_mut(visit.index).iter_mut().zip(outputs.iter()).for_each(|(to, &from)| *to = from);
            }
            match places.into_iter().last() {
                Some(last) if last.z.iter().chain(last.w.iter()).all(|value| value.is_finite()) => place = last,
                _ => return Err(TheoryError::Overflow { time: segment.duration }),
            }
        }
        Ok(found)
    }
}

/// Where training stands: z and its last displacement.
#[derive(Clone)]
struct Place {
    z: DVector<f64>,
    w: DVector<f64>,
}

impl Place {
    fn start(rank: usize) -> Self {
        Self { z: DVector::zeros(rank), w: DVector::zeros(rank) }
    }
}

/// The places after so many steps, which increase.
fn stepped(pull: &Pull, rule: Rule, mut place: Place, asked: impl Iterator<Item = f64>) -> Vec<Place> {
    let (rate, beta) = rule.constants();
    let mut done = 0.0;
    let mut advance = |steps: f64| {
        while done < steps {
            place.w.axpy(rate, &pull.vector, beta);
            place.w.gemv(rate, &pull.matrix, &place.z, 1.0);
            place.z -= &place.w;
            done += 1.0;
        }
        place.clone()
    };
    asked.map(&mut advance).collect()
}

/// The eigenvectors of kap M_p + lam, and kap g_p along them.
struct Axes {
    curvatures: DVector<f64>,
    vectors: DMatrix<f64>,
    push: DVector<f64>,
}

impl Axes {
    fn of(pull: Pull) -> Result<Self, TheoryError> {
        let (curvatures, vectors) = eigen(pull.matrix)?;
        let push = vectors.tr_mul(&pull.vector);
        Ok(Self { curvatures, vectors, push })
    }

    fn walked(&self, rule: Rule, place: &Place, asked: impl Iterator<Item = f64>) -> Vec<Place> {
        let (z, w) = (self.vectors.tr_mul(&place.z), self.vectors.tr_mul(&place.w));
        let along = |time: f64| {
            let responses: Vec<Response> = self.curvatures.iter().map(|&mu| Response::of(rule, mu, time)).collect();
            let mix = |of: fn(&Response) -> [f64; 3]| {
                DVector::from_fn(z.len(), |i, _| {
                    let parts = of(&responses[i]).into_iter().zip([z[i], w[i], self.push[i]]);
                    parts.filter(|(_, value)| *value != 0.0).map(|(factor, value)| factor * value).sum()
                })
            };
            let z = mix(|r| [r.kept, r.coasted, r.pushed]);
            let w = mix(|r| [r.displacement_from_position, r.displacement_kept, r.displacement_pushed]);
            Place { z: &self.vectors * z, w: &self.vectors * w }
        };
        asked.map(along).collect()
    }
}
