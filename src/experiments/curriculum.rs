//! How a budget of replay is best spent over time: what the kernel prescribes, and what training makes of it.

use serde::Serialize;

use super::event::grid;
use super::inputs::Inputs;
use super::job::Job;
use super::run::JobRun;
use super::run::tangent::Tangent;
use super::spec::{CheckedSpec, LABEL_X2};
use crate::engine::fused_cpu::State;
use crate::engine::{Batches, Outcome as Trained};
use crate::kernel::optimum::{Bounds, Course, Objective, Outcome, Reference};
use crate::kernel::{EvaluationLoss, Linearised, Mixture, Reduced, Rule, TheoryError};
use crate::model::Parameters;
use crate::seed::Seed;
use crate::train::optimiser::MOMENTUM;
use crate::train::{Optimiser, OptimiserKind};

/// A way of spending a budget of replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// What anybody would think of.
    Reference(Reference),
    /// What the network's own kernel prescribes for an objective.
    Prescribed(Objective),
}

impl Way {
    /// All of them, uniform replay first.
    pub fn all() -> impl Iterator<Item = Self> {
        Reference::ALL.into_iter().map(Self::Reference).chain(Objective::ALL.into_iter().map(Self::Prescribed))
    }

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference(Reference::Uniform) => "uniform",
            Self::Reference(Reference::FrontLoaded) => "front_loaded",
            Self::Reference(Reference::BackLoaded) => "back_loaded",
            Self::Reference(Reference::Periodic) => "periodic",
            Self::Prescribed(Objective::End) => "prescribed_for_end",
            Self::Prescribed(Objective::Average) => "prescribed_for_average",
            Self::Prescribed(Objective::Worst) => "prescribed_for_worst",
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Terms {
    /// Mean replay fraction over the steps of fine-tuning.
    pub budget: f64,
    /// Segments of equal length, each with a fraction of its own.
    pub segments: usize,
    /// A prescribed schedule's ID loss at the end may be at most this times that of uniform replay, as predicted.
    pub id_slack: f64,
}

/// Losses of one fine-tuning: the old task's after the last step, in the mean over time and at its largest,
/// and the new task's after the last step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Losses {
    pub end: f64,
    pub average: f64,
    pub worst: f64,
    pub id_end: f64,
}

impl Losses {
    /// An objective's value.
    pub fn of(&self, objective: Objective) -> f64 {
        match objective {
            Objective::End => self.end,
            Objective::Average => self.average,
            Objective::Worst => self.worst,
        }
    }
}

/// One way on one network.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    pub way: Way,
    /// p of each segment.
    pub fractions: Vec<f64>,
    pub predicted: Losses,
    /// `None` where training diverged.
    pub trained: Option<Losses>,
}

/// Why a network has no trial.
#[derive(Clone, Debug, PartialEq)]
pub enum NoTrial {
    /// Pre-training diverged at this step.
    Diverged(u32),
    /// Its kernel is not finite.
    NoKernel,
    /// The theory has no answer.
    Theory(TheoryError),
}

impl core::fmt::Display for NoTrial {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Diverged(step) => write!(f, "pre-training blew up at step {step}"),
            Self::NoKernel => write!(f, "the kernel after pre-training is not finite"),
            Self::Theory(error) => error.fmt(f),
        }
    }
}

impl From<TheoryError> for NoTrial {
    fn from(error: TheoryError) -> Self {
        Self::Theory(error)
    }
}

/// Share of the kernel's trace that may be left out where schedules are searched for.
const TOLERANCE: f64 = 1e-6;
/// Prescribed fractions are whole multiples of this: what is below it is the search's rounding.
const DIGIT: f64 = 1e-6;
/// Looks at the losses on the way.
const LOOKS: u32 = 256;

