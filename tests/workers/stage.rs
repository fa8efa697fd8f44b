//! A pool whose workers are played on one thread, in an order drawn by lot.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use lethe::experiments::job::jobs;
use lethe::experiments::limits::Limits;
use lethe::experiments::run::JobRun;
use lethe::experiments::{CheckedSpec, Engine, Experiment, Results, Spec};
use lethe::record::BUILD;
use lethe::seed::{Seed, Stream};
use lethe::web::devices::{Adapter, Test};
use lethe::web::fleets::Fleets;
use lethe::web::pool::{Order, Phase, Pool};
use lethe::web::protocol::{Code, Fault, PROTOCOL, ToPage, ToWorker, decode, encode};
use lethe::web::worker::Queue;

use crate::fleet::PlayedFleet;

/// A played worker.
struct Actor {
    engine: Engine,
    queue: Queue,
    fleets: Fleets<PlayedFleet>,
    told: VecDeque<ToWorker>,
    says: VecDeque<ToPage>,
}

/// A GPU to be played: the worker's own fleets, trained by the CPU.
#[derive(Clone)]
pub struct Played {
    pub adapter: Adapter,
    pub test: Test,
    pub speed: f64,
    /// Jobs of a fleet.
    pub appetite: usize,
    /// Bytes of an answer: a few points, so that there is always more to tell.
    pub portion: usize,
}

impl Default for Played {
    fn default() -> Self {
        let test = Test { difference: 1e-6, tolerance: 1e-3 };
        Self { adapter: Adapter::default(), test, speed: 1e15, appetite: 3, portion: 1500 }
    }
}

/// The outcome of what never waits.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("a played fleet waits for nothing"),
    }
}

/// A pool and its played workers.
pub struct Stage {
    pub pool: Pool,
    /// The GPU that workers find, if any.
    pub gpu: Option<Played>,
    /// What workers were told, in order.
    pub told: Vec<ToWorker>,
    /// What workers said they cannot do.
    pub failures: Vec<Code>,
    /// The build that new workers say they are.
    pub build: String,
    actors: BTreeMap<u32, Actor>,
    chance: Stream,
}

/// A run that takes a moment: two widths, two fractions of replay, some seeds.
pub fn small(seeds: u32) -> CheckedSpec {
    let mut spec = Spec::defaults(Experiment::named("replay").unwrap());
    spec.widths = vec![4, 7];
    spec.replay = vec![0.0, 0.1];
    spec.samples = 8;
    spec.pretraining_steps = 30;
    spec.fine_tuning_steps = 20;
    spec.seeds = (0..seeds).collect();
    spec.check(&Limits::PAGE).unwrap()
}

/// A run whose schedules are planned on the way.
pub fn planned(seeds: u32) -> CheckedSpec {
    let mut spec = Spec::defaults(Experiment::named("curriculum").unwrap());
    (spec.widths, spec.seeds, spec.segments) = (vec![5], (0..seeds).collect(), 3);
    (spec.samples, spec.pretraining_steps, spec.fine_tuning_steps) = (8, 30, 20);
    spec.check(&Limits::PAGE).unwrap()
}

/// What the run gives without any pool.
pub fn by_itself(spec: &CheckedSpec) -> Results {
    let mut results = Results::new(spec.clone());
    for job in jobs(spec) {
        let mut run = JobRun::new(spec, job);
        while !run.is_done() {
            for event in run.advance(1e9) {
                results.add(job, Engine::FusedCpu, event);
            }
        }
    }
    assert!(results.is_complete());
    results
}

impl Stage {
    pub fn new(most: usize, lot: u64) -> Self {
        let chance = Seed::new(lot).fork("stage").stream();
        let (pool, build) = (Pool::new(most), BUILD.to_owned());
        Self { pool, gpu: None, told: Vec::new(), failures: Vec::new(), build, actors: BTreeMap::new(), chance }
    }

    pub fn workers(&self) -> Vec<u32> {
        self.with(Engine::FusedCpu)
    }

    /// The workers with an engine.
    pub fn with(&self, engine: Engine) -> Vec<u32> {
        self.actors.iter().filter(|(_, actor)| actor.engine == engine).map(|(&id, _)| id).collect()
    }

