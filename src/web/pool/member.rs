//! One worker of the pool, as the page knows it.

use std::collections::VecDeque;

use super::{Order, Saved};
use crate::experiments::Results;
use crate::experiments::engine::Engine;
use crate::experiments::job::Job;
use crate::experiments::spec::CheckedSpec;
use crate::web::protocol::{Berth, Fault, Packed, ToWorker};

/// How long a worker computes before it reports, and so how soon it pauses.
const SLICE_MILLIS: f64 = 40.0;
/// The same on a GPU, which is the faster the less often it is interrupted.
const GPU_SLICE_MILLIS: f64 = 100.0;
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
    /// Where it began, until the worker knows.
    state: Option<Packed>,
    /// Whether it began where another worker, or another visit, left it.
    gone_on: bool,
    sent: bool,
}

impl Assigned {
    /// Whether it was gone on with from a place that was not its own: what it has reported is no whole.
    pub fn is_unlike(&self, results: &Results) -> bool {
        self.gone_on && results.job(self.job).is_some_and(|traces| !traces.fits(&results.spec))
    }
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
    /// Whether something else than slices is expected of it.
    pub awaited: bool,
    /// Its jobs, the first one in training.
    pub queue: VecDeque<Assigned>,
    /// Slices asked for and not answered.
    pub asked: u32,
    /// Ticks since it was last heard, while something was expected of it.
    pub silent: u32,
    /// Its single step.
    pub step: Step,
    /// Whether it is to report where its jobs stand.
    pub keep: bool,
    /// Whether its jobs are to be put back once it rests.
    pub rewind: bool,
}

impl Member {
    /// A worker that has to say that it is there.
    pub fn new(engine: Engine) -> Self {
        Self { engine, awaited: true, ..Self::default() }
    }

    /// Whether it computes on the CPU.
    pub fn is_on_cpu(&self) -> bool {
        !self.engine.is_on_gpu()
    }

    /// Puts a job at the end of its queue, to go on from where it stood if that is known.
    pub fn assign(&mut self, token: u32, job: Job, saved: Option<&Saved>) {
        let work_done = saved.map_or(0.0, |saved| saved.work_done);
        let state = saved.map(|saved| saved.state.clone());
        self.queue.push_back(Assigned { token, job, work_done, state, gone_on: saved.is_some(), sent: false });
    }

    /// Whether an answer is expected.
    pub fn owes(&self) -> bool {
        self.awaited || self.asked > 0
    }

    /// Takes all its jobs away; an order is needed only if it knows of one.
    pub fn forget(&mut self) -> (Vec<Job>, Option<ToWorker>) {
        let message = self.queue.iter().any(|assigned| assigned.sent).then_some(ToWorker::Forget);
        self.step = Step::None;
        self.rewind = false;
        (self.queue.drain(..).map(|assigned| assigned.job).collect(), message)
    }

    /// Tells it its new jobs and asks for work: slices while the run goes on, else a step that is wanted.
    ///
    /// # Errors
    /// [`Code::Garbled`](crate::web::protocol::Code::Garbled) if the jobs cannot be told.
    pub fn ask(&mut self, id: u32, spec: &CheckedSpec, running: bool, orders: &mut Vec<Order>) -> Result<(), Fault> {
        let berth = |assigned: &mut Assigned| {
            assigned.sent = true;
            Berth { token: assigned.token, job: assigned.job, state: assigned.state.take() }
        };
        let berths: Vec<Berth> = self.queue.iter_mut().filter(|assigned| !assigned.sent).map(berth).collect();
        if !berths.is_empty() {
            let jobs = Packed::new(&berths)?;
            orders.push(Order::Send(id, ToWorker::Start { spec: Box::new((**spec).clone()), jobs }));
        }
        if self.queue.is_empty() {
            return Ok(());
        }
        let to_checkpoint = !running && self.step == Step::Wanted && self.asked == 0;
        let slices = if running { AHEAD.saturating_sub(self.asked) } else { u32::from(to_checkpoint) };
        if to_checkpoint {
            self.step = Step::Asked;
        }
        if self.asked == 0 {
            self.silent = 0;
        }
        let millis = if self.is_on_cpu() { SLICE_MILLIS } else { GPU_SLICE_MILLIS };
        for _ in 0..slices {
            self.asked += 1;
            let keep = core::mem::take(&mut self.keep);
            orders.push(Order::Send(id, ToWorker::Advance { millis, to_checkpoint, keep }));
        }
        Ok(())
    }
}
