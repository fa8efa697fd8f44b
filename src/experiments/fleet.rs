//! Many jobs on a GPU, in lockstep: all pre-train together, then all branches of all
//! jobs fine-tune together. What another worker left in the middle of a phase is brought to the end of it first.

mod lockstep;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::lockstep::Lockstep;
use self::stage::Stage;
use super::checkpoint::{JobCheckpoint, OpenPhase};
use super::event::{Ending, Event, GRID};
use super::inputs::Inputs;
use super::job::{Job, work_of_step};
use super::spec::CheckedSpec;
use crate::engine::fused_cpu::Snapshot;
pub use crate::engine::fused_gpu::GpuFault;
use crate::engine::fused_gpu::{Gpu, bytes_of_world};
use crate::model::Parameters;
use crate::seed::Seed;

/// Seconds that one wait for the device should take: short enough for a pause to be prompt and for a
/// display driver's patience, which ends after a second or two.
const SLICE_SECONDS: f64 = 0.05;
/// Sample x unit x steps of the first slice, before anything is known about the device.
const FIRST_SLICE: f64 = 2e6;
/// Steps that a slice of a whole fleet should have time for: every dispatch begins and ends by copying what
/// is kept on chip.
const STEPS_A_SLICE: f64 = 8.0;
/// Bytes that a fleet's networks and worlds may take.
const FLEET_BYTES: u64 = 96 << 20;
/// Networks of a fleet at most: a dispatch has room for 65,535 workgroups.
const FLEET_NETWORKS: usize = 32_768;

/// Jobs of one spec in progress on a GPU. Ask for more with [`Self::advance`]; not asking is pausing,
/// dropping is cancelling.
pub struct FleetRun {
    gpu: Gpu,
    spec: CheckedSpec,
    crew: Vec<Crew>,
    stage: Option<Stage>,
    /// Sample x unit x steps a second, as measured.
    speed: Option<f64>,
}

/// One job of the fleet.
struct Crew {
    job: Job,
    inputs: Rc<Inputs>,
    pretrained: Option<Parameters>,
    /// Branches that have ended; pre-training that diverged ends all of them.
    ended: Vec<bool>,
    /// Phases that were under way elsewhere and whose turn has not come.
    open: Vec<OpenPhase>,
    work_done: f64,
}

/// Networks that can train in lockstep have this in common: whether they fine-tune, steps made, checkpoints reported.
fn place(open: &OpenPhase) -> (bool, u32, u32) {
    (open.branch.is_some(), open.network.step, open.reported)
}

