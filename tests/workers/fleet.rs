//! A fleet that the CPU plays: what it computes is the CPU's to the bit.

use lethe::experiments::{CheckedSpec, Event, Job, JobCheckpoint, JobRun};
use lethe::model::Parameters;
use lethe::web::fleets::Trainer;
use lethe::web::protocol::Fault;

/// Sample x unit x steps of a job in one slice: every few checkpoints of the small runs.
const SLICE: f64 = 200.0;

pub struct PlayedFleet(Vec<Crew>);

struct Crew {
    job: Job,
    run: JobRun,
    /// After pre-training, whether the run is there or not.
    pretrained: Option<Parameters>,
}

impl Trainer for PlayedFleet {
    /// Jobs of a fleet.
    type Device = usize;

    fn begin(_: &usize, spec: &CheckedSpec, jobs: Vec<JobCheckpoint>) -> Self {
        let crew = |at: JobCheckpoint| Crew {
            job: at.job,
            pretrained: at.pretrained.clone(),
            run: JobRun::resume(spec, at).expect("only what fits is trained"),
        };
        Self(jobs.into_iter().map(crew).collect())
    }

    fn appetite(most: &usize, _: &CheckedSpec, jobs: &[Job], _: Option<f64>) -> usize {
        jobs.len().min(*most)
    }

    fn is_done(&self) -> bool {
        self.0.iter().all(|crew| crew.run.is_done())
    }

    fn work_done(&self, job: Job) -> f64 {
        self.0.iter().find(|crew| crew.job == job).map_or(0.0, |crew| crew.run.work_done())
    }

    fn speed(&self) -> Option<f64> {
        None
    }

    fn pretrained(&self, job: Job) -> Option<&Parameters> {
        self.0.iter().find(|crew| crew.job == job)?.pretrained.as_ref()
    }

    async fn advance(&mut self, _: f64) -> Result<Vec<(Job, Event)>, Fault> {
        let mut events = Vec::new();
        for crew in self.0.iter_mut().filter(|crew| !crew.run.is_done()) {
            events.extend(crew.run.advance(SLICE).into_iter().map(|event| (crew.job, event)));
            if crew.pretrained.is_none() {
                crew.pretrained = crew.run.checkpoint().and_then(|at| at.pretrained);
            }
        }
        Ok(events)
    }

    async fn checkpoint(&self) -> Result<Vec<JobCheckpoint>, Fault> {
        Ok(self.0.iter().filter_map(|crew| crew.run.checkpoint()).collect())
    }
}