/// Every way on one network: prescribed and predicted by its kernel after pre-training, then trained from there.
///
/// # Errors
/// Why this network has none.
pub fn trial(spec: &CheckedSpec, job: Job, terms: Terms) -> Result<Vec<Tried>, NoTrial> {
    let network = Network::pretrained(spec, job)?;
    let (reduced, id, old_task) = network.reduced()?;
    let steps = spec.fine_tuning_steps as usize;
    let course = Course::new(&reduced, &id, &old_task, network.rule(), steps, terms.segments)?;
    let uniform = course.outcome(&Reference::Uniform.fractions(terms.budget, course.durations()))?;
    let bounds = Bounds { budget: terms.budget, id_loss: terms.id_slack * uniform.id_end };
    let tried = |way: Way| {
        let predicted = match way {
            Way::Reference(reference) => course.outcome(&reference.fractions(terms.budget, course.durations()))?,
            Way::Prescribed(objective) => course.outcome(&prescribed(&course, objective, bounds)?)?,
        };
        let durations: Vec<u32> = course.durations().iter().map(|&steps| steps as u32).collect();
        let trained = network.trained(&durations, &predicted.fractions);
        Ok(Tried { way, predicted: losses(&predicted), trained, fractions: predicted.fractions })
    };
    Way::all().map(tried).collect()
}

/// The best fractions within the bounds, as they are written down.
pub(super) fn prescribed(course: &Course<'_>, objective: Objective, bounds: Bounds) -> Result<Vec<f64>, TheoryError> {
    let found = course.best(objective, bounds, &[])?.outcome.fractions;
    // Downwards, so that the budget holds.
    Ok(found.iter().map(|p| libm::floor(p / DIGIT) * DIGIT).collect())
}

/// The best outcome under each budget for one objective; `None` where no schedule keeps the ID bound.
pub type Front = (Objective, Vec<Option<Outcome>>);

/// The least that each objective can be predicted to come to under rising budgets, on one network: a Pareto front.
///
/// # Errors
/// Why this network has none.
pub fn front(spec: &CheckedSpec, job: Job, terms: Terms, budgets: &[f64]) -> Result<Vec<Front>, NoTrial> {
    let network = Network::pretrained(spec, job)?;
    let (reduced, id, old_task) = network.reduced()?;
    let course =
        Course::new(&reduced, &id, &old_task, network.rule(), spec.fine_tuning_steps as usize, terms.segments)?;
    Ok(front_of(&course, terms, budgets)?)
}

/// The same on a course that is there.
pub(super) fn front_of(course: &Course<'_>, terms: Terms, budgets: &[f64]) -> Result<Vec<Front>, TheoryError> {
    let bounds = budgets.iter().map(|&budget| {
        let uniform = course.outcome(&Reference::Uniform.fractions(budget, course.durations()))?;
        Ok(Bounds { budget, id_loss: terms.id_slack * uniform.id_end })
    });
    let bounds = bounds.collect::<Result<Vec<_>, TheoryError>>()?;
    let found = |objective| {
        let each = course.front(objective, &bounds).into_iter();
        (objective, each.map(|found| found.ok().map(|optimum| optimum.outcome)).collect())
    };
    Ok(Objective::ALL.into_iter().map(found).collect())
}

fn losses(outcome: &Outcome) -> Losses {
    Losses {
        end: outcome.old_task_end,
        average: outcome.old_task_average,
        worst: outcome.old_task_worst,
        id_end: outcome.id_end,
    }
}

/// A pre-trained network with its examples.
pub(super) struct Network<'a> {
    spec: &'a CheckedSpec,
    job: Job,
    pub(super) inputs: Inputs,
    pub(super) parameters: Parameters,
}

impl<'a> Network<'a> {
    pub(super) fn pretrained(spec: &'a CheckedSpec, job: Job) -> Result<Self, NoTrial> {
        let mut run = JobRun::new(spec, job);
        let parameters = loop {
            for event in run.advance(f64::INFINITY) {
                if let super::Event::Ended { branch: None, ending: super::Ending::Diverged(step) } = event {
                    return Err(NoTrial::Diverged(step));
                }
            }
            let here = run.checkpoint().ok_or(NoTrial::NoKernel)?;
            if let Some(parameters) = here.pretrained {
                break parameters;
            }
        };
        Ok(Self { spec, job, inputs: Inputs::of(spec, job.seed), parameters })
    }

    fn learning_rate(&self) -> f32 {
        self.spec.learning_rate_at(self.job.width) as f32
    }

