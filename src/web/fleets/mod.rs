//! Jobs that train many at a time, in fleets one after the other: what the worker on the GPU does, whatever
//! trains its fleets.

mod trainer;
mod untold;

use std::collections::{BTreeMap, VecDeque};

pub use self::trainer::Trainer;
use self::untold::{News, Untold};
use super::protocol::{Berth, Fault, Packed, Report, ToPage, ToWorker};
use super::worker::{IN_HAND, checked, kept, part_of, unfit};
use crate::engine::fused_cpu::moments_of;
use crate::experiments::JobCheckpoint;
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::experiments::spec::{CheckedSpec, Spec};

/// Bytes of events and states that one answer carries, about: what a page unpacks in a few milliseconds.
pub const PORTION: usize = 200_000;
/// Bytes of states that are worth their way to the page: some seconds' work is sooner repeated.
const MOST_STATE: f64 = 3e7;
/// Milliseconds between two looks for a checkpoint, in single steps.
const STEP_MILLIS: f64 = 5.0;

/// Jobs in hand: those that wait, those in training, and what the page has not been told yet.
pub struct Fleets<T: Trainer> {
    device: T::Device,
    portion: usize,
    spec: Option<CheckedSpec>,
    /// Tokens, and where the jobs begin.
    waiting: VecDeque<(u32, JobCheckpoint)>,
    /// In training, or done and not told to the end.
    fleet: Option<T>,
    /// The fleet's jobs of which more is to be told.
    crew: BTreeMap<Job, Member>,
    untold: Untold,
    /// Sample x unit x steps per second, as the last fleet measured it.
    speed: Option<f64>,
    /// Whether the page has asked where jobs stand and was not told.
    keep: bool,
}

struct Member {
    token: u32,
    /// Phases that have ended as far as the page was told. The network after pre-training is the fleet's.
    told: JobCheckpoint,
    /// Whether it is to be put back before it goes on, and whether to its start.
    back: Option<bool>,
}

fn standing(token: u32, work_done: f64) -> Report {
    Report { token, events: Vec::new(), work_done, done: false, state: None }
}

impl<T: Trainer> Fleets<T> {
    /// No jobs yet; answers carry about `portion` bytes of events and states.
    pub fn new(device: T::Device, portion: usize) -> Self {
        Self {
            device,
            portion,
            spec: None,
            waiting: VecDeque::new(),
            fleet: None,
            crew: BTreeMap::new(),
            untold: Untold::default(),
            speed: None,
            keep: false,
        }
    }

    /// What the fleets train on.
    pub fn device(&self) -> &T::Device {
        &self.device
    }

    /// Does what the page asks; the answer, if there is one. What the page should not have sent is refused when
    /// it comes; whatever else fails is the trainer's end.
    pub async fn answer(&mut self, message: ToWorker) -> Option<ToPage> {
        let failed = |fault| Some(ToPage::Failed { token: IN_HAND.get(), fault });
        self.answered(message).await.unwrap_or_else(failed)
    }

    async fn answered(&mut self, message: ToWorker) -> Result<Option<ToPage>, Fault> {
        let reports = match message {
            ToWorker::Start { spec, jobs } => {
                self.begin(*spec, &jobs)?;
                return Ok(None);
            }
            ToWorker::Advance { millis, to_checkpoint, keep } => self.advance(millis, to_checkpoint, keep).await?,
            ToWorker::Rewind { token, to_start } => self.rewind(token, to_start),
            ToWorker::Forget => {
                self.forget();
                return Ok(None);
            }
            // Said to the loader, to a CPU's worker, or answered before.
            ToWorker::Load | ToWorker::Ask(_) | ToWorker::Time { .. } => return Ok(None),
        };
        Ok(Some(ToPage::Progress(Packed::new(&reports)?)))
    }

    /// Puts jobs at the end of the queue. Jobs of another spec take the place of all there were.
    fn begin(&mut self, spec: Spec, jobs: &Packed) -> Result<(), Fault> {
        let jobs: Vec<Berth> = jobs.unpack()?;
        IN_HAND.set(jobs.first().map_or(0, |berth| berth.token));
        let spec = checked(spec)?;
        let mut waiting = Vec::with_capacity(jobs.len());
        for Berth { token, job, state } in jobs {
            IN_HAND.set(token);
            part_of(&spec, job)?;
            let at = match state {
                None => JobCheckpoint::beginning(job),
                Some(state) => Some(kept(job, &state)?).filter(|at| at.fits(&spec)).ok_or_else(|| unfit(job))?,
            };
            waiting.push((token, at));
        }
        if self.spec.as_ref() != Some(&spec) {
            self.forget();
            self.speed = None;
            self.spec = Some(spec);
        }
        self.waiting.extend(waiting);
        Ok(())
    }

    fn forget(&mut self) {
        self.waiting.clear();
        self.fleet = None;
        self.crew.clear();
        self.untold.clear();
        self.keep = false;
    }

    /// Has a job put back before it goes on.
    fn rewind(&mut self, token: u32, to_start: bool) -> Vec<Report> {
        let Some(spec) = &self.spec else { return Vec::new() };
        let work_done = if let Some((_, at)) = self.waiting.iter_mut().find(|(own, _)| *own == token) {
            let rewound = if to_start { JobCheckpoint::beginning(at.job) } else { at.clone().rewound(spec) };
            *at = rewound;
            at.work_done
        } else if let Some(member) = self.crew.values_mut().find(|member| member.token == token) {
            member.back = Some(to_start);
            if to_start { 0.0 } else { member.told.work_done }
        } else {
            return Vec::new();
        };
        vec![standing(token, work_done)]
    }

