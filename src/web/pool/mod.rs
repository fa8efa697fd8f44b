//! Which worker does what: the page's side of a run, without a browser.
//!
//! A [`Pool`] is told what the reader wants and what its workers say, and gives out [`Order`]s.
//! What it gathers depends on neither the number of workers nor the order of their answers.

mod faults;
mod member;
mod progress;

use std::collections::{BTreeMap, VecDeque};

use self::member::{Member, Step};
use self::progress::Progress;
use super::protocol::{Code, Fault, Report, ToPage, ToWorker};
use crate::experiments::Results;
use crate::experiments::job::{Job, jobs, work_of_job};

/// What the pool wants done to worker number so-and-so.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Start it.
    Spawn(u32),
    /// Tell it something.
    Send(u32, ToWorker),
    /// Terminate it; nothing that it may still say counts.
    Dismiss(u32),
}

/// What state a run is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// None was started, or it was cancelled.
    #[default]
    Idle,
    /// Workers compute.
    Running,
    /// Nobody asks for work.
    Paused,
    /// A worker failed; what was finished is kept.
    Stopped(Fault),
    /// Every job is complete.
    Finished,
}

/// What the page shows of a run beside its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The state of the run.
    pub phase: Phase,
    /// Seeds of which every job is complete.
    pub seeds_done: usize,
    /// Seeds of the run.
    pub seeds: usize,
    /// Sample x unit x steps done.
    pub work_done: f64,
    /// Sample x unit x steps of the run.
    pub work: f64,
    /// Seconds for which the run went on; pauses do not count.
    pub seconds: f64,
    /// Estimated seconds left while it runs.
    pub seconds_left: Option<f64>,
    /// Workers there are.
    pub workers: usize,
}

/// What has changed since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Events came in.
    pub data: bool,
    /// Phase, complete seeds or workers are other ones.
    pub state: bool,
}

/// The workers and the run they are on.
pub struct Pool {
    most: usize,
    members: BTreeMap<u32, Member>,
    phase: Phase,
    results: Option<Results>,
    waiting: VecDeque<Job>,
    progress: Progress,
    seeds_done: usize,
    last_member: u32,
    last_token: u32,
    orders: Vec<Order>,
    changed: Changed,
}

impl Pool {
    /// A pool of at most so many workers, with one to begin with.
    pub fn new(most: usize) -> Self {
        let mut pool = Self {
            most: most.max(1),
            members: BTreeMap::new(),
            phase: Phase::Idle,
            results: None,
            waiting: VecDeque::new(),
            progress: Progress::default(),
            seeds_done: 0,
            last_member: 0,
            last_token: 0,
            orders: Vec::new(),
            changed: Changed::default(),
        };
        pool.spawn();
        pool
    }

    /// Begins on what is open in some results; what is complete is kept. A run that went on is given up.
    pub fn start(&mut self, mut results: Results, paused: bool) {
        self.take_jobs_back();
        self.waiting = results.open_jobs().into();
        for &job in &self.waiting {
            results.discard(job);
        }
        let work = |job: &Job| work_of_job(&results.spec, job.width);
        let total = jobs(&results.spec).iter().map(work).sum::<f64>();
        self.progress = Progress::new(total, total - self.waiting.iter().map(work).sum::<f64>());
        self.results = Some(results);
        self.count_seeds();
        self.enter(if paused { Phase::Paused } else { Phase::Running });
        self.changed.data = true;
        self.pump();
    }

    /// Asks for no more work; what was asked for still comes in.
    pub fn pause(&mut self) {
        if self.phase == Phase::Running {
            self.enter(Phase::Paused);
        }
    }

    /// Goes on after a pause.
    pub fn resume(&mut self) {
        if self.phase == Phase::Paused {
            self.enter(Phase::Running);
            self.pump();
        }
    }

    /// Lets every worker go on to its next checkpoint, then rest.
    pub fn step(&mut self) {
        self.pause();
        if self.phase == Phase::Paused {
            for member in self.members.values_mut().filter(|member| member.step == Step::None) {
                member.step = Step::Wanted;
            }
            self.pump();
        }
    }

    /// Gives the run up; complete jobs are kept.
    pub fn cancel(&mut self) {
        if matches!(self.phase, Phase::Running | Phase::Paused | Phase::Stopped(_)) {
            self.take_jobs_back();
            self.waiting.clear();
            self.enter(Phase::Idle);
            self.changed.data = true;
        }
    }

    /// Goes on after a failure, with new workers for those that failed.
    pub fn retry(&mut self) {
        if !matches!(self.phase, Phase::Stopped(_)) {
            return;
        }
        let has_run =
            !self.waiting.is_empty() || !self.is_at_rest() || self.results.as_ref().is_some_and(Results::is_complete);
        self.enter(if has_run { Phase::Running } else { Phase::Idle });
        if self.members.is_empty() {
            self.spawn();
        }
        self.pump();
    }

    /// Takes in what a worker says.
    pub fn hear(&mut self, id: u32, said: Result<ToPage, Fault>) {
        let Some(member) = self.members.get_mut(&id) else { return };
        member.silent = 0;
        match said {
            Ok(ToPage::Ready { protocol, build, .. }) => match faults::unlike(protocol, &build) {
                Some(fault) => self.fail(id, fault),
                None => member.ready = true,
            },
            Ok(ToPage::Progress(packed)) => match packed.unpack() {
                Ok(reports) => self.take_in(id, reports),
                Err(fault) => self.fail(id, fault),
            },
            Ok(ToPage::Failed { token, fault }) => {
                let is_late = fault.code == Code::BadSpec && member.queue.iter().all(|job| job.token != token);
                if !is_late {
                    self.fail(id, fault);
                }
            }
            Err(fault) => {
                let fault = if member.ready { fault } else { faults::before_ready(fault) };
                self.fail(id, fault);
            }
        }
        self.pump();
    }

