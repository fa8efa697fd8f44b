//! One job on the CPU: pre-train once, fine-tune along every branch.

mod forecast;
pub(super) mod looks;
mod measuring;
pub mod planner;
mod saved;
mod tangent;

use self::forecast::{Asked, Forecast};
use self::looks::Underway;
use self::measuring::{error, mean, old_loss};
use self::planner::{NoPlan, Planner, Planning};
use self::tangent::Tangent;
#[cfg(all(feature = "scaling", feature = "associations"))]
pub(super) use self::tangent::plain_kernel;
use super::branch::Branch;
use super::curriculum::Plan;
use super::event::{Ending, Event};
use super::inputs::Inputs;
use super::job::{Job, checkpoints, work_of_step};
use super::mitigations::Mitigated;
use super::phase::{Piece, extent, pieces, pretraining_schedule, stop_of, traces};
use super::spec::CheckedSpec;
use crate::engine::{Batches, Outcome, Stop, Trainee};
use crate::seed::{Seed, Stream};
use crate::train::mitigation::{Base, Treatment};
use crate::train::{Mixture, Optimiser, ReplaySchedule};

/// One job in progress. Ask for more with [`Self::advance`]; not asking is pausing, dropping is cancelling.
///
/// ```
/// use lethe::experiments::{CheckedSpec, Experiment, Job, JobRun};
/// let mut run = JobRun::new(&CheckedSpec::defaults(Experiment::default()), Job { seed: 0, width: 64 });
/// let first = run.advance(1.0);
/// assert_eq!(first.len(), 1, "the untrained network is the first checkpoint");
/// ```
pub struct JobRun {
    job: Job,
    spec: CheckedSpec,
    inputs: Inputs,
    branches: Vec<Branch>,
    /// The network in training.
    state: Trainee,
    /// The network after pre-training, where every branch begins.
    pretrained: Trainee,
    optimiser: Optimiser,
    /// The pre-trained network linearised, once a branch has asked for it.
    tangent: Option<Tangent>,
    /// What plans schedules for it, or why theory cannot, once a branch has asked for one.
    planner: Option<Result<Planner, NoPlan>>,
    /// The branch whose schedule is being planned; there is no phase meanwhile.
    planning: Option<Planning>,
    phase: Option<Phase>,
    /// Branches begun elsewhere, to be gone on with when their turn comes; the last one first.
    begun: Vec<Begun>,
    /// Branches that have ended.
    ended: Vec<u32>,
    work_done: f64,
}

/// A branch begun elsewhere.
struct Begun {
    branch: usize,
    state: Trainee,
    reported: usize,
    /// Where the branch is a planned one.
    underway: Option<Underway>,
}

/// The phase that goes on.
struct Phase {
    /// `None` for pre-training.
    branch: Option<usize>,
    pieces: Vec<Piece>,
    /// One for each new task.
    mixtures: Vec<Mixture>,
    batches: Stream,
    checkpoints: Vec<u32>,
    /// How many checkpoints have been reported.
    reported: usize,
    start: crate::model::Parameters,
    stop: Option<Stop>,
    /// What the kernel says of a branch, where the experiment asks it.
    forecast: Option<Forecast>,
    /// The plan of a branch, until it is told.
    untold: Option<Plan>,
    /// Where the branch is a planned one.
    underway: Option<Underway>,
    /// What a mitigation makes different.
    treatment: Treatment,
    /// Whether the mitigation could look at the network: one whose gradients are not finite has diverged.
    treatable: bool,
    optimiser: Optimiser,
}

impl JobRun {
    /// A job at its beginning.
    pub fn new(spec: &CheckedSpec, job: Job) -> Self {
        let network = spec.network(job.width);
        let inputs = Inputs::of(spec, job.seed);
        let seed = Seed::new(u64::from(job.seed));
        let parameters = network.init(&mut seed.fork("init").stream());
        let optimiser = Optimiser { kind: spec.optimiser, learning_rate: spec.learning_rate_at(job.width) as f32 };
        let state = Trainee::new(network, parameters, optimiser);
        let mut run = Self {
            job,
            spec: spec.clone(),
            branches: spec.branches(),
            pretrained: state.clone(),
            state,
            optimiser,
            inputs,
            tangent: None,
            planner: None,
            planning: None,
            phase: None,
            begun: Vec::new(),
            ended: Vec::new(),
            work_done: 0.0,
        };
        run.phase = Some(run.begin(None, &pretraining_schedule(spec)));
        run
    }

    /// The seed and width.
    pub fn job(&self) -> Job {
        self.job
    }

    /// Whether nothing more will come.
    pub fn is_done(&self) -> bool {
        self.phase.is_none() && self.planning.is_none()
    }

    /// Work done so far in sample x unit x steps.
    pub fn work_done(&self) -> f64 {
        self.work_done
    }

