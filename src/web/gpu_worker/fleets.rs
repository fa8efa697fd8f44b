//! The jobs of the GPU worker, trained in fleets, one after the other.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::fused_gpu::Gpu;
use crate::experiments::event::{Ending, Event};
use crate::experiments::fleet::{FleetRun, GpuFault};
use crate::experiments::spec::{CheckedSpec, Spec};
use crate::experiments::{Job, JobCheckpoint};
use crate::platform::{NoGpu, now_millis};
use crate::train::OptimiserKind;
use crate::web::protocol::{Berth, Code, Fault, Packed, Report};
use crate::web::worker::{IN_HAND, checked, part_of};

/// Bytes of events and states that one answer carries, about: what a page unpacks in a few milliseconds.
const PORTION: usize = 200_000;
/// Bytes of states that are worth their way to the page: some seconds' work is sooner repeated.
const MOST_STATE: f64 = 3e7;
/// Milliseconds between two looks for a checkpoint, in single steps.
const STEP_MILLIS: f64 = 5.0;

/// Jobs in hand: those that wait, those in training, and what the page has not been told yet.
pub struct Fleets {
    gpu: Gpu,
    spec: Option<CheckedSpec>,
    waiting: VecDeque<Berth>,
    fleet: Option<FleetRun>,
    /// Tokens of the fleet's jobs.
    crew: BTreeMap<Job, u32>,
    untold: VecDeque<(u32, News)>,
    untold_bytes: usize,
    /// Branches that have ended, by token, of jobs of which more is to be told.
    ended: BTreeMap<u32, usize>,
    /// Sample x unit x steps per second of the last fleet.
    speed: Option<f64>,
    begun: f64,
}

enum News {
    Event(Event),
    State(Packed),
}

impl News {
    fn bytes(&self) -> usize {
        match self {
            Self::Event(Event::Checkpoint { point, .. }) => 48 + 4 * point.function.len(),
            Self::Event(Event::Ended { .. }) => 16,
            Self::State(state) => state.as_ref().len(),
        }
    }
}

impl Fleets {
    /// No jobs yet.
    pub fn new(gpu: Gpu) -> Self {
        Self {
            gpu,
            spec: None,
            waiting: VecDeque::new(),
            fleet: None,
            crew: BTreeMap::new(),
            untold: VecDeque::new(),
            untold_bytes: 0,
            ended: BTreeMap::new(),
            speed: None,
            begun: 0.0,
        }
    }

    /// The device.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Puts jobs at the end of the queue. Jobs of another spec take the place of all there were.
    ///
    /// # Errors
    /// [`Code::BadSpec`] for what the page should not have sent.
    pub fn begin(&mut self, spec: Spec, jobs: &Packed) -> Result<(), Fault> {
        let jobs: Vec<Berth> = jobs.unpack()?;
        IN_HAND.set(jobs.first().map_or(0, |berth| berth.token));
        let spec = checked(spec)?;
        for berth in &jobs {
            part_of(&spec, berth.job)?;
        }
        if self.spec.as_ref() != Some(&spec) {
            self.forget();
            self.speed = None;
            self.spec = Some(spec);
        }
        self.waiting.extend(jobs);
        Ok(())
    }

    /// Drops all jobs.
    pub fn forget(&mut self) {
        self.waiting.clear();
        self.fleet = None;
        self.crew.clear();
        self.untold.clear();
        self.untold_bytes = 0;
        self.ended.clear();
    }

    /// Trains on for a slice; what there is to report, in portions.
    ///
    /// # Errors
    /// [`Code::DeviceLost`] where the GPU fails.
    pub async fn advance(&mut self, millis: f64, to_checkpoint: bool, keep: bool) -> Result<Vec<Report>, Fault> {
        if self.untold_bytes < PORTION {
            self.train(millis, to_checkpoint).await?;
            if keep {
                self.keep().await?;
            }
        }
        Ok(self.portion())
    }

    /// Puts jobs of the fleet back to the beginning of their present phase, or to their start.
    ///
    /// # Errors
    /// [`Code::DeviceLost`] where the GPU fails.
    pub async fn rewind(&mut self, jobs: &[(u32, bool)]) -> Result<Vec<Report>, Fault> {
        let (Some(fleet), Some(spec)) = (&mut self.fleet, &self.spec) else { return Ok(Vec::new()) };
        let mut states = fleet.checkpoint().await.map_err(lost)?;
        let back: BTreeMap<u32, bool> = jobs.iter().copied().collect();
        for state in &mut states {
            let Some(token) = self.crew.get(&state.job) else { continue };
            let Some(&to_start) = back.get(token) else { continue };
            // What the page has not been told it cannot have taken back: such a job tells all again.
            let is_untold = self.untold.iter().any(|(of, _)| of == token);
            *state =
                if to_start || is_untold { JobCheckpoint::beginning(state.job) } else { state.clone().rewound(spec) };
            self.ended.insert(*token, state.ended.len());
        }
        self.untold.retain(|(token, _)| !back.contains_key(token));
        self.untold_bytes = self.untold.iter().map(|(_, news)| news.bytes()).sum();
        let crew: Vec<Job> = states.iter().map(|state| state.job).collect();
        self.fleet = Some(match FleetRun::resume(&self.gpu, spec, states) {
            Some(fleet) => fleet,
            None => {
                self.ended.clear();
                FleetRun::new(&self.gpu, spec, &crew)
            }
        });
        Ok(self.portion())
    }