    /// To be called once a second: finds workers that do not answer.
    pub fn tick(&mut self) {
        for member in self.members.values_mut().filter(|member| member.owes()) {
            member.silent += 1;
        }
        let overdue = |(&id, member): (&u32, &Member)| faults::overdue(member).map(|fault| (id, fault));
        for (id, fault) in self.members.iter().filter_map(overdue).collect::<Vec<_>>() {
            self.fail(id, fault);
        }
        self.pump();
    }

    /// What the run has gathered.
    pub fn results(&self) -> Option<&Results> {
        self.results.as_ref()
    }

    /// How the run stands.
    pub fn status(&self) -> Status {
        let in_hand = self.members.values().flat_map(|member| &member.queue).map(|assigned| assigned.work_done);
        let work_done = self.progress.finished + in_hand.sum::<f64>();
        let running = self.phase == Phase::Running;
        Status {
            phase: self.phase.clone(),
            seeds_done: self.seeds_done,
            seeds: self.results.as_ref().map_or(0, |results| results.spec.seeds.len()),
            work_done,
            work: self.progress.total,
            seconds: self.progress.seconds(),
            seconds_left: if running { self.progress.seconds_left(work_done) } else { None },
            workers: self.members.len(),
        }
    }

    /// What is to be done now, in this order.
    pub fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.orders)
    }

    /// What has changed since this was last asked.
    pub fn take_changed(&mut self) -> Changed {
        std::mem::take(&mut self.changed)
    }

    fn enter(&mut self, phase: Phase) {
        self.progress.run(phase == Phase::Running);
        if phase != Phase::Paused {
            self.members.values_mut().for_each(|member| member.step = Step::None);
        }
        self.changed.state |= self.phase != phase;
        self.phase = phase;
    }

    fn spawn(&mut self) {
        self.last_member += 1;
        self.members.insert(self.last_member, Member::default());
        self.orders.push(Order::Spawn(self.last_member));
        self.changed.state = true;
    }

    fn is_at_rest(&self) -> bool {
        self.members.values().all(|member| member.queue.is_empty())
    }

    /// Keeps the workers busy, as far as the phase allows.
    fn pump(&mut self) {
        if !matches!(self.phase, Phase::Running | Phase::Paused) {
            return;
        }
        if self.waiting.is_empty() && self.is_at_rest() {
            return self.enter(Phase::Finished);
        }
        let free = self.members.values().filter(|member| member.queue.is_empty()).count();
        let lacking = self.waiting.len().saturating_sub(free);
        for _ in 0..lacking.min(self.most.saturating_sub(self.members.len())) {
            self.spawn();
        }
        let Some(results) = &self.results else { return };
        let running = self.phase == Phase::Running;
        let crowd = self.members.len();
        for (&id, member) in self.members.iter_mut().filter(|(_, member)| member.ready) {
            // One job ahead, so that no worker waits for the page between two small jobs; not near
            // the end, where a free worker would lack it.
            let wanted = if running && self.waiting.len() > 2 * crowd { 2 } else { 1 };
            while member.queue.len() < wanted {
                let Some(job) = self.waiting.pop_front() else { break };
                self.last_token = self.last_token.wrapping_add(1);
                member.assign(self.last_token, job);
            }
            member.ask(id, &results.spec, running, &mut self.orders);
        }
    }

    fn take_in(&mut self, id: u32, reports: Vec<Report>) {
        let (Some(member), Some(results)) = (self.members.get_mut(&id), &mut self.results) else { return };
        member.asked = member.asked.saturating_sub(1);
        let mut finished_any = false;
        let mut stepped = false;
        for report in reports {
            let Some(place) = member.queue.iter().position(|assigned| assigned.token == report.token) else { continue };
            let assigned = &mut member.queue[place];
            assigned.work_done = report.work_done;
            stepped |= !report.events.is_empty() || report.done;
            for event in report.events {
                results.add(assigned.job, event);
            }
            if report.done {
                self.progress.finished += work_of_job(&results.spec, assigned.job.width);
                member.queue.remove(place);
                finished_any = true;
            }
        }
        if member.step == Step::Asked {
            member.step = if stepped { Step::None } else { Step::Wanted };
        }
        self.changed.data |= stepped;
        if finished_any {
            self.count_seeds();
        }
    }

    fn count_seeds(&mut self) {
        let done = self.results.as_ref().map_or(0, Results::complete_seeds);
        self.changed.state |= done != self.seeds_done;
        self.seeds_done = done;
    }

    /// Takes every job out of the workers' hands; what it has reported is forgotten.
    fn take_jobs_back(&mut self) {
        for (&id, member) in &mut self.members {
            let (jobs, message) = member.forget();
            self.orders.extend(message.map(|message| Order::Send(id, message)));
            for job in jobs {
                self.waiting.push_front(job);
                if let Some(results) = &mut self.results {
                    results.discard(job);
                }
            }
        }
    }

    /// Dismisses a worker. Its jobs wait again, and the run stops unless it could do without it.
    fn fail(&mut self, id: u32, fault: Fault) {
        let Some(mut member) = self.members.remove(&id) else { return };
        self.orders.push(Order::Dismiss(id));
        self.changed.state = true;
        let (jobs, _) = member.forget();
        for &job in jobs.iter().rev() {
            self.waiting.push_front(job);
            if let Some(results) = &mut self.results {
                results.discard(job);
                self.changed.data = true;
            }
        }
        if faults::stops_the_run(&self.phase, &member) {
            self.enter(Phase::Stopped(fault));
        }
    }
}
