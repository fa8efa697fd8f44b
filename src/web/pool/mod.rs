//! Which worker does what: the page's side of a run, without a browser.
//!
//! A [`Pool`] is told what the reader wants and what its workers say, and gives out [`Order`]s.
//! What it gathers depends on neither the number of workers nor the order of their answers.

mod dispatch;
mod faults;
mod gpu;
mod member;
mod progress;
mod saved;
mod status;

use std::collections::VecDeque;

pub use self::faults::unlike;
use self::gpu::Gpu;
use self::member::{Member, Step};
use self::progress::Progress;
pub use self::saved::{Kept, Resumed, Saved};
pub use self::status::{Changed, Phase, Status};
use super::devices::Stage;
use super::protocol::{Code, Fault, ToPage, ToWorker};
use crate::experiments::job::{Job, jobs, work_of_job};
use crate::experiments::{Engine, Results};
use crate::sorted_map::SortedMap;

/// Seconds between two states of the jobs in hand that are kept: as much work is lost with a worker, or
/// with the page, at most.
const KEEP: u32 = 4;

/// What the pool wants done to worker number so-and-so.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Start it; the GPU's begins by looking for a GPU.
    Spawn(u32, Engine),
    /// Tell it something.
    Send(u32, ToWorker),
    /// Terminate it; nothing that it may still say counts.
    Dismiss(u32),
}

