//! Schedules for one network, planned by its own kernel when pre-training has ended.

use super::looks::Underway;
use super::tangent::Tangent;
use super::{JobRun, old_loss};
use crate::experiments::curriculum::{Losses, Plan, Way};
use crate::experiments::event::{Ending, Event};
use crate::experiments::inputs::Inputs;
use crate::experiments::spec::CheckedSpec;
use crate::kernel::optimum::{Bounds, Course, Objective, Outcome, Reference, Search};
use crate::kernel::schedule::stretches;
use crate::kernel::{EvaluationLoss, Linearised, Mixture, Reduced, Rule, TheoryError};
use crate::model::{Mlp, Parameters};
use crate::train::optimiser::MOMENTUM;
use crate::train::{OptimiserKind, ReplaySchedule};

/// The linearised network in few coordinates, and what is asked of schedules.
pub struct Planner {
    reduced: Reduced,
    /// Losses on the test points of both tasks.
    id: EvaluationLoss,
    old_task: EvaluationLoss,
    rule: Rule,
    steps: usize,
    segments: usize,
    bounds: Bounds,
}

/// Why a network has no schedules of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum NoPlan {
    /// Pre-training diverged at this step.
    Diverged(u32),
    /// Its kernel is not finite.
    NoKernel,
    /// Theory has no answer: above all, its rate is beyond the edge of stability.
    Theory(TheoryError),
}

impl core::fmt::Display for NoPlan {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Diverged(step) => write!(f, "pre-training blew up at step {step}"),
            Self::NoKernel => write!(f, "the kernel after pre-training is not finite"),
            Self::Theory(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for NoPlan {}

impl From<TheoryError> for NoPlan {
    fn from(error: TheoryError) -> Self {
        Self::Theory(error)
    }
}

/// Share of the kernel's trace that may be left out where schedules are searched for.
pub const TOLERANCE: f64 = 1e-6;
/// Prescribed fractions are whole parts of one by this number: what is below is the search's rounding.
const PARTS: f64 = 1e6;

/// A pre-trained network linearised, and what theory asks of it.
pub struct Grounds {
    pub tangent: Tangent,
    pub linearised: Linearised,
    /// The weights of both tasks' examples.
    pub mixture: Mixture,
    /// Losses on the test points of both tasks.
    pub id: EvaluationLoss,
    pub old_task: EvaluationLoss,
    pub rule: Rule,
}

impl Grounds {
    /// From a network after pre-training, on its own examples.
    ///
    /// # Errors
    /// A kernel that is not finite; what theory has no answer to.
    pub fn new(
        spec: &CheckedSpec,
        inputs: &Inputs,
        mlp: &Mlp,
        parameters: Parameters,
        rate: f32,
    ) -> Result<Self, NoPlan> {
        let tangent = Tangent::of(mlp, parameters, inputs).ok_or(NoPlan::NoKernel)?;
        let linearised = tangent.linearised(inputs)?;
        let mixture = inputs.mixture(spec, true, 0);
        let weights = |replay| mixture.full_batch(replay).into_iter().map(f64::from).collect();
        let loss = |task: usize| {
            let labels = inputs.tests()[task].y.iter().copied().map(f64::from);
            let outputs: Vec<(usize, f64)> = (task * spec.samples as usize..).zip(labels).collect();
            EvaluationLoss::mean(linearised.points(), &outputs)
        };
        Ok(Self {
            mixture: Mixture::new(weights(0.0), weights(1.0))?,
            id: loss(0)?,
            old_task: loss(1)?,
            rule: rule(spec.optimiser, rate),
            tangent,
            linearised,
        })
    }

    /// The linearised network in coordinates that leave out some share of the kernel's trace.
    ///
    /// # Errors
    /// An eigenvalue problem without end.
    pub fn reduced(&self, tolerance: f64) -> Result<Reduced, TheoryError> {
        Reduced::new(&self.linearised, &self.mixture, tolerance)
    }
}

/// How fine-tuning follows the gradient. Sampled batches are followed by their mean.
pub fn rule(optimiser: OptimiserKind, rate: f32) -> Rule {
    let rate = f64::from(rate);
    match optimiser {
        OptimiserKind::Momentum => Rule::Momentum { rate, beta: f64::from(MOMENTUM) },
        _ => Rule::Descent { rate },
    }
}

impl Planner {
    fn new(spec: &CheckedSpec, inputs: &Inputs, mlp: &Mlp, parameters: Parameters, rate: f32) -> Result<Self, NoPlan> {
        let grounds = Grounds::new(spec, inputs, mlp, parameters, rate)?;
        let mut planner = Self {
            reduced: grounds.reduced(TOLERANCE)?,
            id: grounds.id,
            old_task: grounds.old_task,
            rule: grounds.rule,
            steps: spec.fine_tuning_steps as usize,
            segments: spec.segments as usize,
            bounds: Bounds { budget: spec.replay[0], id_loss: f64::INFINITY },
        };
        planner.bounds = bounds(&planner.course()?, spec.replay[0], spec.id_slack)?;
        Ok(planner)
    }

    fn course(&self) -> Result<Course<'_>, TheoryError> {
        Course::new(&self.reduced, &self.id, &self.old_task, self.rule, self.steps, self.segments)
    }

    /// What fractions come to.
    fn plan(&self, fractions: &[f64]) -> Result<Plan, TheoryError> {
        let outcome = self.course()?.outcome(fractions)?;
        Ok(Plan { schedule: scheduled(self.steps, fractions), predicted: Some(losses(&outcome)) })
    }
}

/// A budget, and the ID loss of uniform replay with it times some slack.
///
/// # Errors
/// A budget outside 0 to 1.
pub fn bounds(course: &Course<'_>, budget: f64, id_slack: f64) -> Result<Bounds, TheoryError> {
    let uniform = course.outcome(&Reference::Uniform.fractions(budget, course.durations()))?;
    Ok(Bounds { budget, id_loss: id_slack * uniform.id_end })
}

/// Fractions that were found, as they are written down: downwards, so that the budget holds.
pub fn written(found: &[f64]) -> Vec<f64> {
    found.iter().map(|p| libm::floor(p * PARTS) / PARTS).collect()
}

/// A plan in the making, in pieces of a fraction of a second.
pub struct Planning {
    pub branch: usize,
    way: Way,
    search: Option<Search>,
}

impl Planning {
    /// Nothing of it made yet.
    pub fn new(branch: usize, way: Way) -> Self {
        Self { branch, way, search: None }
    }