    pub fn lot(&mut self, bound: u32) -> u32 {
        self.chance.below(bound)
    }

    /// Lets one worker, drawn by lot, do one thing or be heard once; `false` if nothing is left to happen.
    pub fn turn(&mut self) -> bool {
        self.carry_out();
        let busy = |(&id, actor): (&u32, &Actor)| (!actor.told.is_empty() || !actor.says.is_empty()).then_some(id);
        let busy: Vec<u32> = self.actors.iter().filter_map(busy).collect();
        if busy.is_empty() {
            return false;
        }
        let id = busy[self.chance.below(busy.len() as u32) as usize];
        let listens_first = self.chance.below(2) == 0;
        let Some(actor) = self.actors.get_mut(&id) else { return true };
        if let Some(message) = actor.told.pop_front_if(|_| listens_first || actor.says.is_empty()) {
            // Slices of no time at all: as many interruptions as there can be.
            let message = match message {
                ToWorker::Advance { to_checkpoint, keep, .. } => ToWorker::Advance { millis: 0.0, to_checkpoint, keep },
                other => other,
            };
            let message = decode(encode(&message).unwrap().0).unwrap();
            let played = self.gpu.as_ref().filter(|_| actor.engine.is_on_gpu());
            let build = self.build.clone();
            actor.says.extend(match (message, played) {
                (ToWorker::Load, Some(gpu)) => vec![
                    ToPage::Loading { bytes: 1.0, of: 2.0 },
                    ToPage::Ready { protocol: PROTOCOL, build, engine: actor.engine },
                    ToPage::Tested(gpu.test),
                ],
                (ToWorker::Time { token, .. }, Some(gpu)) => vec![ToPage::Timed { token, speed: gpu.speed }],
                (message, Some(_)) => at_once(actor.fleets.answer(message)).into_iter().collect(),
                (message, None) => actor.queue.answer(message).into_iter().collect(),
            });
        } else if let Some(said) = actor.says.pop_front() {
            if let ToPage::Failed { fault, .. } = &said {
                self.failures.push(fault.code);
            }
            self.pool.hear(id, Ok(decode(encode(&said).unwrap().0).unwrap()));
        }
        true
    }

    /// Lets everything happen.
    pub fn settle(&mut self) {
        for _ in 0..1_000_000 {
            if !self.turn() {
                return;
            }
        }
        panic!("the run never comes to rest");
    }

    /// Ends a worker in the middle of whatever it does.
    pub fn kill(&mut self, id: u32, fault: Fault) {
        self.pool.hear(id, Err(fault));
        self.carry_out();
    }

    /// Lets a worker fall silent.
    pub fn mute(&mut self, id: u32) {
        let actor = self.actors.get_mut(&id).unwrap();
        actor.told.clear();
        actor.says.clear();
    }

    pub fn phase(&self) -> Phase {
        self.pool.status().phase
    }

    pub fn carry_out(&mut self) {
        for order in self.pool.take_orders() {
            match order {
                Order::Spawn(id, engine) => {
                    let build = self.build.clone();
                    let first = match (engine.is_on_gpu(), &self.gpu) {
                        (false, _) => ToPage::Ready { protocol: PROTOCOL, build, engine },
                        (true, Some(gpu)) => ToPage::Found(gpu.adapter.clone()),
                        (true, None) => {
                            ToPage::Failed { token: 0, fault: Fault::new(Code::NoAdapter, "There is none.") }
                        }
                    };
                    let says = VecDeque::from([first]);
                    let Played { appetite, portion, .. } = self.gpu.clone().unwrap_or_default();
                    let (queue, fleets) = (Queue::default(), Fleets::new(appetite, portion));
                    self.actors.insert(id, Actor { engine, queue, fleets, told: VecDeque::new(), says });
                }
                Order::Send(id, message) => {
                    self.told.push(message.clone());
                    self.actors.get_mut(&id).unwrap().told.push_back(message);
                }
                Order::Dismiss(id) => {
                    self.actors.remove(&id);
                }
            }
        }
    }
}
