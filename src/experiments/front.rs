//! The least that each goal can be predicted to come to under rising budgets of replay: a Pareto front.

use serde::Serialize;

use super::curriculum::{Goal, Losses};
use super::event::{Ending, Event};
use super::inputs::Inputs;
use super::job::Job;
use super::run::JobRun;
use super::run::planner::{Planner, losses};
use super::spec::CheckedSpec;
use crate::kernel::TheoryError;
use crate::kernel::optimum::{Objective, Optimum};
use crate::model::Parameters;

pub use super::run::planner::NoPlan;

/// The best under each budget by one goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Front {
    pub goal: Goal,
    pub points: Vec<FrontPoint>,
}

/// The best under one budget.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FrontPoint {
    /// Mean replay fraction, at most.
    pub budget: f64,
    /// What is predicted; `None` where no schedule keeps the ID bound.
    pub predicted: Option<Losses>,
}

/// The front of each goal on the pre-trained network of one job, without training it any further. Nothing is
/// better for a smaller budget: each answer is where the search for the next begins.
///
/// # Errors
/// Why this network has none.
pub fn front(spec: &CheckedSpec, job: Job, budgets: &[f64]) -> Result<Vec<Front>, NoPlan> {
    let (mlp, inputs) = (spec.network(job.width), Inputs::of(spec, job.seed));
    let rate = spec.learning_rate_at(job.width) as f32;
    let planner = Planner::new(spec, &inputs, &mlp, pretrained(spec, job)?, rate)?;
    let course = planner.course()?;
    let bounds = budgets.iter().map(|&budget| planner.bounds(budget, spec.id_slack));
    let bounds = bounds.collect::<Result<Vec<_>, TheoryError>>()?;
    let goals = [(Goal::End, Objective::End), (Goal::Average, Objective::Average), (Goal::Worst, Objective::Worst)];
    let found = |(goal, objective)| {
        let each = course.front(objective, &bounds).into_iter();
        let point = |(&budget, found): (&f64, Result<Optimum, TheoryError>)| {
            let predicted = found.ok().map(|optimum| losses(&optimum.outcome));
            FrontPoint { budget, predicted }
        };
        Front { goal, points: budgets.iter().zip(each).map(point).collect() }
    };
    Ok(goals.into_iter().map(found).collect())
}

/// The network of a job after pre-training.
fn pretrained(spec: &CheckedSpec, job: Job) -> Result<Parameters, NoPlan> {
    let mut run = JobRun::new(spec, job);
    loop {
        for event in run.advance(f64::INFINITY) {
            if let Event::Ended { branch: None, ending: Ending::Diverged(step) } = event {
                return Err(NoPlan::Diverged(step));
            }
        }
        let here = run.checkpoint().ok_or(NoPlan::NoKernel)?;
        if let Some(parameters) = here.pretrained {
            return Ok(parameters);
        }
    }
}
