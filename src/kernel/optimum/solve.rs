//! The search: sequential least squares from many starts, none of which may end up better than the answer.

use core::cell::RefCell;
use std::collections::VecDeque;

use slsqp::{Func, StopTols, minimize};

use super::course::{Course, Outcome};
use super::reference::Reference;
use super::value::{Cache, value};
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
        let mut search = self.search(objective, bounds, given)?;
        while !self.advance(&mut search)? {}
        search.finish()
    }

    /// The search of [`Course::best`] at its beginning, for callers that have other things to do meanwhile.
    ///
    /// # Errors
    /// Bounds that are none; starts of another number of segments.
    pub fn search(&self, objective: Objective, bounds: Bounds, given: &[Vec<f64>]) -> Result<Search, TheoryError> {
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
        let evaluations = starts.len();
        let mut search = Search {
            objective,
            bounds,
            references,
            waiting: VecDeque::new(),
            best: None,
            lowest_id: f64::INFINITY,
            evaluations,
        };
        starts.iter().for_each(|(origin, outcome)| search.offer(*origin, outcome.clone()));
        // Constants differ little as starts; the others may lie in valleys of their own.
        let constants = if self.durations().len() == 1 { CONSTANTS.len() } else { 2 };
        let references = search.references.len();
        let is_tried = |at: usize| at < references + constants || at >= references + CONSTANTS.len();
        let tried = starts.into_iter().enumerate().filter(|(at, _)| is_tried(*at));
        search.waiting = tried.map(|(_, (origin, start))| (origin, 0, start.fractions)).collect();
        Ok(search)
    }

    /// Goes on with a search by one descent, a few hundred passes through all steps; whether that was the last.
    ///
    /// # Errors
    /// As [`Course::outcome`], for a search that another course began.
    pub fn advance(&self, search: &mut Search) -> Result<bool, TheoryError> {
        let sharpness: &[f64] = if search.objective == Objective::Worst { &SHARPNESS } else { &[1.0] };
        if let Some((origin, made, start)) = search.waiting.pop_front() {
            self.checked(&start)?;
            let fractions = search.descend(self, sharpness[made], &start);
            let mut outcome = self.outcome(&fractions)?;
            search.evaluations += 1;
            if let (false, Some((_, kept))) = (search.bounds.admits(&outcome), &search.best) {
                outcome = search.back_to_bound(self, kept.fractions.clone(), &fractions)?;
            }
            search.offer(origin, outcome);
            if made + 1 < sharpness.len() {
                search.waiting.push_front((origin, made + 1, fractions));
            }
        }
        Ok(search.waiting.is_empty())
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

/// A search that goes on.
#[derive(Clone, Debug)]
pub struct Search {
    objective: Objective,
    bounds: Bounds,
    references: Vec<(Reference, Outcome)>,
    /// Starts to be improved, with how many sharpnesses they have been through.
    waiting: VecDeque<(Origin, usize, Vec<f64>)>,
    best: Option<(Origin, Outcome)>,
    lowest_id: f64,
    evaluations: usize,
}

impl Search {
    /// The best schedule found.
    ///
    /// # Errors
    /// None that keeps the ID bound.
    pub fn finish(self) -> Result<Optimum, TheoryError> {
        match self.best {
            Some((origin, outcome)) => {
                Ok(Optimum { outcome, origin, references: self.references, evaluations: self.evaluations })
            }
            None => Err(TheoryError::Infeasible { bound: self.bounds.id_loss, lowest: self.lowest_id }),
        }
    }

    fn offer(&mut self, origin: Origin, outcome: Outcome) {
        self.lowest_id = self.lowest_id.min(outcome.id_end);
        let is_better = |best: &(Origin, Outcome)| self.objective.of(&outcome) < self.objective.of(&best.1);
        if self.bounds.admits(&outcome) && self.best.as_ref().is_none_or(is_better) {
            self.best = Some((origin, outcome));
        }
    }

    /// The last schedule within the bounds on the line from one that keeps them to one that does not.
    fn back_to_bound(&mut self, course: &Course, mut kept: Vec<f64>, broken: &[f64]) -> Result<Outcome, TheoryError> {
        let mut broken = broken.to_vec();
        let mut outcome = course.outcome(&kept)?;
        for _ in 0..HALVINGS {
            let middle: Vec<f64> = kept.iter().zip(&broken).map(|(a, b)| 0.5 * (a + b)).collect();
            let there = course.outcome(&middle)?;
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
    fn descend(&mut self, course: &Course, sharpness: f64, start: &[f64]) -> Vec<f64> {
        let (objective, bounds) = (self.objective, self.bounds);
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
        self.tidied(course, found, start)
    }

    /// Fractions within 0 to 1 whose mean is within the budget; the start where the search lost itself.
    fn tidied(&self, course: &Course, mut fractions: Vec<f64>, start: &[f64]) -> Vec<f64> {
        if !fractions.iter().all(|fraction| fraction.is_finite()) {
            return start.to_vec();
        }
        fractions.iter_mut().for_each(|fraction| *fraction = fraction.clamp(0.0, 1.0));
        let mean = course.mean(&fractions);
        if mean > self.bounds.budget {
            fractions.iter_mut().for_each(|fraction| *fraction *= self.bounds.budget / mean);
        }
        fractions
    }
}

/// The search keeps this share of the ID bound free, so that its rounding does not break it.
const MARGIN: f64 = 1e-7;