    /// Trains on for about `work` sample x unit x steps, at least one step, and at most to the next
    /// checkpoint; or, where a schedule is to be planned first, goes on with that for a fraction of a second.
    /// Returns what is to report. Slicing changes nothing about the events.
    pub fn advance(&mut self, work: f64) -> Vec<Event> {
        if let Some(planning) = self.planning.take() {
            return self.plan_on(planning);
        }
        let Some(mut phase) = self.phase.take() else { return Vec::new() };
        let branch = phase.branch.map(|branch| branch as u32);
        let mut events = phase.told_before();
        let target = phase.checkpoints[phase.reported];
        let began = self.state.step();
        let outcome =
            if phase.treatable { self.train(&mut phase, target, work) } else { Outcome::Diverged { step: 0 } };
        if outcome == Outcome::Finished && (self.state.step() > began || phase.reported == 0) {
            events.extend(self.look_at_tasks(&phase));
        }
        let ending = match outcome {
            Outcome::Finished if self.state.step() < target => None,
            Outcome::Finished => match self.measure(&mut phase) {
                Some(told) => {
                    events.extend(told);
                    (phase.reported == phase.checkpoints.len()).then_some(Ending::Complete)
                }
                None => Some(Ending::Diverged(target)),
            },
            Outcome::Stopped { step } => {
                let known = phase.reported.checked_sub(1).map(|last| phase.checkpoints[last]);
                let measured = known == Some(step) || {
                    let told = self.measure(&mut phase);
                    let found = told.is_some();
                    events.extend(told.into_iter().flatten());
                    found
                };
                Some(if measured { Ending::Stopped(step) } else { Ending::Diverged(step) })
            }
            Outcome::Diverged { step } => Some(Ending::Diverged(step)),
        };
        match ending {
            None => self.phase = Some(phase),
            Some(ending) => {
                let seen = phase.underway.as_ref().filter(|_| ending == Ending::Complete);
                let seen = seen.and_then(|underway| underway.over_time(self.spec.fine_tuning_steps));
                events.extend(branch.zip(seen).map(|(branch, over_time)| Event::Looked { branch, over_time }));
                events.push(Event::Ended { branch, ending });
                self.phase = self.after(phase.branch, ending);
            }
        }
        events
    }

    /// Trains towards the step `target`, in one go as far as `work` and the schedule's pieces allow.
    fn train(&mut self, phase: &mut Phase, target: u32, work: f64) -> Outcome {
        let here = self.state.step();
        let Some(piece) = phase.pieces.iter().find(|piece| (piece.from..piece.to).contains(&here)) else {
            return Outcome::Finished;
        };
        let size = self.spec.batch as usize;
        let per_step = work_of_step(&self.spec, self.job.width, piece.stage, piece.replay);
        let affordable = (work / per_step).clamp(1.0, f64::from(u32::MAX)) as u32;
        let mut steps = affordable.min(target - here).min(piece.to - here);
        if phase.underway.is_some() {
            steps = steps.min(Underway::next_look(here, self.spec.fine_tuning_steps) - here);
        }
        let mixture = &phase.mixtures[piece.stage];
        let replay = phase.treatment.replay_or(piece.replay);
        let mut examples = self.inputs.examples(phase.branch.is_some(), mixture.full_batch_with(replay));
        if let Some(labels) = &phase.treatment.labels {
            examples.y[..labels.len()].copy_from_slice(labels);
        }
        let (stream, replay) = (&mut phase.batches, piece.replay);
        let mut draw = |_: u32, batch: &mut [u32]| mixture.draw(replay, stream, batch);
        let batches = if size == 0 { Batches::Full } else { Batches::Sampled { size, draw: &mut draw } };
        let outcome = self.state.train(&examples, steps, batches, phase.stop);
        self.work_done += per_step * f64::from(self.state.step() - here);
        if let (Outcome::Finished, true, Some(underway)) = (&outcome, self.state.step() > here, &mut phase.underway) {
            let (state, inputs) = (&self.state, &self.inputs);
            underway.look(state.step(), self.spec.fine_tuning_steps, || old_loss(state, inputs));
        }
        outcome
    }

