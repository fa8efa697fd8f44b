//! The jobs that a worker has in hand.

use std::collections::VecDeque;

use super::IN_HAND;
use crate::experiments::checkpoint::JobCheckpoint;
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::experiments::limits::Limits;
use crate::experiments::run::JobRun;
use crate::experiments::spec::{CheckedSpec, Spec};
use crate::platform::now_millis;
use crate::web::protocol::{Berth, Code, Fault, Packed, Report, ToPage, ToWorker};

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
            ToWorker::Start { spec, jobs } => match self.begin(spec, &jobs) {
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
            let run = match state {
                None => JobRun::new(&spec, job),
                Some(state) => gone_on(&spec, job, &state),
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

    fn rewind(&mut self, jobs: &[(u32, bool)]) -> Vec<Report> {
        let mut reports = Vec::new();
        for (token, run) in &mut self.0 {
            if let Some((_, to_start)) = jobs.iter().find(|(own, _)| own == token) {
                IN_HAND.set(*token);
                *run = run.rewound(*to_start);
                reports.push(standing((*token, run)));
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

/// The page has checked the spec and capped the work of the whole run; one job is never too much.
fn checked(spec: Spec) -> Result<CheckedSpec, Fault> {
    spec.check(&Limits::NATIVE).map_err(|problems| refused(&problems))
}

/// A job that another worker had before. A state that does not fit costs the time it would have saved:
/// what is reported twice is known to the page.
fn gone_on(spec: &CheckedSpec, job: Job, state: &Packed) -> JobRun {
    let checkpoint: Option<JobCheckpoint> = state.unpack().ok();
    let run = checkpoint.filter(|checkpoint| checkpoint.job == job).and_then(|found| JobRun::resume(spec, found));
    run.unwrap_or_else(|| JobRun::new(spec, job))
}

fn part_of(spec: &CheckedSpec, job: Job) -> Result<(), Fault> {
    if spec.seeds.contains(&job.seed) && spec.widths.contains(&job.width) {
        return Ok(());
    }
    Err(refused(&format_args!("seed {} at width {} is not part of them", job.seed, job.width)))
}

fn refused(why: &dyn core::fmt::Display) -> Fault {
    Fault::new(Code::BadSpec, format!("The worker refused the settings: {why}."))
}
