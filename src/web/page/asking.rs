//! Questions to a worker of their own: records are written, read and compared beside the page, whatever
//! the workers that train are at.

use super::frame::update;
use super::state::State;
use crate::experiments::event::Point;
use crate::experiments::results::{JobTraces, Trace};
use crate::experiments::{Engine, Event, Job};
use crate::platform::now_millis;
use crate::record::link::science;
use crate::web::pool::unlike;
use crate::web::protocol::{Answer, Asked, Fault, Packed, ToPage, ToWorker, Traced};
use crate::web::thread::Thread;

type Hear = Box<dyn FnOnce(&mut State, Result<Answer, String>)>;

/// Networks in one message, at most: packing them takes about a millisecond.
const AT_ONCE: usize = 16;

/// A question on its way.
pub(super) struct Asking {
    id: u32,
    thread: Thread,
    is_ready: bool,
    /// The question, until it is sent.
    asked: Option<Asked>,
    /// Whether results go before the question; the last job that has been sent.
    about_results: bool,
    sent: Option<Job>,
    hear: Hear,
}

impl State {
    /// Asks a worker, about the present results or about nothing; `hear` is given its answer, or why there
    /// is none.
    pub fn ask_worker(
        &mut self,
        asked: Asked,
        about_results: bool,
        hear: impl FnOnce(&mut Self, Result<Answer, String>) + 'static,
    ) {
        self.last_asking += 1;
        let id = self.last_asking;
        let spawned = Thread::spawn(Engine::FusedCpu, move |said| update(move |state| state.hear_worker(id, said)));
        match spawned {
            Ok(thread) => {
                let hear = Box::new(hear);
                let asked = Some(asked);
                self.askings.push(Asking { id, thread, is_ready: false, asked, about_results, sent: None, hear });
            }
            Err(fault) => hear(self, Err(fault.text)),
        }
    }

    /// Whether something is still to be said to a worker.
    pub fn has_to_ask(&self) -> bool {
        self.askings.iter().any(|asking| asking.is_ready && asking.asked.is_some())
    }

    /// Says a piece of what is to be said, until the clock says `deadline`.
    pub fn ask_on(&mut self, deadline: f64) {
        while self.has_to_ask() && now_millis() < deadline {
            let Some(index) = self.askings.iter().position(|asking| asking.is_ready && asking.asked.is_some()) else {
                return;
            };
            let mut asking = self.askings.swap_remove(index);
            let said = self.say(&mut asking);
            match said {
                Ok(()) => self.askings.push(asking),
                Err(fault) => (asking.hear)(self, Err(fault.text)),
            }
        }
    }

    /// Gives up what needs results that are about to be replaced.
    pub fn stop_asking(&mut self) {
        let (stopped, kept) =
            std::mem::take(&mut self.askings).into_iter().partition(|a: &Asking| a.about_results && a.asked.is_some());
        self.askings = kept;
        for asking in stopped {
            (asking.hear)(self, Err("Another run was begun".to_owned()));
        }
    }

    fn say(&self, asking: &mut Asking) -> Result<(), Fault> {
        let mut jobs = Vec::new();
        if let Some(results) = self.results().filter(|_| asking.about_results) {
            while jobs.len() < AT_ONCE
                && let Some((&job, traces)) = results.job_after(asking.sent)
            {
                jobs.push(traced(job, traces));
                asking.sent = Some(job);
            }
            if !jobs.is_empty() {
                return asking.send(&Asked::Gather { link: science(&results.spec), jobs });
            }
        }
        asking.asked.take().map_or(Ok(()), |asked| asking.send(&asked))
    }

    fn hear_worker(&mut self, id: u32, said: Result<ToPage, Fault>) {
        let Some(index) = self.askings.iter().position(|asking| asking.id == id) else { return };
        let answer = match said {
            Ok(ToPage::Ready { protocol, build, .. }) => match unlike(protocol, &build) {
                Some(fault) => Err(fault),
                None => {
                    self.askings[index].is_ready = true;
                    return;
                }
            },
            Ok(ToPage::Answer(packed)) => packed.unpack(),
            Ok(ToPage::Failed { fault, .. }) | Err(fault) => Err(fault),
            Ok(_) => return,
        };
        let asking = self.askings.swap_remove(index);
        let answer = match answer {
            Ok(Answer::Refused(why)) => Err(why),
            Ok(answer) => Ok(answer),
            Err(fault) => Err(fault.text),
        };
        (asking.hear)(self, answer);
    }
}

impl Asking {
    fn send(&self, asked: &Asked) -> Result<(), Fault> {
        self.thread.send(&ToWorker::Ask(Packed::new(asked)?))
    }
}

/// What a job has reported, with the functions at the ends of its phases only.
fn traced(job: Job, traces: &JobTraces) -> Traced {
    let mut events = Vec::new();
    let mut tell = |branch: Option<u32>, trace: &Trace| {
        for (index, point) in trace.points.iter().enumerate() {
            let mut point = point.clone();
            if index + 1 < trace.points.len() {
                point.function = Vec::new();
            }
            events.push(Event::Checkpoint { branch, point });
        }
        events.extend(trace.ending.map(|ending| Event::Ended { branch, ending }));
    };
    tell(None, &traces.pretraining);
    for (branch, trace) in (0..).zip(&traces.fine_tuning) {
        tell(Some(branch), trace);
    }
    for (branch, prediction) in (0..).zip(&traces.predicted) {
        let curve = prediction.points.iter().map(|point| Point { function: Vec::new(), ..*point });
        events.extend(curve.map(|point| Event::Predicted { branch, point }));
        events.extend(prediction.gaps.iter().map(|&gap| Event::Gap { branch, gap }));
    }
    for (branch, spending) in (0..).zip(&traces.spending) {
        events.extend(spending.plan.clone().map(|plan| Event::Planned { branch, plan }));
        events.extend(spending.over_time.map(|over_time| Event::Looked { branch, over_time }));
    }
    for (branch, looks) in (0..).zip(&traces.tasks) {
        events.extend(looks.iter().map(|tasks| Event::Tasks { branch, tasks: tasks.clone() }));
    }
    Traced { job, engine: traces.engine, events }
}
