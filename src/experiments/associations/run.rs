//! One job, piece by piece.

use super::course::Course;
use super::fine_tuning::Fine;
use super::job::{Job, Outcome, Predicted};
use super::learner::Learner;
use super::network_tuning::Tuned;
use super::networks::Networks;
use super::products::Products;
use super::replay::{Aim, Arm, Draws, ReplaySplit, Replayed, Slots, acted};
use super::spec::CheckedSpec;
use super::subject::Subject;
use crate::error::{Problem, Problems};

/// A job in hand. Ask for more with [`Self::advance`]; not asking is pausing, dropping is cancelling.
pub struct Run<'a>(Going<'a>);

enum Going<'a> {
    Course(Box<Course<'a>>),
    Products(Box<Products<'a>>),
    /// What is predicted of the first tasks.
    Kernel {
        networks: &'a Networks,
        spec: &'a CheckedSpec,
        found: Vec<f32>,
        tasks: usize,
    },
    /// What the job would go by has diverged.
    Lost(u32),
}

impl<'a> Run<'a> {
    /// Begins on a job, with what is [known](super::Results::aim) to it.
    ///
    /// # Errors
    /// If the job is none of the spec's, or what is known is of another shape.
    pub fn new(subject: &'a Subject, spec: &'a CheckedSpec, job: Job, aim: Aim) -> Result<Self, Problems> {
        let (Job::Row { seed, .. } | Job::Prediction { seed } | Job::Replay { seed, .. }) = job;
        let refused =
            |field: &str, value: String, accepted: &str| Problems(vec![Problem::new(field, &value, accepted)]);
        if !spec.seeds.contains(&seed) {
            return Err(refused("seed", seed.to_string(), "a seed of the spec"));
        }
        let rows = subject.tasks().len();
        if let Job::Row { task, .. } | Job::Replay { task, .. } = job
            && task as usize >= rows
        {
            return Err(refused("task", task.to_string(), &format!("0 to {}", rows - 1)));
        }
        let of_replay = |task: u32, arm: Arm| -> Result<Going<'a>, Problems> {
            if !acted(spec).contains(&(task as usize)) {
                return Err(refused("task", task.to_string(), "a task that is acted on"));
            }
            if spec.arms.is_empty() || !spec.all_arms().contains(&arm) {
                return Err(refused("arm", arm.name().to_owned(), "an arm of the spec"));
            }
            let split = ReplaySplit::new(spec, subject.examples().len(), seed);
            if !aim.fits(arm, split.pool.len()) {
                return Err(refused(
                    "aim",
                    format!("another than that of {}", arm.name()),
                    "what results say of the job",
                ));
            }
            if let Aim::Lost(step) = aim {
                return Ok(Going::Lost(step));
            }
            let ratio = if arm == Arm::None { 0.0 } else { spec.replay_ratio };
            let slots = Slots::new(spec.steps, spec.batch, ratio);
            let learner = learner(subject, spec, task, seed, slots.steps)?;
            let draws =
                (arm != Arm::None).then(|| Draws::new(spec, split, (task as usize, seed, arm), aim, slots.steps));
            Ok(Going::Course(Box::new(Course::of_arm(learner, slots, draws))))
        };
        Ok(Self(match (subject, job) {
            (_, Job::Row { task, seed }) => {
                let slots = Slots::new(spec.steps, spec.batch, 0.0);
                let learner = learner(subject, spec, task, seed, slots.steps)?;
                Going::Course(Box::new(Course::row(learner, slots)))
            }
            (_, Job::Replay { task, arm, .. }) => of_replay(task, arm)?,
            (Subject::Language(language), Job::Prediction { seed }) => {
                Going::Products(Box::new(Products::begin(language, spec, seed)?))
            }
            (Subject::Networks(networks), Job::Prediction { .. }) => {
                Going::Kernel { networks, spec, found: Vec::new(), tasks: 0 }
            }
        }))
    }

    /// Does a piece, some hundredths of a second; what the job comes to, with its last piece. Not to be called again
    /// after that.
    pub fn advance(&mut self) -> Option<Outcome> {
        match &mut self.0 {
            Going::Course(course) => course.advance(),
            Going::Products(products) => products.advance().map(Outcome::Prediction),
            Going::Kernel { networks, spec, found, tasks } => {
                found.extend(networks.predicted(spec, *tasks));
                *tasks += 1;
                (*tasks == networks.tasks.len())
                    .then(|| Outcome::Prediction(Predicted { rise: core::mem::take(found), preconditioned: None }))
            }
            Going::Lost(step) => Some(Outcome::Replayed(Replayed::diverged(*step))),
        }
    }

    /// The outcome, at once.
    pub fn finish(mut self) -> Outcome {
        loop {
            if let Some(outcome) = self.advance() {
                return outcome;
            }
        }
    }
}

/// The base of a subject before its first step of `steps` on a task.
fn learner<'a>(
    subject: &'a Subject,
    spec: &CheckedSpec,
    task: u32,
    seed: u32,
    steps: u32,
) -> Result<Box<dyn Learner + 'a>, Problems> {
    Ok(match subject {
        Subject::Language(language) => Box::new(Fine::begin(language, spec, task as usize, seed, steps)?),
        Subject::Networks(networks) => Box::new(Tuned::begin(networks, spec, task as usize, seed)),
    })
}
