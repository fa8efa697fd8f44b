//! A course of training with a free replay fraction per segment, its losses, and their exact gradients.

use nalgebra::DVector;

use crate::kernel::evaluation_loss::{EvaluationLoss, Quadratic};
use crate::kernel::reduced::Reduced;
use crate::kernel::rule::Rule;
use crate::kernel::schedule::{Schedule, stretches};
use crate::kernel::theory_error::TheoryError;

/// Steps of descent or momentum in the coordinates of a reduction, cut into segments of one fraction each.
pub struct Course<'a> {
    reduced: &'a Reduced,
    old_task: Quadratic,
    id: Quadratic,
    rate: f64,
    beta: f64,
    steps: usize,
    /// Steps of each segment.
    durations: Vec<f64>,
    /// Steps between two checkpoints.
    stride: usize,
}

/// What a schedule comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// p of each segment.
    pub fractions: Vec<f64>,
    /// Their mean over time: the replay spent.
    pub mean_replay: f64,
    /// The old task's loss after the last step, in the mean over the checkpoints, at its largest there.
    pub old_task_end: f64,
    pub old_task_average: f64,
    pub old_task_worst: f64,
    /// The ID loss after the last step.
    pub id_end: f64,
}

/// The old task's loss and the ID loss after so many steps.
pub type Looks = Vec<(usize, [f64; 2])>;

/// The old task's loss is looked at this often; its start and its end always.
pub const CHECKPOINTS: usize = 256;
/// Segments accepted.
pub const MOST_FREE_SEGMENTS: usize = 64;
/// Steps times r^2 accepted: a second or two per gradient.
const MOST_WORK: f64 = 1e9;
/// Steps times r accepted: every step's z is kept, in 160 MB at most.
const MOST_KEPT: f64 = 2e7;

/// Every step's z, and the old task's loss at the checkpoints.
pub(super) struct Path {
    z: Vec<DVector<f64>>,
    pub(super) old_task: Vec<(f64, DVector<f64>)>,
    pub(super) id: (f64, DVector<f64>),
}

impl<'a> Course<'a> {
    /// `steps` of training in `segments` of equal length (the first ones a step longer where they do not divide).
    ///
    /// # Errors
    /// Flow, which has no steps; a rate beyond the stability bound at some fraction; 0 or more than 64 segments, or
    /// more segments than steps; losses over other points; too much work.
    pub fn new(
        reduced: &'a Reduced,
        id: &EvaluationLoss,
        old_task: &EvaluationLoss,
        rule: Rule,
        steps: usize,
        segments: usize,
    ) -> Result<Self, TheoryError> {
        if rule.checked()? == Rule::Flow {
            return Err(TheoryError::wrong("rule", "flow", "descent or momentum: what training can follow"));
        }
        rule.checked_stable(reduced.largest_curvature()?)?;
        if !(1..=MOST_FREE_SEGMENTS.min(steps)).contains(&segments) {
            let accepted = format!("1 to {MOST_FREE_SEGMENTS}, and no more than steps");
            return Err(TheoryError::wrong("segments", segments, accepted));
        }
        let rank = reduced.truncation.rank as f64;
        let most = (MOST_WORK / (rank * rank).max(1.0)).min(MOST_KEPT / rank.max(1.0)).floor();
        if steps as f64 > most {
            return Err(TheoryError::wrong("steps", steps, format!("at most {most:.0} with {rank} coordinates")));
        }
        let (rate, beta) = rule.constants();
        Ok(Self {
            reduced,
            old_task: old_task.over(reduced)?,
            id: id.over(reduced)?,
            rate,
            beta,
            steps,
            durations: stretches(steps, segments).collect(),
            stride: steps.div_ceil(CHECKPOINTS),
        })
    }

    /// Steps of each segment.
    pub fn durations(&self) -> &[f64] {
        &self.durations
    }

    /// The fractions as a schedule that other functions read.
    ///
    /// # Errors
    /// Another number of segments, a fraction outside 0 to 1.
    pub fn schedule(&self, fractions: &[f64]) -> Result<Schedule, TheoryError> {
        self.checked(fractions)?;
        Schedule::even(fractions, self.steps)
    }

    /// What these fractions come to.
    ///
    /// # Errors
    /// Another number of segments, a fraction outside 0 to 1.
    pub fn outcome(&self, fractions: &[f64]) -> Result<Outcome, TheoryError> {
        self.checked(fractions)?;
        Ok(self.outcome_of(fractions, &self.path(fractions)))
    }

    /// What these fractions come to, and how: the old task's loss and the ID loss after each checkpoint's steps.
    ///
    /// # Errors
    /// Another number of segments, a fraction outside 0 to 1.
    pub fn followed(&self, fractions: &[f64]) -> Result<(Outcome, Looks), TheoryError> {
        self.checked(fractions)?;
        let path = self.path(fractions);
        let id = |step: usize| self.id.at(&path.z[step]).0;
        let losses = self.checkpoints().zip(&path.old_task).map(|(step, (old, _))| (step, [*old, id(step)]));
        Ok((self.outcome_of(fractions, &path), losses.collect()))
    }

