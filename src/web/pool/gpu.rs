//! The GPU's part in a run: whether there is one, whether it agrees, and which engine takes the run.

use super::member::Member;
use super::{Order, Phase, Pool, faults};
use crate::experiments::Engine;
use crate::experiments::job::{Job, work};
use crate::experiments::spec::{CheckedSpec, Spec};
use crate::model::{Activation, Block};
use crate::train::OptimiserKind;
use crate::web::devices::{Adapter, Choice, Devices, Stage, Test, Why};
use crate::web::protocol::{Berth, Code, Fault, Packed, ToWorker};

/// Sample x unit x steps below which no GPU is waited for: some ten seconds of two cores.
const LONG: f64 = 2e10;
/// How many times faster a GPU must be, since the CPU is exact.
const MARGIN: f64 = 1.5;
/// Seconds for which the CPU's speed on a run is measured, at least.
const MEASURED: f64 = 1.0;
/// Workers that are tried for one run: a fresh one after the first has failed.
const ATTEMPTS: u32 = 2;
/// Jobs that a GPU worker is told of when it is asked for its speed.
const SAMPLE: usize = 1024;

/// The GPU as the pool knows it. Its worker is one of the members.
#[derive(Default)]
pub struct Gpu {
    /// What the reader wants.
    pub choice: Choice,
    /// Its worker.
    pub id: Option<u32>,
    /// How far it is.
    pub stage: Stage,
    adapter: Option<Adapter>,
    fault: Option<Fault>,
    test: Option<Test>,
    /// Workers that failed since the last run began.
    failures: u32,
    /// The engine of the worker that failed for good, where that need not mean the same for another engine.
    lost: Option<Engine>,
    /// The run that it is being timed on, and the question's name.
    timed: Option<(u32, Shape)>,
    /// Sample x unit x steps per second of CPU and GPU, by run.
    speeds: Vec<(Shape, [Option<f64>; 2])>,
}

/// What the speed of a run depends on.
#[derive(Clone, Debug, PartialEq)]
struct Shape {
    widths: Vec<u32>,
    depth: u32,
    block: Block,
    seeds: usize,
    branches: usize,
    samples: u32,
    inputs: u32,
    tasks: usize,
    batch: u32,
    activation: Activation,
    optimiser: OptimiserKind,
}

impl Shape {
    fn of(spec: &Spec) -> Self {
        Self {
            widths: spec.widths.clone(),
            depth: spec.depth,
            block: spec.block,
            seeds: spec.seeds.len(),
            branches: spec.replay.len(),
            samples: spec.samples,
            inputs: spec.input_count(),
            tasks: 1 + spec.stages(),
            batch: spec.batch,
            activation: spec.activation,
            optimiser: spec.optimiser,
        }
    }
}

impl Gpu {
    /// A new run begins, which needs this engine: what failed before may be tried again if the reader insists, or if it
    /// was the other engine that failed.
    pub fn begin_run(&mut self, needed: Engine) {
        self.failures = 0;
        let other_failed = self.lost.is_some_and(|lost| lost != needed);
        if self.stage == Stage::Absent && (self.choice == Choice::Gpu || other_failed) {
            self.stage = Stage::Sought;
            self.lost = None;
            if other_failed {
                self.fault = None;
            }
        }
    }

    fn speeds(&self, spec: &Spec) -> [Option<f64>; 2] {
        let shape = Shape::of(spec);
        self.speeds.iter().find(|(known, _)| *known == shape).map_or([None; 2], |(_, speeds)| *speeds)
    }

    fn note_speed(&mut self, shape: Shape, on_gpu: bool, speed: f64) {
        let place = self.speeds.iter().position(|(known, _)| *known == shape).unwrap_or_else(|| {
            self.speeds.push((shape, [None; 2]));
            self.speeds.len() - 1
        });
        self.speeds[place].1[usize::from(on_gpu)].get_or_insert(speed);
    }

    /// The engine that a run of this spec goes to, and why.
    fn engine(&self, spec: Option<&CheckedSpec>) -> (Engine, Why) {
        let cpu = |why| (on_cpu(spec), why);
        let gpu = |why| (on_gpu(spec), why);
        if let Some(reason) = spec.and_then(|spec| spec.only_on_cpu()) {
            return cpu(Why::OnlyCpu(reason));
        }
        if self.choice == Choice::Cpu {
            return cpu(Why::Wished);
        }
        if self.stage == Stage::Absent {
            return cpu(Why::NoGpu);
        }
        if self.choice == Choice::Gpu {
            return gpu(Why::Wished);
        }
        if self.adapter.as_ref().is_some_and(|adapter| adapter.software) {
            return cpu(Why::Software);
        }
        let Some(spec) = spec.filter(|spec| work(spec) >= LONG) else { return cpu(Why::Short) };
        match self.speeds(spec) {
            [Some(slow), Some(fast)] if fast > MARGIN * slow && self.stage == Stage::Ready => gpu(Why::Faster),
            [Some(slow), Some(fast)] if fast > MARGIN * slow => cpu(Why::Comparing),
            [Some(_), Some(_)] => cpu(Why::Faster),
            _ => cpu(Why::Comparing),
        }
    }
}

