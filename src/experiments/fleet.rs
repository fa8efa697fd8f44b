//! Many jobs on the fused GPU engine, in lockstep: all pre-train together, then all branches of all
//! jobs fine-tune together.

mod stage;

use std::collections::BTreeMap;
use std::rc::Rc;

use self::stage::Stage;
use super::checkpoint::{JobCheckpoint, OpenPhase};
use super::event::{Ending, Event, grid};
use super::inputs::Inputs;
use super::job::Job;
use super::spec::CheckedSpec;
use crate::engine::fused_cpu::Snapshot;
pub use crate::engine::fused_gpu::GpuFault;
use crate::engine::fused_gpu::{Gpu, bytes_of};
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
/// Bytes of parameters and moments that a fleet may take.
const FLEET_BYTES: u64 = 96 << 20;
/// Networks of a fleet at most: a dispatch has room for 65,535 workgroups.
const FLEET_NETWORKS: usize = 32_768;

/// Jobs of one spec in progress on a GPU. Ask for more with [`Self::advance`]; not asking is pausing,
/// dropping is cancelling.
pub struct FleetRun {
    gpu: Gpu,
    spec: CheckedSpec,
    grid: Vec<f32>,
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
    work_done: f64,
}

impl Crew {
    /// Networks that are to be trained in a phase.
    fn due(&self, fine_tuning: bool) -> usize {
        if fine_tuning { self.ended.iter().filter(|&&ended| !ended).count() } else { 1 }
    }
}

impl FleetRun {
    /// Jobs at their beginning.
    ///
    /// # Panics
    /// If there are no jobs.
    pub fn new(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job]) -> Self {
        let mut run = Self::idle(gpu, spec, jobs);
        run.stage = Some(run.begin(false));
        run
    }

    /// Jobs where checkpoints left them; `None` if these do not fit the spec, or are not all at the same
    /// phase and step.
    pub fn resume(gpu: &Gpu, spec: &CheckedSpec, checkpoints: Vec<JobCheckpoint>) -> Option<Self> {
        let jobs: Vec<Job> = checkpoints.iter().map(|checkpoint| checkpoint.job).collect();
        if jobs.is_empty() || !checkpoints.iter().all(|checkpoint| checkpoint.fits(spec)) {
            return None;
        }
        let mut run = Self::idle(gpu, spec, &jobs);
        let mut open = Vec::new();
        for (k, checkpoint) in checkpoints.into_iter().enumerate() {
            let crew = &mut run.crew[k];
            crew.pretrained = checkpoint.pretrained;
            crew.work_done = checkpoint.work_done;
            checkpoint.ended.iter().for_each(|&branch| crew.ended[branch as usize] = true);
            open.extend(checkpoint.open.into_iter().map(|phase| (k, phase)));
        }
        let fine_tuning = run.crew[0].pretrained.is_some();
        if run.crew.iter().any(|crew| crew.pretrained.is_some() != fine_tuning) {
            return None;
        }
        if open.is_empty() {
            run.stage = Some(run.begin(fine_tuning));
            return Some(run);
        }
        let (step, reported) = open.first().map(|(_, phase)| (phase.network.step, phase.reported))?;
        let together = open.iter().all(|(_, phase)| (phase.network.step, phase.reported) == (step, reported));
        let due = run.crew.iter().map(|crew| crew.due(fine_tuning)).sum::<usize>();
        if !together || due != open.len() {
            return None;
        }
        let at = open.into_iter().map(|(k, phase)| (k, phase.branch.map(|branch| branch as usize), phase.network));
        run.stage = Some(Stage::new(&run, at.collect(), reported as usize));
        Some(run)
    }

    fn idle(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job]) -> Self {
        assert!(!jobs.is_empty(), "a fleet has jobs");
        let mut inputs: BTreeMap<u32, Rc<Inputs>> = BTreeMap::new();
        let crew = jobs.iter().map(|&job| Crew {
            job,
            inputs: Rc::clone(inputs.entry(job.seed).or_insert_with(|| Rc::new(Inputs::of(spec, job.seed)))),
            pretrained: None,
            ended: vec![false; spec.branches().len()],
            work_done: 0.0,
        });
        Self {
            gpu: gpu.clone(),
            grid: grid(spec.means, spec.standard_deviation()),
            crew: crew.collect(),
            spec: spec.clone(),
            stage: None,
            speed: None,
        }
    }

    /// A phase of every job at its beginning.
    fn begin(&self, fine_tuning: bool) -> Stage {
        let at_start = |parameters| Snapshot::at_start(parameters, self.spec.optimiser);
        let mut at = Vec::new();
        for (k, crew) in self.crew.iter().enumerate() {
            match &crew.pretrained {
                Some(parameters) => {
                    let due = (0..crew.ended.len()).filter(|&branch| !crew.ended[branch]);
                    at.extend(due.map(|branch| (k, Some(branch), at_start(parameters.clone()))));
                }
                None if !fine_tuning => at.push((k, None, at_start(self.initial(k)))),
                None => {} // diverged in pre-training
            }
        }
        Stage::new(self, at, 0)
    }

    /// Parameters of a job before pre-training.
    fn initial(&self, k: usize) -> Parameters {
        let job = self.crew[k].job;
        self.spec.network(job.width).init(&mut Seed::new(u64::from(job.seed)).fork("init").stream())
    }

    /// How many of the first of some jobs make one good fleet: as many as keep eight steps of all their
    /// branches within a slice at `speed` (sample x unit x steps a second, a guess where there is
    /// none), and fit into memory; at least one.
    pub fn appetite(gpu: &Gpu, spec: &CheckedSpec, jobs: &[Job], speed: Option<f64>) -> usize {
        let speed = speed.unwrap_or(if gpu.facts().is_software() { 1e8 } else { 2e10 });
        let branches = spec.branches().len();
        let samples = if spec.batch > 0 { spec.batch } else { 2 * spec.samples };
        let room = FLEET_BYTES.min(gpu.facts().largest_buffer / 4);
        let (mut work, mut bytes) = (0.0, 0);
        let fits = |job: &&Job| {
            work += branches as f64 * f64::from(samples) * f64::from(job.width);
            bytes += branches as u64 * bytes_of(job.width as usize, samples as usize, spec.optimiser);
            work <= speed * SLICE_SECONDS / STEPS_A_SLICE && bytes <= room
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
        if stage.fine_tuning {
            return Ok(None);
        }
        for (k, snapshot) in stage.survivors().await? {
            self.crew[k].pretrained = Some(snapshot.parameters);
        }
        let any = self.crew.iter().any(|crew| crew.pretrained.is_some());
        Ok(any.then(|| self.begin(true)))
    }

    /// Where every unfinished job stands.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn checkpoint(&self) -> Result<Vec<JobCheckpoint>, GpuFault> {
        let Some(stage) = &self.stage else { return Ok(Vec::new()) };
        let mut checkpoints: BTreeMap<usize, JobCheckpoint> = BTreeMap::new();
        for (k, branch, network) in stage.open().await? {
            let crew = &self.crew[k];
            let entry = checkpoints.entry(k).or_insert_with(|| JobCheckpoint {
                job: crew.job,
                pretrained: crew.pretrained.clone(),
                open: Vec::new(),
                ended: (0..).zip(&crew.ended).filter(|(_, ended)| **ended).map(|(branch, _)| branch).collect(),
                work_done: crew.work_done,
            });
            let branch = branch.map(|branch| branch as u32);
            entry.open.push(OpenPhase { branch, network, reported: stage.reported as u32 });
        }
        Ok(checkpoints.into_values().collect())
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
