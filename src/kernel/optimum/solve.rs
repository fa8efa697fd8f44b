//! The search: sequential least squares from many starts, none of which may end up better than the answer.

use core::cell::RefCell;

use slsqp::{Func, StopTols, minimize};

use super::course::{Course, Outcome, Path};
use super::reference::Reference;
use super::{Bounds, Objective};
use crate::kernel::theory_error::TheoryError;

/// Where the best schedule came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// Improved from one of the reference schedules.
    Reference(Reference),
    /// Improved from a constant fraction.
    Constant(f64),
    /// Improved from a schedule that the caller gave.
    Given(usize),
}

/// The best schedule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimum {
    pub outcome: Outcome,
    pub origin: Origin,
    /// The reference schedules at the same budget, whether or not they keep the ID bound.
    pub references: Vec<(Reference, Outcome)>,
    /// Forward passes spent.
    pub evaluations: usize,
}

/// Evaluations of one start under one sharpness.
const EVALUATIONS: usize = 120;
/// Constant fractions tried, as shares of the budget.
const CONSTANTS: [f64; 7] = [0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6];
/// Exponents of the power mean that stands for the maximum, one after the other.
const SHARPNESS: [f64; 3] = [8.0, 32.0, 128.0];
/// Halvings on the way back from a schedule that breaks the ID bound to one that keeps it.
const HALVINGS: usize = 30;

impl Course<'_> {
    /// An objective and its gradient over the fractions; the worst case as the power mean over the checkpoints
    /// with exponent `sharpness`, which tends to the maximum.
    ///
    /// # Errors
    /// As [`Course::outcome`].
    pub fn smooth(&self, objective: Objective, sharpness: f64, p: &[f64]) -> Result<(f64, Vec<f64>), TheoryError> {
        self.checked(p)?;
        let path = self.path(p);
        let (value, seeds) = value(objective, sharpness, &path);
        Ok((value, self.gradient_of_old_task(p, &path, &seeds)))
    }

    /// The ID loss after the last step and its gradient over the fractions.
    ///
    /// # Errors
    /// As [`Course::outcome`].
    pub fn id_end(&self, p: &[f64]) -> Result<(f64, Vec<f64>), TheoryError> {
        self.checked(p)?;
        let path = self.path(p);
        Ok((path.id.0, self.gradient_of_id(p, &path)))
    }

    /// Fractions per segment that minimise an objective within the bounds: the best of all starts (references,
    /// constants and `given`), each as it is and improved. Never worse than the best of them; deterministic.
    ///
    /// With one segment this is the best constant fraction.
    ///
    /// ```
    /// use lethe::kernel::optimum::{Bounds, Course, Objective};
    /// use lethe::kernel::{EvaluationLoss, Linearised, Mixture, Reduced, Rule};
    /// use ndarray::array;
    /// // One example of the new task, one of the old, which is fitted at the start.
    /// let kernel = array![[1.0, 0.5], [0.5, 1.0]];
    /// let pair = Linearised::new(kernel.clone(), kernel, array![1.0, 0.0], array![1.0, 0.0])?;
    /// let reduced = Reduced::new(&pair, &Mixture::even(1, 1)?, 1e-12)?;
    /// let (id, old) = (EvaluationLoss::mean(2, &[(0, 0.0)])?, EvaluationLoss::mean(2, &[(1, 0.0)])?);
    /// let course = Course::new(&reduced, &id, &old, Rule::Descent { rate: 0.1 }, 40, 4)?;
    /// let best = course.best(Objective::End, Bounds { budget: 0.2, id_loss: f64::INFINITY }, &[])?;
    /// // Replay saved for the end.
    /// assert!(best.outcome.fractions[3] > best.outcome.fractions[0]);
    /// assert!(best.outcome.old_task_end <= best.references[0].1.old_task_end);
    /// # Ok::<(), lethe::kernel::TheoryError>(())
    /// ```
    ///
    /// # Errors
    /// Bounds that are none; starts of another number of segments; no schedule found that keeps the ID bound.
    pub fn best(&self, objective: Objective, bounds: Bounds, given: &[Vec<f64>]) -> Result<Optimum, TheoryError> {
        let bounds = bounds.checked()?;
        let references = Reference::ALL
            .into_iter()
            .map(|reference| Ok((reference, self.outcome(&reference.fractions(bounds.budget, self.durations()))?)))
            .collect::<Result<Vec<_>, TheoryError>>()?;
        let mut starts: Vec<(Origin, Outcome)> =
            references.iter().map(|(reference, outcome)| (Origin::Reference(*reference), outcome.clone())).collect();
        for share in CONSTANTS {
            let fraction = share * bounds.budget;
            starts.push((Origin::Constant(fraction), self.outcome(&vec![fraction; self.durations().len()])?));
        }
        for (index, fractions) in given.iter().enumerate() {
            starts.push((Origin::Given(index), self.outcome(fractions)?));
        }
        let mut search =
            Search { course: self, bounds, best: None, lowest_id: f64::INFINITY, evaluations: starts.len() };
        starts.iter().for_each(|(origin, outcome)| search.offer(objective, *origin, outcome.clone()));
        // Constants differ little as starts; the others may lie in valleys of their own.
        let constants = if self.durations().len() == 1 { CONSTANTS.len() } else { 2 };
        let is_tried = |at: usize| at < references.len() + constants || at >= references.len() + CONSTANTS.len();
        for (_, (origin, start)) in starts.iter().enumerate().filter(|(at, _)| is_tried(*at)) {
            search.improve(objective, *origin, &start.fractions)?;
        }
        match search.best {
            Some((origin, outcome)) => Ok(Optimum { outcome, origin, references, evaluations: search.evaluations }),
            None => Err(TheoryError::Infeasible { bound: bounds.id_loss, lowest: search.lowest_id }),
        }
    }

    /// The best schedule under each of several bounds: with budgets or ID bounds that rise, a Pareto front.
    ///
    /// Each answer is a start of those after it, so that the objective never rises along rising bounds.
    ///
    /// # Errors
    /// Bounds that are none. Bounds that no schedule keeps are an error of their own place in the list.
    pub fn front(&self, objective: Objective, bounds: &[Bounds]) -> Vec<Result<Optimum, TheoryError>> {
        let mut known: Vec<Vec<f64>> = Vec::new();
        let best = |&bounds: &Bounds| {
            let last = known.last().cloned();
            let found = self.best(objective, bounds, last.as_slice());
            known.extend(found.iter().map(|found| found.outcome.fractions.clone()));
            found
        };
        bounds.iter().map(best).collect()
    }
}

