//! One worker of the pool, as the page knows it.

use std::collections::VecDeque;

use super::Order;
use crate::experiments::engine::Engine;
use crate::experiments::job::Job;
use crate::experiments::spec::CheckedSpec;
use crate::web::protocol::ToWorker;

/// How long a worker computes before it reports, and so how soon it pauses.
const SLICE_MILLIS: f64 = 40.0;
/// Slices asked for ahead, so that a worker does not wait while the page draws.
const AHEAD: u32 = 2;

/// A job in a worker's hands.
pub struct Assigned {
    /// Its name in messages.
    pub token: u32,
    /// The seed and width.
    pub job: Job,
    /// Sample x unit x steps reported.
    pub work_done: f64,
    sent: bool,
}

/// How far a worker is with the single step it was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// None was asked for.
    #[default]
    None,
    /// It has to be told.
    Wanted,
    /// It was told and has not answered.
    Asked,
}

/// A worker, what it has in hand and what it owes.
#[derive(Default)]
pub struct Member {
    /// What it computes with.
    pub engine: Engine,
    /// Whether it has said that it is ready.
    pub ready: bool,
    /// Its jobs, the first one in training.
    pub queue: VecDeque<Assigned>,
    /// Slices asked for and not answered.
    pub asked: u32,
    /// Ticks since it was last heard, while something was expected of it.
    pub silent: u32,
    /// Its single step.
    pub step: Step,
}

impl Member {
    /// Puts a job at the end of its queue.
    pub fn assign(&mut self, token: u32, job: Job) {
        self.queue.push_back(Assigned { token, job, work_done: 0.0, sent: false });
    }

    /// Whether an answer is expected.
    pub fn owes(&self) -> bool {
        !self.ready || self.asked > 0
    }

    /// Takes all its jobs away; an order is needed only if it knows of one.
    pub fn forget(&mut self) -> (Vec<Job>, Option<ToWorker>) {
        let message = self.queue.iter().any(|assigned| assigned.sent).then_some(ToWorker::Forget);
        self.step = Step::None;
        (self.queue.drain(..).map(|assigned| assigned.job).collect(), message)
    }

    /// Tells it its new jobs and asks for work: slices while the run goes on, else a step that is wanted.
    pub fn ask(&mut self, id: u32, spec: &CheckedSpec, running: bool, orders: &mut Vec<Order>) {
        for assigned in self.queue.iter_mut().filter(|assigned| !assigned.sent) {
            assigned.sent = true;
            let (token, job) = (assigned.token, assigned.job);
            orders.push(Order::Send(id, ToWorker::Start { token, spec: (**spec).clone(), job }));
        }
        if self.queue.is_empty() {
            return;
        }
        let to_checkpoint = !running && self.step == Step::Wanted && self.asked == 0;
        let slices = if running { AHEAD.saturating_sub(self.asked) } else { u32::from(to_checkpoint) };
        if to_checkpoint {
            self.step = Step::Asked;
        }
        if self.asked == 0 {
            self.silent = 0;
        }
        for _ in 0..slices {
            self.asked += 1;
            orders.push(Order::Send(id, ToWorker::Advance { millis: SLICE_MILLIS, to_checkpoint }));
        }
    }
}
