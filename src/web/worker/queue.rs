//! The jobs that a worker has in hand.

use std::collections::VecDeque;

use super::{IN_HAND, checked, part_of};
use crate::experiments::checkpoint::JobCheckpoint;
use crate::experiments::event::Event;
use crate::experiments::run::JobRun;
use crate::experiments::spec::Spec;
use crate::platform::now_millis;
use crate::web::protocol::{Berth, Fault, Packed, Report, ToPage, ToWorker};

/// Sample x unit x steps between two looks at the clock: a few milliseconds on a slow device.
const STRIDE: f64 = 1e6;

/// Jobs with their tokens, the first one in training.
#[derive(Default)]
pub struct Queue(VecDeque<(u32, JobRun)>);

impl Queue {
    /// Does what the page asks; the answer, if there is one.
    pub fn answer(&mut self, message: ToWorker) -> Option<ToPage> {
        match message {
            ToWorker::Start { spec, jobs } => match self.begin(spec, &jobs) {
                Ok(()) => None,
                Err(fault) => Some(ToPage::Failed { token: IN_HAND.get(), fault }),
            },
            ToWorker::Advance { millis, to_checkpoint, keep } => {
                Some(progress(&self.advance(now_millis() + millis, to_checkpoint, keep)))
            }
            ToWorker::Rewind { jobs } => Some(progress(&self.rewind(&jobs))),
            ToWorker::Forget => {
                self.0.clear();
                None
            }
            // What only a GPU's worker is asked.
            ToWorker::Load | ToWorker::Time { .. } => None,
        }
    }

    fn begin(&mut self, spec: Spec, jobs: &Packed) -> Result<(), Fault> {
        let jobs: Vec<Berth> = jobs.unpack()?;
        let spec = checked(spec)?;
        for Berth { token, job, state } in jobs {
            IN_HAND.set(token);
            part_of(&spec, job)?;
            // A state that does not fit costs the time it would have saved: what is told twice is known.
            let state = state.and_then(|state| state.unpack::<JobCheckpoint>().ok()).filter(|state| state.job == job);
            let resumed = state.and_then(|state| JobRun::resume(&spec, state));
            self.0.push_back((token, resumed.unwrap_or_else(|| JobRun::new(&spec, job))));
        }
        Ok(())
    }

    /// Trains until the deadline, or until the first job has something to report.
    fn advance(&mut self, deadline: f64, to_checkpoint: bool, keep: bool) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some((token, run)) = self.0.front_mut() {
            IN_HAND.set(*token);
            let events = train(run, deadline, to_checkpoint);
            let done = run.is_done();
            let state = if keep { run.checkpoint() } else { None };
            let state = state.and_then(|state| Packed::new(&state).ok());
            reports.push(Report { token: *token, events, work_done: run.work_done(), done, state });
            if done {
                self.0.pop_front();
            }
            if to_checkpoint || now_millis() >= deadline {
                break;
            }
        }
        reports
    }

    fn rewind(&mut self, jobs: &[(u32, bool)]) -> Vec<Report> {
        let mut reports = Vec::new();
        for (token, run) in &mut self.0 {
            if let Some((_, to_start)) = jobs.iter().find(|(own, _)| own == token) {
                IN_HAND.set(*token);
                *run = run.rewound(*to_start);
                let (token, work_done) = (*token, run.work_done());
                reports.push(Report { token, events: Vec::new(), work_done, done: false, state: None });
            }
        }
        reports
    }
}

fn progress(reports: &[Report]) -> ToPage {
    match Packed::new(reports) {
        Ok(packed) => ToPage::Progress(packed),
        Err(fault) => ToPage::Failed { token: IN_HAND.get(), fault },
    }
}

fn train(run: &mut JobRun, deadline: f64, to_checkpoint: bool) -> Vec<Event> {
    let mut events = Vec::new();
    while !run.is_done() {
        events.append(&mut run.advance(STRIDE));
        if (to_checkpoint && !events.is_empty()) || now_millis() >= deadline {
            break;
        }
    }
    events
}