/// The engine that a run of this spec goes to on the CPU.
fn on_cpu(spec: Option<&CheckedSpec>) -> Engine {
    spec.map_or_else(Engine::default, |spec| spec.engine_on_cpu())
}

/// The engine that a run of this spec goes to on a GPU.
pub(super) fn on_gpu(spec: Option<&CheckedSpec>) -> Engine {
    spec.map_or(Engine::FusedGpu, |spec| spec.engine_on_gpu())
}

impl Pool {
    /// Which engine to use from now on; a run in progress moves to it.
    pub fn choose(&mut self, choice: Choice) {
        if self.gpu.choice != choice {
            self.gpu.choice = choice;
            self.gpu.begin_run(on_gpu(self.results.as_ref().map(|results| &results.spec)));
            self.changed.state = true;
            self.ready_the_gpu();
            self.pump();
        }
    }

    /// What there is to compute with, and which engine does, or would do next.
    pub fn devices(&self) -> Devices {
        let spec = self.results.as_ref().map(|results| &results.spec);
        let (engine, why) = self.gpu.engine(spec);
        let [cpu_speed, gpu_speed] = spec.map_or([None; 2], |spec| self.gpu.speeds(spec));
        Devices {
            choice: self.gpu.choice,
            adapter: self.gpu.adapter.clone(),
            stage: self.gpu.stage,
            fault: self.gpu.fault.clone(),
            test: self.gpu.test,
            cpu_speed,
            gpu_speed,
            engine,
            why,
        }
    }

    /// The engine that the run goes to now.
    pub(super) fn engine(&self) -> Engine {
        self.gpu.engine(self.results.as_ref().map(|results| &results.spec)).0
    }

    /// The engine that the run goes to on the CPU.
    pub(super) fn engine_on_cpu(&self) -> Engine {
        on_cpu(self.results.as_ref().map(|results| &results.spec))
    }

    /// Looks for a GPU, unless that was done, in the worker that would compute on it.
    pub(super) fn seek_gpu(&mut self) {
        if self.gpu.stage == Stage::Sought && self.gpu.id.is_none() {
            let engine = on_gpu(self.results.as_ref().map(|results| &results.spec));
            self.gpu.id = Some(self.spawn(engine));
        }
    }

    /// Ends a GPU worker that has not the engine which the run needs on a GPU: it makes room for one that has.
    fn exchange_gpu(&mut self) {
        let needed = on_gpu(self.results.as_ref().map(|results| &results.spec));
        let other = |id: &u32| self.members.get(id).is_some_and(|member| member.engine != needed);
        let Some(id) = self.gpu.id.filter(other) else { return };
        if let Some(mut member) = self.members.remove(&id) {
            self.put_back(member.forget().0);
        }
        self.orders.push(Order::Dismiss(id));
        (self.gpu.id, self.gpu.timed, self.gpu.test, self.gpu.fault) = (None, None, None, None);
        self.gpu.stage = Stage::Sought;
        self.changed.state = true;
    }

    /// Brings the GPU a step nearer to computing, if it may be wanted.
    pub(super) fn ready_the_gpu(&mut self) {
        let is_on = matches!(self.phase, Phase::Running | Phase::Paused);
        let spec = self.results.as_ref().map(|results| &results.spec).filter(|_| is_on);
        let (engine, why) = self.gpu.engine(spec);
        if !engine.is_on_gpu() && why != Why::Comparing {
            return;
        }
        self.exchange_gpu();
        match self.gpu.stage {
            Stage::Sought => self.seek_gpu(),
            Stage::Found => {
                self.gpu.stage = Stage::Loading { bytes: 0.0, of: 0.0 };
                self.changed.state = true;
                self.tell_gpu(ToWorker::Load);
            }
            Stage::Ready if why == Why::Comparing && self.phase == Phase::Running => self.compare(),
            _ => {}
        }
    }

