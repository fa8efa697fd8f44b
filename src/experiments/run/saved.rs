//! Leaving a job in mid-run, and going on with it.

use super::{Begun, JobRun, Phase};
use crate::engine::Trainee;
use crate::experiments::checkpoint::{JobCheckpoint, OpenPhase};
use crate::experiments::phase::past;
use crate::experiments::spec::CheckedSpec;

impl JobRun {
    /// Where the job stands; `None` once it is done, and where its numbers have left the finite ones, so that
    /// the next step will end it.
    ///
    /// ```
    /// use lethe::experiments::{CheckedSpec, Experiment, Job, JobRun};
    /// let spec = CheckedSpec::defaults(Experiment::default());
    /// let mut run = JobRun::new(&spec, Job { seed: 0, width: 64 });
    /// run.advance(1.0);
    /// let mut again = JobRun::resume(&spec, run.checkpoint().unwrap()).unwrap();
    /// assert_eq!(again.advance(1e6), run.advance(1e6));
    /// ```
    pub fn checkpoint(&self) -> Option<JobCheckpoint> {
        self.place().filter(|checkpoint| checkpoint.fits(&self.spec))
    }

    /// The same job at the beginning of its present phase, or at its very start. Branches that were begun
    /// elsewhere begin again, too.
    pub fn rewound(&self, to_start: bool) -> Self {
        let place = if to_start { None } else { self.place() };
        let place = place.map_or_else(|| JobCheckpoint::beginning(self.job), |place| place.rewound(&self.spec));
        Self::resume(&self.spec, place).unwrap_or_else(|| Self::new(&self.spec, self.job))
    }

    fn place(&self) -> Option<JobCheckpoint> {
        let branch = match (&self.phase, &self.planning) {
            (Some(phase), _) => phase.branch,
            (None, planning) => Some(planning.as_ref()?.branch),
        };
        // A plan that is made but not told is made again.
        let open = self.phase.as_ref().filter(|phase| phase.untold.is_none());
        let here = open.map(|phase| OpenPhase {
            branch: phase.branch.map(|branch| branch as u32),
            network: self.state.snapshot(),
            reported: phase.reported as u32,
            underway: phase.underway.clone(),
        });
        let waiting = self.begun.iter().rev().map(|begun| OpenPhase {
            branch: Some(begun.branch as u32),
            network: begun.state.snapshot(),
            reported: begun.reported as u32,
            underway: begun.underway.clone(),
        });
        Some(JobCheckpoint {
            job: self.job,
            pretrained: branch.map(|_| self.pretrained.parameters()),
            open: here.into_iter().chain(waiting).collect(),
            ended: self.ended.clone(),
            work_done: self.work_done,
        })
    }

    /// Goes on from a checkpoint, which may have been made by another engine; `None` where it does not
    /// fit the spec. Branches under way come first, in the checkpoint's order.
    pub fn resume(spec: &CheckedSpec, checkpoint: JobCheckpoint) -> Option<Self> {
        if !checkpoint.fits(spec) {
            return None;
        }
        let mut run = Self::new(spec, checkpoint.job);
        let (network, optimiser) = (*run.state.mlp(), run.optimiser);
        let restored = |open: OpenPhase| {
            let state = Trainee::restore(network, optimiser, open.network)?;
            Some((open.branch, state, open.reported as usize, open.underway))
        };
        let open = checkpoint.open.into_iter().map(restored).collect::<Option<Vec<_>>>()?;
        run.ended = checkpoint.ended;
        run.work_done = checkpoint.work_done;
        for (branch, state, reported, underway) in open.into_iter().rev() {
            match branch {
                Some(branch) => run.begun.push(Begun { branch: branch as usize, state, reported, underway }),
                None => run.phase = run.phase.take().map(|phase| run.go_on(phase, state, reported)),
            }
        }
        if let Some(parameters) = checkpoint.pretrained {
            run.pretrained = Trainee::new(network, parameters, optimiser);
            run.phase = run.next_phase();
        }
        Some(run)
    }

    /// A phase that has just begun, gone on to where a network stands in it.
    pub(super) fn go_on(&mut self, phase: Phase, state: Trainee, reported: usize) -> Phase {
        let step = state.step();
        self.state = match Trainee::restore(*state.mlp(), phase.optimiser, state.snapshot()) {
            Some(state) => state,
            None => state,
        };
        self.state.restrain(Some(&phase.treatment.restraint));
        let batches = match self.spec.batch as usize {
            0 => phase.batches,
            size => past(phase.pieces.iter().map(|piece| **piece), &phase.mixtures, step, size, phase.batches),
        };
        let mut phase = Phase { batches, reported, ..phase };
        if let Some(forecast) = phase.forecast.as_mut().filter(|_| reported > 0) {
            forecast.untold.clear();
        }
        phase
    }
}