    async fn train(&mut self, millis: f64, to_checkpoint: bool) -> Result<(), Fault> {
        self.man();
        let Some(fleet) = &mut self.fleet else { return Ok(()) };
        loop {
            let slice = if to_checkpoint { STEP_MILLIS } else { millis };
            for (job, event) in fleet.advance(slice).await.map_err(lost)? {
                if let Some(&token) = self.crew.get(&job) {
                    let news = News::Event(event);
                    self.untold_bytes += news.bytes();
                    self.untold.push_back((token, news));
                }
            }
            if !to_checkpoint || fleet.is_done() || !self.untold.is_empty() {
                break;
            }
        }
        if fleet.is_done() {
            let work: f64 = self.crew.keys().map(|&job| fleet.work_done(job)).sum();
            self.speed = Some(work * 1e3 / (now_millis() - self.begun).max(1.0));
            self.fleet = None;
        }
        Ok(())
    }

    /// Makes a fleet of jobs that wait, unless there is one.
    fn man(&mut self) {
        let Some(spec) = self.spec.as_ref().filter(|_| self.fleet.is_none() && !self.waiting.is_empty()) else {
            return;
        };
        self.crew.clear();
        self.begun = now_millis();
        if let Some(states) = resumable(&self.waiting) {
            let ended: Vec<usize> = states.iter().map(|state| state.ended.len()).collect();
            self.fleet = FleetRun::resume(&self.gpu, spec, states);
            if self.fleet.is_some() {
                for (berth, ended) in self.waiting.drain(..ended.len()).zip(ended) {
                    self.crew.insert(berth.job, berth.token);
                    self.ended.insert(berth.token, ended);
                }
                return;
            }
        }
        let jobs: Vec<Job> = self.waiting.iter().map(|berth| berth.job).collect();
        let count = FleetRun::appetite(&self.gpu, spec, &jobs, self.speed).clamp(1, jobs.len());
        self.fleet = Some(FleetRun::new(&self.gpu, spec, &jobs[..count]));
        self.crew.extend(self.waiting.drain(..count).map(|berth| (berth.job, berth.token)));
    }

    /// Puts down where the fleet stands, if that is little enough to be handed around.
    async fn keep(&mut self) -> Result<(), Fault> {
        let (Some(fleet), Some(spec)) = (&mut self.fleet, &self.spec) else { return Ok(()) };
        let copies = match spec.optimiser {
            OptimiserKind::Gd | OptimiserKind::Sgd => 1,
            OptimiserKind::Momentum => 2,
            OptimiserKind::Adam => 3,
        };
        let units: f64 = self.crew.keys().map(|job| f64::from(job.width)).sum();
        if 12.0 * units * (1 + copies * spec.branches().len()) as f64 > MOST_STATE {
            return Ok(());
        }
        for state in fleet.checkpoint().await.map_err(lost)? {
            if let Some(&token) = self.crew.get(&state.job) {
                let news = News::State(Packed::new(&state)?);
                self.untold_bytes += news.bytes();
                self.untold.push_back((token, news));
            }
        }
        Ok(())
    }

    /// The next portion of what is untold, and how far each job is.
    fn portion(&mut self) -> Vec<Report> {
        let Some(spec) = &self.spec else { return Vec::new() };
        let branches = spec.branches().len();
        let mut reports = BTreeMap::new();
        let empty =
            |token: u32, work_done: f64| Report { token, events: Vec::new(), work_done, done: false, state: None };
        if let Some(fleet) = &self.fleet {
            reports.extend(self.crew.iter().map(|(&job, &token)| (token, empty(token, fleet.work_done(job)))));
        }
        let mut bytes = 0;
        while bytes < PORTION
            && let Some((token, news)) = self.untold.pop_front()
        {
            bytes += news.bytes();
            let report = reports.entry(token).or_insert_with(|| empty(token, 0.0));
            match news {
                News::State(state) => report.state = Some(state),
                News::Event(event) => {
                    let ended = self.ended.entry(token).or_default();
                    match &event {
                        Event::Ended { branch: Some(_), .. } => *ended += 1,
                        Event::Ended { ending: Ending::Diverged(_), .. } => *ended = branches,
                        _ => {}
                    }
                    report.done = *ended >= branches;
                    report.events.push(event);
                }
            }
            if report.done {
                self.ended.remove(&token);
            }
        }
        self.untold_bytes -= bytes;
        reports.into_values().collect()
    }
}

/// The states of the first jobs that have one; `None` where the first has none.
fn resumable(waiting: &VecDeque<Berth>) -> Option<Vec<JobCheckpoint>> {
    let state = |berth: &Berth| {
        let state: JobCheckpoint = berth.state.as_ref()?.unpack().ok()?;
        (state.job == berth.job).then_some(state)
    };
    let states: Vec<JobCheckpoint> = waiting.iter().map_while(state).collect();
    (!states.is_empty()).then_some(states)
}

/// What the page is told where no GPU could be opened.
pub fn not_opened(why: NoGpu) -> Fault {
    Fault::new(Code::InitFailed, why.text)
}

/// What the page is told of a GPU that failed.
pub fn lost(fault: GpuFault) -> Fault {
    Fault::new(Code::DeviceLost, format!("The GPU failed: {fault}."))
}