    /// Has the GPU timed on the run at hand, while the CPU's speed is that of the run itself.
    fn compare(&mut self) {
        let Some(spec) = self.results.as_ref().map(|results| results.spec.clone()) else { return };
        let shape = Shape::of(&spec);
        if let (engine, MEASURED..) = self.progress.measured()
            && !engine.is_on_gpu()
            && let Some(speed) = self.status().speed
        {
            self.gpu.note_speed(shape.clone(), false, speed);
        }
        if self.gpu.timed.is_some() || self.gpu.speeds(&spec)[1].is_some() {
            return;
        }
        let berth = |&job: &Job| Berth { token: 0, job, state: None };
        let berths: Vec<Berth> = self.waiting.iter().take(SAMPLE).map(berth).collect();
        if berths.is_empty() {
            return;
        }
        if let Ok(jobs) = Packed::new(&berths) {
            self.last_token = self.last_token.wrapping_add(1);
            self.gpu.timed = Some((self.last_token, shape));
            self.tell_gpu(ToWorker::Time { token: self.last_token, spec: Box::new((*spec).clone()), jobs });
        }
    }

    /// Says something to the GPU worker that has to be answered.
    fn tell_gpu(&mut self, message: ToWorker) {
        let Some(id) = self.gpu.id else { return };
        if let Some(member) = self.members.get_mut(&id) {
            member.awaited = true;
            member.silent = 0;
            self.orders.push(Order::Send(id, message));
        }
    }

    /// The speed of a run that one engine has done alone.
    pub(super) fn note_speed_of_run(&mut self) {
        let speed = self.status().speed;
        let Some(results) = &self.results else { return };
        if let ([engine], Some(speed)) = (&results.engines()[..], speed)
            && *engine == self.progress.measured().0
        {
            self.gpu.note_speed(Shape::of(&results.spec), engine.is_on_gpu(), speed);
        }
    }

    pub(super) fn found(&mut self, adapter: Adapter) {
        self.gpu.adapter = Some(adapter);
        self.reach(Stage::Found, false);
    }

    /// The GPU's worker has got to a stage, and something more is expected of it or not.
    pub(super) fn reach(&mut self, stage: Stage, awaited: bool) {
        self.gpu.stage = stage;
        self.changed.state = true;
        if let Some(member) = self.gpu.id.and_then(|id| self.members.get_mut(&id)) {
            member.awaited = awaited;
            member.ready = stage == Stage::Ready;
        }
    }

    pub(super) fn tested(&mut self, id: u32, test: Test) {
        self.gpu.test = Some(test);
        if test.passed() {
            self.gpu.fault = None;
            return self.reach(Stage::Ready, false);
        }
        let text = format!(
            "The GPU's results differ from the CPU's by {:.1e}, and {:.0e} is the most that is accepted: it is not used.",
            test.difference, test.tolerance
        );
        self.fail(id, Fault::new(Code::Disagrees, text));
    }

    pub(super) fn timed(&mut self, token: u32, speed: f64) {
        self.reach(Stage::Ready, false);
        match self.gpu.timed.take() {
            Some((asked, shape)) if asked == token => self.gpu.note_speed(shape, true, speed),
            other => self.gpu.timed = other,
        }
    }

    /// What the failure of its worker means for the GPU: a fresh one, or none from now on. Readers hear
    /// of it where it is news to them.
    pub(super) fn lose_gpu(&mut self, engine: Engine, fault: Fault, is_news: bool) {
        self.gpu.id = None;
        self.gpu.lost = (!faults::is_of_the_browser(fault.code)).then_some(engine);
        self.gpu.timed = None;
        self.gpu.failures += 1;
        let again = faults::may_pass(fault.code) && self.gpu.failures < ATTEMPTS;
        self.gpu.stage = if again { Stage::Sought } else { Stage::Absent };
        if is_news {
            let next = if again { "It is started once more." } else { "The CPU goes on without it." };
            self.news.push(format!("{} {next}", fault.text));
        }
        self.gpu.fault = Some(fault);
        if again {
            self.seek_gpu();
        }
    }

    /// Takes the jobs of all workers with another engine back: the run has moved to this one. A device has room
    /// for one crowd: where the run needs the CPU's other engine, workers without it are ended.
    pub(super) fn move_to(&mut self, engine: Engine) {
        let elsewhere = |member: &&mut Member| member.engine != engine && !member.queue.is_empty();
        let mut moved = Vec::new();
        for (&id, member) in self.members.iter_mut() {
            if elsewhere(&member) {
                let (jobs, message) = member.forget();
                self.orders.extend(message.map(|message| Order::Send(id, message)));
                moved.extend(jobs);
            }
        }
        self.put_back(moved);
        let needed = self.engine_on_cpu();
        let useless = |(&id, member): (&u32, &Member)| (member.is_on_cpu() && member.engine != needed).then_some(id);
        for id in self.members.iter().filter_map(useless).collect::<Vec<_>>() {
            self.members.remove(&id);
            self.orders.push(Order::Dismiss(id));
            self.changed.state = true;
        }
    }
}
