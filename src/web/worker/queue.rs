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
use crate::web::protocol::{Bytes, Code, Fault, Packed, Report, ToPage, ToWorker};

/// Sample x unit x steps between two looks at the clock: a few milliseconds on a slow device.
const STRIDE: f64 = 1e6;

/// Jobs, the first one in training.
#[derive(Default)]
pub struct Queue(VecDeque<InHand>);

struct InHand {
    token: u32,
    spec: CheckedSpec,
    run: JobRun,
}

impl Queue {
    /// Does what the page asks; the answer, if there is one.
    pub fn answer(&mut self, message: ToWorker) -> Option<ToPage> {
        match message {
            ToWorker::Start { token, spec, job, from } => {
                IN_HAND.set(token);
                match begin(spec, job, from) {
                    Ok((spec, run)) => {
                        self.0.push_back(InHand { token, spec, run });
                        None
                    }
                    Err(fault) => Some(ToPage::Failed { token, fault }),
                }
            }
            ToWorker::Advance { millis, to_checkpoint } => {
                Some(progress(&self.advance(now_millis() + millis, to_checkpoint)))
            }
            ToWorker::Save => Some(progress(&self.save())),
            ToWorker::Rewind { token, to_start } => Some(progress(&self.rewind(token, to_start))),
            ToWorker::Forget => {
                self.0.clear();
                None
            }
        }
    }

    /// Trains until the deadline, or until the first job has something to report.
    fn advance(&mut self, deadline: f64, to_checkpoint: bool) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some(InHand { token, run, .. }) = self.0.front_mut() {
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

    /// Where every job stands that has begun.
    fn save(&self) -> Vec<Report> {
        let begun = self.0.iter().filter(|in_hand| in_hand.run.work_done() > 0.0);
        begun.filter_map(|in_hand| Some(in_hand.report(Some(in_hand.state()?)))).collect()
    }

    fn rewind(&mut self, token: u32, to_start: bool) -> Vec<Report> {
        let Some(in_hand) = self.0.iter_mut().find(|in_hand| in_hand.token == token) else { return Vec::new() };
        IN_HAND.set(token);
        let job = in_hand.run.job();
        let rewound = || JobRun::resume(&in_hand.spec, in_hand.run.checkpoint()?.rewound(&in_hand.spec));
        let earlier = if to_start { None } else { rewound() };
        in_hand.run = earlier.unwrap_or_else(|| JobRun::new(&in_hand.spec, job));
        vec![in_hand.report(None)]
    }
}

impl InHand {
    /// A report without events.
    fn report(&self, state: Option<Bytes>) -> Report {
        Report { token: self.token, events: Vec::new(), work_done: self.run.work_done(), done: false, state }
    }

    /// Where the job stands, for another worker.
    fn state(&self) -> Option<Bytes> {
        postcard::to_stdvec(&self.run.checkpoint()?).ok().map(Bytes)
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
fn begin(spec: Spec, job: Job, from: Option<Bytes>) -> Result<(CheckedSpec, JobRun), Fault> {
    let refused = |why: String| Fault::new(Code::BadSpec, format!("The worker refused the settings: {why}."));
    let spec = spec.check(&Limits::NATIVE).map_err(|problems| refused(problems.to_string()))?;
    if !spec.seeds.contains(&job.seed) || !spec.widths.contains(&job.width) {
        return Err(refused(format!("seed {} at width {} is not part of them", job.seed, job.width)));
    }
    let Some(Bytes(state)) = from else { return Ok((spec.clone(), JobRun::new(&spec, job))) };
    let read = postcard::from_bytes::<JobCheckpoint>(&state).ok().filter(|checkpoint| checkpoint.job == job);
    let Some(run) = read.and_then(|checkpoint| JobRun::resume(&spec, checkpoint)) else {
        let text = format!("What was kept of seed {} at width {} cannot be gone on from.", job.seed, job.width);
        return Err(Fault::new(Code::BadState, text));
    };
    Ok((spec, run))
}