    /// Trains on for a slice, unless much is untold; what there is to report, in portions.
    async fn advance(&mut self, millis: f64, to_checkpoint: bool, keep: bool) -> Result<Vec<Report>, Fault> {
        self.keep |= keep;
        if self.crew.values().any(|member| member.back.is_some()) {
            self.put_back();
        }
        if self.untold.bytes_of_events() < self.portion {
            self.train(millis, to_checkpoint).await?;
            self.look_where_it_stands().await?;
        }
        Ok(self.tell())
    }

    async fn train(&mut self, millis: f64, to_checkpoint: bool) -> Result<(), Fault> {
        self.man();
        let Some(fleet) = &mut self.fleet else { return Ok(()) };
        while !fleet.is_done() {
            let slice = if to_checkpoint { STEP_MILLIS } else { millis };
            for (job, event) in fleet.advance(slice).await? {
                self.untold.push(job, News::Event(event));
            }
            if !to_checkpoint || !self.untold.is_empty() {
                break;
            }
        }
        self.speed = fleet.speed().or(self.speed);
        Ok(())
    }

    /// Makes a fleet of jobs that wait, once everything of the last one is told.
    fn man(&mut self) {
        let Some(spec) = self.spec.as_ref().filter(|_| self.crew.is_empty() && !self.waiting.is_empty()) else {
            return;
        };
        self.fleet = None; // before the next one needs its memory
        let jobs: Vec<Job> = self.waiting.iter().map(|(_, at)| at.job).collect();
        let count = T::appetite(&self.device, spec, &jobs, self.speed).clamp(1, jobs.len());
        let crew: Vec<(u32, JobCheckpoint)> = self.waiting.drain(..count).collect();
        self.crew.extend(crew.iter().map(|(token, at)| {
            let told = JobCheckpoint { pretrained: None, ..at.clone().rewound(spec) };
            (at.job, Member { token: *token, told, back: None })
        }));
        self.fleet = Some(T::begin(&self.device, spec, crew.into_iter().map(|(_, at)| at).collect()));
    }

    /// Puts all jobs of the fleet back to where the page has them: it has forgotten what they reported of their
    /// present phase, or everything, and what it was not told is void.
    fn put_back(&mut self) {
        let (Some(fleet), Some(spec)) = (self.fleet.take(), &self.spec) else { return };
        self.untold.clear();
        let place = |(&job, member): (&Job, &mut Member)| {
            // The page asks for those of which it was told something.
            let to_start = member.back.take().unwrap_or(member.told.work_done == 0.0);
            let pretrained = fleet.pretrained(job).filter(|_| !to_start).cloned();
            let place = pretrained.map(|network| JobCheckpoint { pretrained: Some(network), ..member.told.clone() });
            place.filter(|place| place.fits(spec)).unwrap_or_else(|| {
                member.told = JobCheckpoint::beginning(job);
                member.told.clone()
            })
        };
        let places: Vec<JobCheckpoint> = self.crew.iter_mut().map(place).collect();
        drop(fleet);
        self.fleet = Some(T::begin(&self.device, spec, places));
    }

    /// Puts down where the fleet stands, if the page asked for it, and it is little enough to be handed around.
    async fn look_where_it_stands(&mut self) -> Result<(), Fault> {
        let (Some(fleet), Some(spec)) = (self.fleet.as_ref().filter(|fleet| !fleet.is_done()), &self.spec) else {
            return Ok(());
        };
        if !self.keep || self.untold.has_states() {
            return Ok(());
        }
        self.keep = false;
        let copies = 1 + moments_of(spec.optimiser);
        let numbers: usize = self.crew.keys().map(|job| spec.network(job.width).parameter_count()).sum();
        if 4.0 * numbers as f64 * (1 + copies * spec.branch_count()) as f64 > MOST_STATE {
            return Ok(());
        }
        // A network that has left the finite numbers ends soon, and stands nowhere.
        let fits = |state: &JobCheckpoint| state.work_done > 0.0 && state.fits(spec);
        for state in fleet.checkpoint().await?.iter().filter(|state| fits(state)) {
            self.untold.push(state.job, News::State(Packed::new(state)?));
        }
        Ok(())
    }

    /// The next portion of what is untold, and how far each job is.
    fn tell(&mut self) -> Vec<Report> {
        let (Some(spec), Some(fleet)) = (&self.spec, &self.fleet) else { return Vec::new() };
        let report = |(&job, member): (&Job, &Member)| (job, standing(member.token, fleet.work_done(job)));
        let mut reports: BTreeMap<Job, Report> = self.crew.iter().map(report).collect();
        let mut bytes = 0;
        while bytes < self.portion
            && let Some((job, news)) = self.untold.first()
        {
            // What comes after a state is told after it: the page marks what it knows with the state.
            let comes_after_state = |report: &Report| matches!(news, News::Event(_)) && report.state.is_some();
            if reports.get(job).is_some_and(comes_after_state) {
                break;
            }
            let Some((job, news)) = self.untold.pop() else { break };
            bytes += news.bytes();
            let (Some(report), Some(member)) = (reports.get_mut(&job), self.crew.get_mut(&job)) else { continue };
            match news {
                News::State(state) => report.state = Some(state),
                News::Event(event) => {
                    if let Event::Ended { branch, ending } = event {
                        member.told.close(spec, branch, ending);
                    }
                    report.events.push(event);
                }
            }
            if member.told.ended.len() >= spec.branch_count() {
                report.done = true;
                self.crew.remove(&job);
            }
        }
        reports.into_values().collect()
    }
}