/// The best schedule so far.
struct Search<'a, 'b> {
    course: &'a Course<'b>,
    bounds: Bounds,
    best: Option<(Origin, Outcome)>,
    lowest_id: f64,
    evaluations: usize,
}

impl Search<'_, '_> {
    fn offer(&mut self, objective: Objective, origin: Origin, outcome: Outcome) {
        self.lowest_id = self.lowest_id.min(outcome.id_end);
        let is_better = |best: &(Origin, Outcome)| objective.of(&outcome) < objective.of(&best.1);
        if self.bounds.admits(&outcome) && self.best.as_ref().is_none_or(is_better) {
            self.best = Some((origin, outcome));
        }
    }

    fn improve(&mut self, objective: Objective, origin: Origin, start: &[f64]) -> Result<(), TheoryError> {
        let sharpness: &[f64] = if objective == Objective::Worst { &SHARPNESS } else { &[1.0] };
        let mut fractions = start.to_vec();
        for &sharpness in sharpness {
            fractions = self.descend(objective, sharpness, &fractions);
            let mut outcome = self.course.outcome(&fractions)?;
            self.evaluations += 1;
            if let (false, Some((_, kept))) = (self.bounds.admits(&outcome), &self.best) {
                outcome = self.back_to_bound(kept.fractions.clone(), &fractions)?;
            }
            self.offer(objective, origin, outcome);
        }
        Ok(())
    }

    /// The last schedule within the bounds on the line from one that keeps them to one that does not.
    fn back_to_bound(&mut self, mut kept: Vec<f64>, broken: &[f64]) -> Result<Outcome, TheoryError> {
        let mut broken = broken.to_vec();
        let mut outcome = self.course.outcome(&kept)?;
        for _ in 0..HALVINGS {
            let middle: Vec<f64> = kept.iter().zip(&broken).map(|(a, b)| 0.5 * (a + b)).collect();
            let there = self.course.outcome(&middle)?;
            self.evaluations += 1;
            if self.bounds.admits(&there) {
                (kept, outcome) = (middle, there);
            } else {
                broken = middle;
            }
        }
        Ok(outcome)
    }