impl FleetRun {
    /// Jobs at their beginning.
    ///
    /// # Panics
    /// If there are no jobs.
    pub fn new(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job]) -> Self {
        let mut run = Self::idle(gpu, spec, jobs);
        run.stage = run.next();
        run
    }

    /// Jobs where checkpoints left them, each at a place of its own.
    ///
    /// # Panics
    /// If there are no jobs, or checkpoints that do not fit the spec ([`JobCheckpoint::fits`]).
    pub fn resume(gpu: &Gpu, spec: &CheckedSpec, checkpoints: Vec<JobCheckpoint>) -> Self {
        assert!(checkpoints.iter().all(|checkpoint| checkpoint.fits(spec)), "a checkpoint fits its spec");
        let jobs: Vec<Job> = checkpoints.iter().map(|checkpoint| checkpoint.job).collect();
        let mut run = Self::idle(gpu, spec, &jobs);
        for (crew, checkpoint) in run.crew.iter_mut().zip(checkpoints) {
            checkpoint.ended.iter().for_each(|&branch| crew.ended[branch as usize] = true);
            (crew.pretrained, crew.open) = (checkpoint.pretrained, checkpoint.open);
            crew.work_done = checkpoint.work_done;
        }
        run.stage = run.next();
        run
    }

    fn idle(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job]) -> Self {
        assert!(!jobs.is_empty(), "a fleet has jobs");
        let mut inputs: BTreeMap<u32, Rc<Inputs>> = BTreeMap::new();
        let crew = jobs.iter().map(|&job| Crew {
            job,
            inputs: Rc::clone(inputs.entry(job.seed).or_insert_with(|| Rc::new(Inputs::of(spec, job.seed)))),
            pretrained: None,
            ended: vec![false; spec.branch_count()],
            open: Vec::new(),
            work_done: 0.0,
        });
        Self { gpu: gpu.clone(), crew: crew.collect(), spec: spec.clone(), stage: None, speed: None }
    }

    /// What is to be trained next: phases under way, one place after the other, so that all jobs then begin
    /// their next phase together; pre-training of all that lack it; every branch that is left. `None` at the end.
    fn next(&mut self) -> Option<Stage> {
        if let Some(here) = self.crew.iter().flat_map(|crew| &crew.open).map(place).min() {
            let mut at = Vec::new();
            for (k, crew) in self.crew.iter_mut().enumerate() {
                let (now, later) = std::mem::take(&mut crew.open).into_iter().partition(|open| place(open) == here);
                crew.open = later;
                let now: Vec<OpenPhase> = now;
                at.extend(now.into_iter().map(|open| (k, open.branch.map(|branch| branch as usize), open.network)));
            }
            return Some(Stage::new(self, at, here.2 as usize));
        }
        let crew = &self.crew;
        let at_start = |k: usize, parameters: Parameters| {
            let mlp = self.spec.network(crew[k].job.width);
            Snapshot::at_start(&mlp, parameters, self.spec.optimiser)
        };
        let left = |k: usize| (0..crew[k].ended.len()).filter(move |&branch| !crew[k].ended[branch]);
        let jobs = || (0..crew.len()).filter(|&k| left(k).next().is_some());
        let fresh = jobs().filter(|&k| crew[k].pretrained.is_none());
        let mut at: Vec<_> = fresh.map(|k| (k, None, at_start(k, self.initial(k)))).collect();
        if at.is_empty() {
            let branches = jobs().flat_map(|k| left(k).map(move |branch| (k, branch)));
            let start = |(k, branch): (usize, usize)| Some((k, Some(branch), at_start(k, crew[k].pretrained.clone()?)));
            at.extend(branches.filter_map(start));
        }
        (!at.is_empty()).then(|| Stage::new(self, at, 0))
    }

    /// Parameters of a job before pre-training.
    fn initial(&self, k: usize) -> Parameters {
        let job = self.crew[k].job;
        self.spec.network(job.width).init(&mut Seed::new(u64::from(job.seed)).fork("init").stream())
    }

    /// How many of the first of some jobs make one good fleet: as many as keep eight steps of all their
    /// branches within a slice at `speed` (sample x unit x steps a second, a guess where there is
    /// none), of deep networks one step, and fit into memory; at least one.
    pub fn appetite(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job], speed: Option<f64>) -> usize {
        let speed = speed.unwrap_or(if gpu.facts().is_software() { 1e8 } else { 2e10 });
        let (branches, inputs) = (spec.branch_count(), spec.input_count() as usize);
        let examples = (spec.stages() + 1) * spec.samples as usize;
        let seen = if spec.batch > 0 { spec.batch as usize } else { examples };
        // Deep networks are measured all at once, as many test points as examples and the line.
        let samples = if spec.is_deep() { seen.max(examples + GRID) } else { seen };
        // Deep networks stay where they are between steps, and a step of few takes as long as one of many.
        let step = match spec.is_deep() {
            true => (speed * SLICE_SECONDS).max(FIRST_SLICE),
            false => speed * SLICE_SECONDS / STEPS_A_SLICE,
        };
        let room = FLEET_BYTES.min(gpu.facts().largest_buffer / 4);
        let (mut work, mut bytes, mut seeds) = (0.0, 0, BTreeSet::new());
        let fits = |job: &&Job| {
            work += branches as f64 * work_of_step(spec, job.width, spec.stages() - 1, 0.5);
            bytes += branches as u64 * Lockstep::bytes_of(&spec.network(job.width), samples, spec.optimiser);
            if seeds.insert(job.seed) {
                bytes += bytes_of_world(inputs, examples);
            }
            work <= step && bytes <= room
        };
        jobs.iter().take_while(fits).count().clamp(1, (FLEET_NETWORKS / branches).max(1)).min(jobs.len())
    }

    /// Whether nothing more will come.
    pub fn is_done(&self) -> bool {
        self.stage.is_none()
    }

    /// Sample x unit x steps of a job so far.
    pub fn work_done(&self, job: Job) -> f64 {
        self.crew.iter().find(|crew| crew.job == job).map_or(0.0, |crew| crew.work_done)
    }

    /// Sample x unit x steps a second, once measured.
    pub fn speed(&self) -> Option<f64> {
        self.speed
    }

    /// Trains on for about `millis`, at least one slice; returns what is to report.
    ///
    /// # Errors
    /// If the device gives no answer; the run is then of no further use.
    pub async fn advance(&mut self, millis: f64) -> Result<Vec<(Job, Event)>, GpuFault> {
        let deadline = self.gpu.now_millis() + millis;
        let mut events = Vec::new();
        while let Some(mut stage) = self.stage.take() {
            stage.slice(self, &mut events).await?;
            self.stage = if stage.is_over() { self.after(stage).await? } else { Some(stage) };
            if self.gpu.now_millis() >= deadline {
                break;
            }
        }
        Ok(events)
    }

    /// What comes after a stage.
    async fn after(&mut self, stage: Stage) -> Result<Option<Stage>, GpuFault> {
        if !stage.fine_tuning {
            for (k, snapshot) in stage.survivors().await? {
                self.crew[k].pretrained = Some(snapshot.parameters);
            }
        }
        drop(stage); // its memory is for the next one
        Ok(self.next())
    }

    /// A job's network after pre-training, once that is over.
    pub fn pretrained(&self, job: Job) -> Option<&Parameters> {
        self.crew.iter().find(|crew| crew.job == job)?.pretrained.as_ref()
    }

    /// Where every unfinished job stands.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn checkpoint(&self) -> Result<Vec<JobCheckpoint>, GpuFault> {
        let Some(stage) = &self.stage else { return Ok(Vec::new()) };
        let standing = |crew: &Crew| JobCheckpoint {
            job: crew.job,
            pretrained: crew.pretrained.clone(),
            open: crew.open.clone(),
            ended: (0..).zip(&crew.ended).filter(|(_, ended)| **ended).map(|(branch, _)| branch).collect(),
            work_done: crew.work_done,
        };
        let mut checkpoints: Vec<JobCheckpoint> = self.crew.iter().map(standing).collect();
        for (k, branch, network) in stage.open().await? {
            let branch = branch.map(|branch| branch as u32);
            checkpoints[k].open.push(OpenPhase { branch, network, reported: stage.reported as u32, underway: None });
        }
        checkpoints.retain(|checkpoint| checkpoint.ended.len() < self.spec.branch_count());
        Ok(checkpoints)
    }

    fn end(&mut self, k: usize, branch: Option<usize>, ending: Ending) -> (Job, Event) {
        let crew = &mut self.crew[k];
        match (branch, ending) {
            (Some(branch), _) => crew.ended[branch] = true,
            (None, Ending::Diverged(_)) => crew.ended.fill(true),
            (None, _) => {}
        }
        (crew.job, Event::Ended { branch: branch.map(|branch| branch as u32), ending })
    }
}
