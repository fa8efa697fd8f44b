//! One job, piece by piece.

use super::fine_tuning::Fine;
use super::job::{Job, Outcome, Predicted};
use super::networks::Networks;
use super::products::Products;
use super::spec::CheckedSpec;
use super::subject::Subject;
use crate::error::{Problem, Problems};

/// A job in hand. Ask for more with [`Self::advance`]; not asking is pausing, dropping is cancelling.
pub struct Run<'a>(Going<'a>);

enum Going<'a> {
    Fine(Box<Fine<'a>>),
    Products(Box<Products<'a>>),
    Network {
        networks: &'a Networks,
        spec: &'a CheckedSpec,
        task: usize,
        seed: u32,
    },
    /// What is predicted of the first tasks.
    Kernel {
        networks: &'a Networks,
        spec: &'a CheckedSpec,
        found: Vec<f32>,
        tasks: usize,
    },
}

impl<'a> Run<'a> {
    /// Begins on a job.
    ///
    /// # Errors
    /// If the job is none of the spec's.
    pub fn new(subject: &'a Subject, spec: &'a CheckedSpec, job: Job) -> Result<Self, Problems> {
        let (Job::Row { seed, .. } | Job::Prediction { seed }) = job;
        if !spec.seeds.contains(&seed) {
            return Err(Problems(vec![Problem::new("seed", &seed.to_string(), "a seed of the spec")]));
        }
        let rows = subject.tasks().len();
        if let Job::Row { task, .. } = job
            && task as usize >= rows
        {
            return Err(Problems(vec![Problem::new("task", &task.to_string(), format!("0 to {}", rows - 1))]));
        }
        Ok(Self(match (subject, job) {
            (Subject::Language(language), Job::Row { task, seed }) => {
                Going::Fine(Box::new(Fine::begin(language, spec, task as usize, seed)?))
            }
            (Subject::Language(language), Job::Prediction { seed }) => {
                Going::Products(Box::new(Products::begin(language, spec, seed)?))
            }
            (Subject::Networks(networks), Job::Row { task, seed }) => {
                Going::Network { networks, spec, task: task as usize, seed }
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
            Going::Fine(fine) => fine.advance().map(Outcome::Row),
            Going::Products(products) => products.advance().map(Outcome::Prediction),
            Going::Network { networks, spec, task, seed } => Some(Outcome::Row(networks.row(spec, *task, *seed))),
            Going::Kernel { networks, spec, found, tasks } => {
                found.extend(networks.predicted(spec, *tasks));
                *tasks += 1;
                (*tasks == networks.tasks.len())
                    .then(|| Outcome::Prediction(Predicted { rise: core::mem::take(found), preconditioned: None }))
            }
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