    fn outcome_of(&self, fractions: &[f64], path: &Path) -> Outcome {
        let losses = || path.old_task.iter().map(|(loss, _)| *loss);
        Outcome {
            fractions: fractions.to_vec(),
            mean_replay: self.mean(fractions),
            old_task_end: path.old_task[path.old_task.len() - 1].0,
            old_task_average: losses().sum::<f64>() / path.old_task.len() as f64,
            old_task_worst: losses().fold(0.0, f64::max),
            id_end: path.id.0,
        }
    }

    /// The mean of the fractions over time.
    pub(super) fn mean(&self, fractions: &[f64]) -> f64 {
        fractions.iter().zip(&self.durations).map(|(p, steps)| p * steps).sum::<f64>() / self.steps as f64
    }

    /// d mean / d p of a segment.
    pub(super) fn share(&self, segment: usize) -> f64 {
        self.durations[segment] / self.steps as f64
    }

    pub(super) fn checked(&self, fractions: &[f64]) -> Result<(), TheoryError> {
        if fractions.len() != self.durations.len() {
            let accepted = format!("{} fractions", self.durations.len());
            return Err(TheoryError::wrong("schedule", format!("{} fractions", fractions.len()), accepted));
        }
        Schedule::even(fractions, self.steps).map(|_| ())
    }

    /// w <- beta w + rate (kap g_p + (kap M_p + lam) z); z <- z - w, all the way.
    pub(super) fn path(&self, fractions: &[f64]) -> Path {
        let rank = self.reduced.truncation.rank;
        let (mut z, mut w) = (DVector::zeros(rank), DVector::zeros(rank));
        let mut all = Vec::with_capacity(self.steps + 1);
        all.push(z.clone());
        for (&fraction, &duration) in fractions.iter().zip(&self.durations) {
            let pull = self.reduced.pull(fraction);
            for _ in 0..duration as usize {
                w.axpy(self.rate, &pull.vector, self.beta);
                w.gemv(self.rate, &pull.matrix, &z, 1.0);
                z -= &w;
                all.push(z.clone());
            }
        }
        let old_task = self.checkpoints().map(|step| self.old_task.at(&all[step])).collect();
        Path { id: self.id.at(&z), z: all, old_task }
    }

    /// Steps 0, stride, 2 stride, ... and the last.
    fn checkpoints(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..=self.steps).filter(|step| step.is_multiple_of(self.stride) || *step == self.steps)
    }

    /// d/dp of each segment of sum_j s_j L_old(z_j) over the checkpoints, by the adjoint recursion.
    pub(super) fn gradient_of_old_task(&self, fractions: &[f64], path: &Path, seeds: &[f64]) -> Vec<f64> {
        let seeds: Vec<(usize, DVector<f64>)> = self
            .checkpoints()
            .zip(path.old_task.iter().zip(seeds))
            .filter(|(_, (_, seed))| **seed != 0.0)
            .map(|(step, ((_, gradient), seed))| (step, gradient * *seed))
            .collect();
        self.gradient(fractions, path, seeds)
    }

    /// d/dp of each segment of the ID loss at the end.
    pub(super) fn gradient_of_id(&self, fractions: &[f64], path: &Path) -> Vec<f64> {
        self.gradient(fractions, path, vec![(self.steps, path.id.1.clone())])
    }

    /// Backwards through every step: with zeta = dL/dz and omega = dL/dw after it, and mu = omega - zeta,
    /// dL/dp += rate kap mu . (g_2 - g_1 + (M_2 - M_1) z), zeta <- zeta + rate (kap M_p + lam) mu, omega <- beta mu.
    fn gradient(&self, fractions: &[f64], path: &Path, mut seeds: Vec<(usize, DVector<f64>)>) -> Vec<f64> {
        let reduced = self.reduced;
        let rank = reduced.truncation.rank;
        let turn = &reduced.old_task.matrix - &reduced.new_task.matrix;
        let push = &reduced.old_task.vector - &reduced.new_task.vector;
        let (mut zeta, mut omega) = (DVector::<f64>::zeros(rank), DVector::<f64>::zeros(rank));
        let mut found = vec![0.0; fractions.len()];
        let mut moved = DVector::zeros(rank);
        let mut step = self.steps;
        for (segment, &fraction) in fractions.iter().enumerate().rev() {
            let pull = reduced.pull(fraction);
            for _ in 0..self.durations[segment] as usize {
                while let Some((_, seed)) = seeds.pop_if(|(at, _)| *at == step) {
                    zeta += seed;
                }
                step -= 1;
                omega -= &zeta;
                moved.copy_from(&push);
                moved.gemv(1.0, &turn, &path.z[step], 1.0);
                found[segment] += self.rate * reduced.loss_factor * omega.dot(&moved);
                zeta.gemv(self.rate, &pull.matrix, &omega, 1.0);
                omega *= self.beta;
            }
        }
        found
    }
}