    /// Makes the next piece; the plan, once it is made, and `None` while it goes on. A reference schedule needs
    /// no theory, and has a plan without a prediction where there is none.
    ///
    /// # Errors
    /// Why theory prescribes nothing.
    pub fn advance(&mut self, spec: &CheckedSpec, planner: Result<&Planner, &NoPlan>) -> Result<Option<Plan>, NoPlan> {
        let objective = match asked(self.way) {
            Asked::Reference(reference) => {
                let steps = spec.fine_tuning_steps as usize;
                let durations: Vec<f64> = stretches(steps, spec.segments as usize).collect();
                let fractions = reference.fractions(spec.replay[0], &durations);
                let unpredicted = Plan { schedule: scheduled(steps, &fractions), predicted: None };
                let plan = planner.ok().and_then(|planner| planner.plan(&fractions).ok());
                return Ok(Some(plan.unwrap_or(unpredicted)));
            }
            Asked::Prescribed(objective) => objective,
        };
        let planner = planner.map_err(Clone::clone)?;
        let course = planner.course()?;
        let mut search = match self.search.take() {
            Some(search) => search,
            None => course.search(objective, planner.bounds, &[])?,
        };
        if !course.advance(&mut search)? {
            self.search = Some(search);
            return Ok(None);
        }
        Ok(Some(planner.plan(&written(&search.finish()?.outcome.fractions))?))
    }
}

impl JobRun {
    /// What plans schedules for the pre-trained network, made once.
    pub(super) fn planner(&mut self) -> Result<&Planner, &NoPlan> {
        let (spec, inputs, rate) = (&self.spec, &self.inputs, self.optimiser.learning_rate);
        let made = || Planner::new(spec, inputs, self.state.mlp(), self.pretrained.parameters(), rate);
        self.planner.get_or_insert_with(made).as_ref()
    }

    /// Goes on with the plan of a branch, which begins once it is made, or ends without a step where there is none.
    pub(super) fn plan_on(&mut self, mut planning: Planning) -> Vec<Event> {
        let spec = self.spec.clone();
        match planning.advance(&spec, self.planner()) {
            Ok(None) => self.planning = Some(planning),
            Ok(Some(plan)) => {
                let mut phase = self.begin(Some(planning.branch), &plan.schedule);
                phase.underway = Some(Underway::new(plan.schedule.clone(), old_loss(&self.state, &self.inputs)));
                phase.untold = Some(plan);
                self.phase = Some(phase);
            }
            Err(_) => {
                let (branch, ending) = (planning.branch, Ending::Unplanned);
                self.phase = self.after(Some(branch), ending);
                return vec![Event::Ended { branch: Some(branch as u32), ending }];
            }
        }
        Vec::new()
    }
}

/// What a way asks of the kernel's mathematics.
enum Asked {
    Reference(Reference),
    Prescribed(Objective),
}

fn asked(way: Way) -> Asked {
    match way {
        Way::Uniform => Asked::Reference(Reference::Uniform),
        Way::FrontLoaded => Asked::Reference(Reference::FrontLoaded),
        Way::BackLoaded => Asked::Reference(Reference::BackLoaded),
        Way::Periodic => Asked::Reference(Reference::Periodic),
        Way::PrescribedForEnd => Asked::Prescribed(Objective::End),
        Way::PrescribedForAverage => Asked::Prescribed(Objective::Average),
        Way::PrescribedForWorst => Asked::Prescribed(Objective::Worst),
    }
}

/// One fraction per segment as a schedule.
fn scheduled(steps: usize, fractions: &[f64]) -> ReplaySchedule {
    let mut start = 0;
    let segment = |(&p, duration): (&f64, f64)| {
        let from = start;
        start += duration as u32;
        (from, p)
    };
    let segments = fractions.iter().zip(stretches(steps, fractions.len())).map(segment).collect();
    ReplaySchedule::new(segments).expect("segments follow each other, and a course takes fractions from 0 to 1 only")
}

/// The losses of an outcome.
pub fn losses(outcome: &Outcome) -> Losses {
    Losses {
        end: outcome.old_task_end,
        average: outcome.old_task_average,
        worst: outcome.old_task_worst,
        id_end: outcome.id_end,
    }
}