    pub(super) fn rule(&self) -> Rule {
        let rate = f64::from(self.learning_rate());
        match self.spec.optimiser {
            OptimiserKind::Momentum => Rule::Momentum { rate, beta: f64::from(MOMENTUM) },
            _ => Rule::Descent { rate },
        }
    }

    /// The network's tangent after pre-training, the linear model it makes, and the weights of both tasks' examples.
    pub(super) fn linearised(&self) -> Result<(Tangent, Linearised, Mixture), NoTrial> {
        let grid = grid(self.spec.means, self.spec.standard_deviation());
        let mlp = self.spec.network(self.job.width);
        let tangent = Tangent::of(&mlp, self.parameters.clone(), &self.inputs, &grid).ok_or(NoTrial::NoKernel)?;
        let linearised = tangent.linearised(&self.inputs)?;
        let mixture = self.inputs.mixture(self.spec, true);
        let weights = |replay| mixture.full_batch(replay).into_iter().map(f64::from).collect();
        Ok((tangent, linearised, Mixture::new(weights(0.0), weights(1.0))?))
    }

    /// The linearised network in few coordinates, and the losses on the test points of both tasks.
    fn reduced(&self) -> Result<(Reduced, EvaluationLoss, EvaluationLoss), NoTrial> {
        let (_, linearised, mixture) = self.linearised()?;
        self.reduction(&linearised, &mixture)
    }

    /// The same of a linear model that is there.
    pub(super) fn reduction(
        &self,
        linearised: &Linearised,
        mixture: &Mixture,
    ) -> Result<(Reduced, EvaluationLoss, EvaluationLoss), NoTrial> {
        let reduced = Reduced::new(linearised, mixture, TOLERANCE)?;
        let samples = self.inputs.test[0].len();
        let loss = |from: usize, label: f64| {
            let outputs: Vec<(usize, f64)> = (from..from + samples).map(|point| (point, label)).collect();
            EvaluationLoss::mean(linearised.points(), &outputs)
        };
        Ok((reduced, loss(0, self.spec.new_label)?, loss(samples, f64::from(LABEL_X2))?))
    }

    /// Fine-tunes along the fractions, looking at the losses as the prediction does.
    fn trained(&self, durations: &[u32], fractions: &[f64]) -> Option<Losses> {
        let optimiser = Optimiser { kind: self.spec.optimiser, learning_rate: self.learning_rate() };
        let mut state = State::new(self.spec.network(self.job.width), self.parameters.clone(), optimiser);
        let mixture = self.inputs.mixture(self.spec, true);
        let mut stream = Seed::new(u64::from(self.job.seed)).fork("fine-tuning batches").stream();
        let stride = self.spec.fine_tuning_steps.div_ceil(LOOKS);
        let mut seen = vec![self.old_loss(&state)];
        for (&steps, &replay) in durations.iter().zip(fractions) {
            let examples = self.inputs.examples(true, mixture.full_batch(replay));
            let end = state.step() + steps;
            while state.step() < end {
                let to_look = stride - state.step() % stride;
                let go = to_look.min(end - state.step());
                let mut draw = |_: u32, batch: &mut [u32]| mixture.draw(replay, &mut stream, batch);
                let batches = match self.spec.batch as usize {
                    0 => Batches::Full,
                    size => Batches::Sampled { size, draw: &mut draw },
                };
                if state.train(&examples, go, batches, None) != Trained::Finished {
                    return None;
                }
                if state.step().is_multiple_of(stride) || state.step() == self.spec.fine_tuning_steps {
                    seen.push(self.old_loss(&state));
                }
            }
        }
        let id_end = f64::from(
            state.squared_error(&self.inputs.test[0], &vec![self.spec.new_label as f32; self.inputs.test[0].len()]),
        );
        let losses = Losses {
            end: *seen.last()?,
            average: seen.iter().sum::<f64>() / seen.len() as f64,
            worst: seen.iter().copied().fold(0.0, f64::max),
            id_end,
        };
        [losses.end, losses.average, losses.worst, id_end].iter().all(|loss| loss.is_finite()).then_some(losses)
    }

    fn old_loss(&self, state: &State) -> f64 {
        let x = &self.inputs.test[1];
        f64::from(state.squared_error(x, &vec![LABEL_X2; x.len()]))
    }
}
