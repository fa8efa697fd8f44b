//! The jobs of the GPU worker, trained in fleets, one after the other.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::fused_gpu::Gpu;
use crate::experiments::event::{Ending, Event};
use crate::experiments::fleet::{FleetRun, GpuFault};
use crate::experiments::spec::{CheckedSpec, Spec};
use crate::experiments::{Job, JobCheckpoint};
use crate::platform::NoGpu;
use crate::train::OptimiserKind;
use crate::web::protocol::{Berth, Code, Fault, Packed, Report};
use crate::web::worker::{IN_HAND, checked, kept, part_of, unfit};

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
    /// Sample x unit x steps per second, as the last fleet measured it.
    speed: Option<f64>,
    /// Whether the fleet is to be put back before it goes on, and whether to its start.
    rewind: Option<bool>,
}

enum News {
    Event(Event),
    State(Packed),
}

impl News {
    fn bytes(&self) -> usize {
        match self {
            Self::Event(Event::Checkpoint { point, .. } | Event::Predicted { point, .. }) => {
                48 + 4 * point.function.len()
            }
            Self::Event(Event::Ended { .. } | Event::Gap { .. }) => 48,
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
            rewind: None,
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
        self.rewind = None;
    }

    /// Puts the fleet of a job back before it goes on.
    pub fn rewind(&mut self, token: u32, to_start: bool) {
        if self.crew.values().any(|member| *member == token) {
            self.rewind = Some(to_start);
        }
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

    async fn train(&mut self, millis: f64, to_checkpoint: bool) -> Result<(), Fault> {
        if let Some(to_start) = self.rewind.take() {
            self.put_back(to_start).await?;
        }
        self.man()?;
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
        self.speed = fleet.speed().or(self.speed);
        if fleet.is_done() {
            self.fleet = None;
        }
        Ok(())
    }

    /// Makes a fleet of jobs that wait, unless there is one.
    ///
    /// # Errors
    /// [`Code::BadState`] where jobs cannot go on from where they are said to stand.
    fn man(&mut self) -> Result<(), Fault> {
        let Some(spec) = self.spec.as_ref().filter(|_| self.fleet.is_none()) else { return Ok(()) };
        let Some(first) = self.waiting.front() else { return Ok(()) };
        self.crew.clear();
        let count = if first.state.is_some() {
            let begun = self.waiting.iter().map_while(|berth| Some((berth, berth.state.as_ref()?)));
            let states = begun.map(|(berth, state)| kept(berth.job, state)).collect::<Result<Vec<_>, _>>()?;
            let ended = self.waiting.iter().zip(&states).map(|(berth, state)| (berth.token, state.ended.len()));
            self.ended.extend(ended);
            let count = states.len();
            let fleet = FleetRun::resume(&self.gpu, spec, states).ok_or_else(|| unfit(first.job))?;
            self.fleet = Some(fleet);
            count
        } else {
            let fresh = self.waiting.iter().take_while(|berth| berth.state.is_none());
            let jobs: Vec<Job> = fresh.map(|berth| berth.job).collect();
            let count = FleetRun::appetite(&self.gpu, spec, &jobs, self.speed).clamp(1, jobs.len());
            self.fleet = Some(FleetRun::new(&self.gpu, spec, &jobs[..count]));
            count
        };
        self.crew.extend(self.waiting.drain(..count).map(|berth| (berth.job, berth.token)));
        Ok(())
    }

    /// Puts the fleet back: to its start, or to the beginning of its present phase.
    ///
    /// # Errors
    /// A GPU that fails.
    async fn put_back(&mut self, to_start: bool) -> Result<(), Fault> {
        let (Some(fleet), Some(spec)) = (self.fleet.take(), &self.spec) else { return Ok(()) };
        // The page has forgotten what came after. What it was not told it cannot have forgotten: all is told again.
        let to_start = to_start || !self.untold.is_empty();
        self.untold.clear();
        self.untold_bytes = 0;
        let jobs: Vec<Job> = self.crew.keys().copied().collect();
        let states = if to_start { Vec::new() } else { fleet.checkpoint().await.map_err(lost)? };
        let ended = states.iter().filter_map(|state| Some((*self.crew.get(&state.job)?, state.ended.len())));
        self.ended = ended.collect();
        let states: Vec<JobCheckpoint> = states.into_iter().map(|state| state.rewound(spec)).collect();
        let resumed = if to_start { None } else { FleetRun::resume(&self.gpu, spec, states) };
        self.fleet = Some(resumed.unwrap_or_else(|| FleetRun::new(&self.gpu, spec, &jobs)));
        Ok(())
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

/// What the page is told where no GPU could be opened.
pub fn not_opened(why: NoGpu) -> Fault {
    let code = match why.code {
        "no-adapter" => Code::NoAdapter,
        "limits" => Code::Limits,
        _ => Code::InitFailed,
    };
    Fault::new(code, why.text)
}

/// What the page is told of a GPU that failed; what the driver says of it is for the browser's console.
pub fn lost(fault: GpuFault) -> Fault {
    web_sys::console::warn_1(&fault.to_string().into());
    Fault::new(Code::DeviceLost, "The GPU stopped answering, or the browser took it away.")
}