    /// SLSQP within 0 <= p <= 1, the budget and the ID bound; its answer put back into the first two exactly.
    fn descend(&mut self, objective: Objective, sharpness: f64, start: &[f64]) -> Vec<f64> {
        let (course, bounds) = (self.course, self.bounds);
        let cache = RefCell::new(Cache { course, last: None, evaluations: 0 });
        let scale = match value(objective, sharpness, &course.path(start)).0 {
            value if value > 0.0 => 1.0 / value,
            _ => 1.0,
        };
        let goal = |x: &[f64], gradient: Option<&mut [f64]>, _: &mut ()| {
            let mut cache = cache.borrow_mut();
            let path = cache.at(x);
            let (value, seeds) = value(objective, sharpness, path);
            if let Some(gradient) = gradient {
                let found = course.gradient_of_old_task(x, path, &seeds);
                gradient.iter_mut().zip(found).for_each(|(to, from)| *to = scale * from);
            }
            scale * value
        };
        let id = |x: &[f64], gradient: Option<&mut [f64]>, _: &mut ()| {
            let mut cache = cache.borrow_mut();
            let path = cache.at(x);
            if let Some(gradient) = gradient {
                let found = course.gradient_of_id(x, path);
                gradient.iter_mut().zip(found).for_each(|(to, from)| *to = from / bounds.id_loss);
            }
            path.id.0 / bounds.id_loss - (1.0 - MARGIN)
        };
        let budget = |x: &[f64], gradient: Option<&mut [f64]>, _: &mut ()| {
            if let Some(gradient) = gradient {
                gradient.iter_mut().enumerate().for_each(|(segment, to)| *to = course.share(segment));
            }
            course.mean(x) - bounds.budget
        };
        let mut constraints: Vec<&dyn Func<()>> = vec![&budget];
        if bounds.id_loss.is_finite() {
            constraints.push(&id);
        }
        let box_bounds = vec![(0.0, 1.0); start.len()];
        let stop = StopTols { ftol_rel: 1e-10, xtol_rel: 1e-10, ..StopTols::default() };
        let found = minimize(goal, start, &box_bounds, &constraints, (), EVALUATIONS, Some(stop));
        let (Ok((_, found, _)) | Err((_, found, _))) = found;
        self.evaluations += cache.into_inner().evaluations;
        self.tidied(found, start)
    }

    /// Fractions within 0 to 1 whose mean is within the budget; the start where the search lost itself.
    fn tidied(&self, mut fractions: Vec<f64>, start: &[f64]) -> Vec<f64> {
        if !fractions.iter().all(|fraction| fraction.is_finite()) {
            return start.to_vec();
        }
        fractions.iter_mut().for_each(|fraction| *fraction = fraction.clamp(0.0, 1.0));
        let mean = self.course.mean(&fractions);
        if mean > self.bounds.budget {
            fractions.iter_mut().for_each(|fraction| *fraction *= self.bounds.budget / mean);
        }
        fractions
    }
}

/// The search keeps this share of the ID bound free, so that its rounding does not break it.
const MARGIN: f64 = 1e-7;

/// An objective and its weights on the losses of the checkpoints; the maximum as a power mean of some sharpness.
fn value(objective: Objective, sharpness: f64, path: &Path) -> (f64, Vec<f64>) {
    let losses: Vec<f64> = path.old_task.iter().map(|(loss, _)| *loss).collect();
    let count = losses.len();
    match objective {
        Objective::End => {
            let mut seeds = vec![0.0; count];
            seeds[count - 1] = 1.0;
            (losses[count - 1], seeds)
        }
        Objective::Average => (losses.iter().sum::<f64>() / count as f64, vec![1.0 / count as f64; count]),
        Objective::Worst => {
            let largest = losses.iter().copied().fold(0.0, f64::max);
            if largest == 0.0 {
                return (0.0, vec![0.0; count]);
            }
            let powers: Vec<f64> = losses.iter().map(|loss| libm::pow(loss / largest, sharpness - 1.0)).collect();
            let sum: f64 = powers.iter().zip(&losses).map(|(power, loss)| power * loss / largest).sum();
            let mean = sum / count as f64;
            let outside = libm::pow(mean, 1.0 / sharpness - 1.0) / count as f64;
            (largest * libm::pow(mean, 1.0 / sharpness), powers.iter().map(|power| outside * power).collect())
        }
    }
}

/// The path of the last fractions asked about: the goal and the constraints ask about the same.
struct Cache<'a, 'b> {
    course: &'a Course<'b>,
    last: Option<(Vec<f64>, Path)>,
    evaluations: usize,
}

impl Cache<'_, '_> {
    fn at(&mut self, fractions: &[f64]) -> &Path {
        let kept = self.last.take().filter(|(known, _)| known == fractions);
        let entry = kept.unwrap_or_else(|| {
            self.evaluations += 1;
            (fractions.to_vec(), self.course.path(fractions))
        });
        &self.last.insert(entry).1
    }
}