/// The workers and the run they are on.
pub struct Pool {
    most: usize,
    members: SortedMap<u32, Member>,
    phase: Phase,
    results: Option<Results>,
    waiting: VecDeque<Job>,
    /// Where unfinished jobs stood when that was last reported.
    saved: SortedMap<Job, Saved>,
    /// Jobs that are kept between visits as they were before.
    unkept: SortedMap<Job, ()>,
    gpu: Gpu,
    news: Vec<String>,
    seconds: u32,
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
            members: SortedMap::new(),
            phase: Phase::Idle,
            results: None,
            waiting: VecDeque::new(),
            saved: SortedMap::new(),
            unkept: SortedMap::new(),
            gpu: Gpu::default(),
            news: Vec::new(),
            seconds: 0,
            progress: Progress::default(),
            seeds_done: 0,
            last_member: 0,
            last_token: 0,
            orders: Vec::new(),
            changed: Changed::default(),
        };
        pool.spawn(Engine::FusedCpu);
        pool
    }

    /// Begins on what is open in some results; what is complete is kept. A run that went on is given up.
    pub fn start(&mut self, results: Results, paused: bool) {
        self.go_on(Resumed { results, saved: SortedMap::new() }, paused);
        let results = self.results.iter();
        self.unkept =
            results.flat_map(Results::jobs).filter(|(_, t)| t.is_complete()).map(|(&job, _)| (job, ())).collect();
    }

    /// Begins on what is open in a run that was kept; jobs whose place is known go on from there.
    pub fn go_on(&mut self, run: Resumed, paused: bool) {
        self.take_jobs_back();
        let Resumed { mut results, saved } = run;
        self.gpu.begin_run(results.spec.engine_on_gpu());
        self.waiting = results.open_jobs().into();
        for job in self.waiting.iter().filter(|job| !saved.contains_key(job)) {
            results.discard(*job);
        }
        // What was begun comes first.
        let (begun, open): (VecDeque<Job>, VecDeque<Job>) =
            self.waiting.drain(..).partition(|job| saved.contains_key(job));
        self.waiting.extend(begun.into_iter().chain(open));
        let work = |job: &Job| work_of_job(&results.spec, job.width);
        let total = jobs(&results.spec).iter().map(work).sum::<f64>();
        let begun: f64 = saved.values().map(|saved| saved.work_done).sum();
        self.progress = Progress::new(total, total - self.waiting.iter().map(work).sum::<f64>(), begun);
        (self.saved, self.unkept) = (saved, SortedMap::new());
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
        if self.crowd() == 0 {
            self.spawn(self.engine_on_cpu());
        }
        self.gpu.begin_run(gpu::on_gpu(self.results.as_ref().map(|results| &results.spec)));
        self.pump();
    }

    /// Takes in what a worker says.
    pub fn hear(&mut self, id: u32, said: Result<ToPage, Fault>) {
        let Some(member) = self.members.get_mut(&id) else { return };
        member.silent = 0;
        match said {
            Ok(ToPage::Ready { protocol, build, engine }) => {
                match faults::unlike(protocol, &build).or_else(|| faults::unasked(engine, member.engine)) {
                    Some(fault) => self.fail(id, fault),
                    None if self.gpu.id == Some(id) => self.reach(Stage::Testing, true),
                    None => (member.awaited, member.ready) = (false, true),
                }
            }
            Ok(ToPage::Found(adapter)) => self.found(adapter),
            Ok(ToPage::Loading { bytes, of }) => self.reach(Stage::Loading { bytes, of }, true),
            Ok(ToPage::Tested(test)) => self.tested(id, test),
            Ok(ToPage::Timed { token, speed }) => self.timed(token, speed),
            Ok(ToPage::Progress(packed)) => match packed.unpack() {
                Ok(reports) => self.take_in(id, reports),
                Err(fault) => self.fail(id, fault),
            },
            // Nobody in the pool is asked for one.
            Ok(ToPage::Answer(_)) => {}
            Ok(ToPage::Failed { token, fault }) if fault.code == Code::BadState => self.refuse_state(id, token),
            Ok(ToPage::Failed { token, fault }) => {
                // Only what was asked for by name can have become nobody's.
                let is_late =
                    token != 0 && fault.code == Code::BadSpec && member.queue.iter().all(|job| job.token != token);
                if !is_late {
                    self.fail(id, fault);
                }
            }
            Err(fault) => {
                let fault = if member.ready { fault } else { faults::before_ready(fault) };
                self.fail(id, fault);
            }
        }
        self.ready_the_gpu();
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
        self.seek_gpu();
        self.seconds += 1;
        if self.seconds.is_multiple_of(KEEP) {
            self.members.values_mut().for_each(|member| member.keep = true);
        }
        self.pump();
    }

    /// What the run has gathered.
    pub fn results(&self) -> Option<&Results> {
        self.results.as_ref()
    }

    /// Takes what the run has gathered out of the pool, to be begun on again by [`Self::start`].
    pub fn take_results(&mut self) -> Option<Results> {
        self.take_jobs_back();
        self.results.take()
    }

    /// Sample x unit x steps done: by jobs that are finished, in hand, or to be gone on with.
    fn work_done(&self) -> f64 {
        let in_hand = self.members.values().flat_map(|member| &member.queue).map(|assigned| assigned.work_done);
        let begun = self.waiting.iter().filter_map(|job| self.saved.get(job)).map(|saved| saved.work_done);
        self.progress.finished + in_hand.chain(begun).sum::<f64>()
    }

    /// How the run stands.
    pub fn status(&self) -> Status {
        let work_done = self.work_done();
        let speed = self.progress.speed(work_done);
        let left = (self.progress.total - work_done).max(0.0);
        Status {
            phase: self.phase.clone(),
            seeds_done: self.seeds_done,
            seeds: self.results.as_ref().map_or(0, |results| results.spec.seeds.len()),
            work_done,
            work: self.progress.total,
            seconds: self.progress.seconds(),
            speed,
            seconds_left: speed.filter(|_| self.phase == Phase::Running).map(|speed| left / speed),
            workers: self.crowd(),
            can_rewind: self.can_rewind(),
        }
    }

    /// What is to be done now, in this order.
    pub fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.orders)
    }

    /// What the reader should know about the GPU, in sentences.
    pub fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// What has changed since this was last asked.
    pub fn take_changed(&mut self) -> Changed {
        std::mem::take(&mut self.changed)
    }
}
