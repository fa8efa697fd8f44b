//! The jobs that a worker has in hand.

use std::collections::VecDeque;

use super::IN_HAND;
use super::asked::{checked, kept, part_of, unfit};
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::experiments::run::JobRun;
use crate::experiments::spec::{CheckedSpec, Spec};
use crate::platform::now_millis;
use crate::web::protocol::{Berth, Fault, Packed, Report, ToPage, ToWorker};

/// Sample x unit x steps between two looks at the clock: a few milliseconds on a slow device.
const STRIDE: f64 = 1e6;

/// Jobs with their tokens, the first one in training.
#[derive(Default)]
pub struct Queue(VecDeque<(u32, JobRun)>);

/// The report of a job without events.
fn standing((token, run): (u32, &JobRun)) -> Report {
    Report { token, events: Vec::new(), work_done: run.work_done(), done: run.is_done(), state: None }
}

impl Queue {
    /// Does what the page asks; the answer, if there is one.
    pub fn answer(&mut self, message: ToWorker) -> Option<ToPage> {
        match message {
            ToWorker::Start { spec, jobs } => match self.begin(*spec, &jobs) {
                Ok(()) => None,
                Err(fault) => Some(ToPage::Failed { token: IN_HAND.get(), fault }),
            },
            ToWorker::Advance { millis, to_checkpoint, keep } => {
                let mut reports = self.advance(now_millis() + millis, to_checkpoint);
                if keep {
                    self.add_states(&mut reports);
                }
                Some(progress(&reports))
            }
            ToWorker::Rewind { token, to_start } => Some(progress(&self.rewind(token, to_start))),
            ToWorker::Forget => {
                self.0.clear();
                None
            }
            // What only a GPU's worker is asked, or the desk.
            ToWorker::Load | ToWorker::Time { .. } | ToWorker::Ask(_) => None,
        }
    }

    fn begin(&mut self, spec: Spec, jobs: &Packed) -> Result<(), Fault> {
        let jobs: Vec<Berth> = jobs.unpack()?;
        IN_HAND.set(jobs.first().map_or(0, |berth| berth.token));
        let spec = checked(spec)?;
        for Berth { token, job, state } in jobs {
            IN_HAND.set(token);
            part_of(&spec, job)?;
            let run = match state {
                None => JobRun::new(&spec, job),
                Some(state) => gone_on(&spec, job, &state)?,
            };
            self.0.push_back((token, run));
        }
        Ok(())
    }

    /// Trains until the deadline, or until the first job has something to report.
    fn advance(&mut self, deadline: f64, to_checkpoint: bool) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some((token, run)) = self.0.front_mut() {
            IN_HAND.set(*token);
            let events = train(run, deadline, to_checkpoint);
            let done = run.is_done();
            reports.push(Report { token: *token, events, work_done: run.work_done(), done, state: None });
            if done {
                self.0.pop_front();
            }
            if to_checkpoint || now_millis() >= deadline {
                break;
            }
        }
        reports
    }

    /// Says where every job stands that has begun and not ended.
    fn add_states(&self, reports: &mut Vec<Report>) {
        for (token, run) in self.0.iter().filter(|(_, run)| run.work_done() > 0.0) {
            let Some(state) = run.checkpoint().and_then(|checkpoint| Packed::new(&checkpoint).ok()) else { continue };
            let place = reports.iter().position(|report| report.token == *token).unwrap_or_else(|| {
                reports.push(standing((*token, run)));
                reports.len() - 1
            });
            reports[place].state = Some(state);
        }
    }

    fn rewind(&mut self, token: u32, to_start: bool) -> Vec<Report> {
        let Some((_, run)) = self.0.iter_mut().find(|(own, _)| *own == token) else { return Vec::new() };
        IN_HAND.set(token);
        *run = run.rewound(to_start);
        vec![standing((token, run))]
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

/// A job that another worker had before.
fn gone_on(spec: &CheckedSpec, job: Job, state: &Packed) -> Result<JobRun, Fault> {
    JobRun::resume(spec, kept(job, state)?).ok_or_else(|| unfit(job))
}