    fn begin(&mut self, branch: Option<usize>, schedule: &ReplaySchedule) -> Phase {
        let spec = &self.spec;
        let (steps, label) = extent(spec, branch.is_some());
        let stages = if branch.is_some() { self.inputs.stages() } else { 1 };
        let mixtures: Vec<Mixture> =
            (0..stages).map(|stage| self.inputs.mixture(spec, branch.is_some(), stage)).collect();
        let traces = traces(&self.state, &self.inputs, &mixtures);
        let mitigated = branch.and_then(|branch| self.branches[branch].mitigated());
        let treatment = mitigated.map_or_else(|| Some(Treatment::plain()), |mitigated| self.treatment(&mitigated));
        let treatable = treatment.is_some();
        let treatment = treatment.unwrap_or_else(Treatment::plain);
        let optimiser = treatment.optimiser(self.optimiser, spec.batch > 0);
        if mitigated.is_some() {
            self.state.begin_phase(optimiser);
            self.state.restrain(Some(&treatment.restraint));
        }
        let mut phase = Phase {
            branch,
            pieces: pieces(spec, (steps, schedule), optimiser.learning_rate, &traces),
            mixtures,
            batches: self.inputs.seed.fork(label).stream(),
            checkpoints: checkpoints(steps),
            reported: 0,
            start: self.state.parameters(),
            stop: stop_of(spec, branch.is_some()),
            forecast: None,
            untold: None,
            underway: None,
            treatment,
            treatable,
            optimiser,
        };
        if branch.is_some() && spec.experiment.predicts() {
            phase.forecast = self.forecast(&phase);
        }
        phase
    }

    /// What a mitigation makes different, from the pre-trained network; `None` where the network, its outputs or its
    /// gradients are not finite. Strengths are checked with the spec.
    fn treatment(&self, mitigated: &Mitigated) -> Option<Treatment> {
        let (inputs, mlp) = (&self.inputs, *self.pretrained.mlp());
        let (samples, parameters) = (self.spec.samples as usize, self.pretrained.parameters());
        let new = inputs.stages() * samples;
        let (new_inputs, old_inputs) = inputs.training_inputs().split_at(new * mlp.inputs);
        let base = Base {
            mlp,
            optimiser: self.optimiser,
            parameters: &parameters,
            new_inputs,
            new_labels: &inputs.labels(true)[..new],
            new_outputs: &self.pretrained.outputs(new_inputs),
            old_inputs,
            gradients: &|x| self.pretrained.gradients(x),
        };
        mitigated.mitigation.treatment(&base, mitigated.strength).ok()
    }

    /// What the kernel says of a branch that is about to begin; `None` where there is no finite kernel.
    fn forecast(&mut self, phase: &Phase) -> Option<Forecast> {
        let mlp = self.state.mlp();
        if self.tangent.is_none() {
            self.tangent = Tangent::of(mlp, self.state.parameters(), &self.inputs);
        }
        let start = self.state.outputs(&self.inputs.old().x);
        let asked = Asked {
            spec: &self.spec,
            mlp,
            inputs: &self.inputs,
            pieces: &phase.pieces,
            mixtures: &phase.mixtures,
            learning_rate: self.optimiser.learning_rate,
            checkpoints: &phase.checkpoints,
            start,
        };
        self.tangent.as_ref().map(|tangent| Forecast::of(&asked, tangent))
    }

    /// What comes after a phase has ended.
    fn after(&mut self, branch: Option<usize>, ending: Ending) -> Option<Phase> {
        match (branch, ending) {
            (None, Ending::Diverged(_)) => return None,
            (None, _) => self.pretrained = self.state.clone(),
            (Some(branch), _) => self.ended.push(branch as u32),
        }
        self.next_phase()
    }

    /// The next branch: one that was begun elsewhere, or else the first that has not ended; `None` where that is
    /// to be planned first.
    fn next_phase(&mut self) -> Option<Phase> {
        self.state = self.pretrained.clone();
        self.state.begin_phase(self.optimiser);
        if let Some(begun) = self.begun.pop() {
            let planned = begun.underway.as_ref().map(|underway| underway.schedule.clone());
            let schedule = planned.or_else(|| self.branches[begun.branch].schedule().cloned())?;
            let phase = self.begin(Some(begun.branch), &schedule);
            return Some(self.go_on(Phase { underway: begun.underway, ..phase }, begun.state, begun.reported));
        }
        let next = (0..self.branches.len()).find(|&branch| !self.ended.contains(&(branch as u32)))?;
        match self.branches[next].clone() {
            Branch::Scheduled(schedule) | Branch::Mitigated { schedule, .. } => Some(self.begin(Some(next), &schedule)),
            Branch::Planned { way, .. } => {
                self.planning = Some(Planning::new(next, way));
                None
            }
        }
    }
}

impl Phase {
    /// The plan and the predicted curve, to be told before the first step.
    fn told_before(&mut self) -> Vec<Event> {
        let Some(branch) = self.branch.map(|branch| branch as u32) else { return Vec::new() };
        let plan = self.untold.take().map(|plan| Event::Planned { branch, plan });
        let curve = self.forecast.as_mut().map(|forecast| core::mem::take(&mut forecast.untold)).unwrap_or_default();
        plan.into_iter().chain(curve.into_iter().map(|point| Event::Predicted { branch, point })).collect()
    }
}
