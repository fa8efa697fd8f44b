//! One phase of all jobs of a fleet: training towards checkpoints, and telling what was measured there.

mod telling;

use std::collections::{BTreeMap, VecDeque};

use self::telling::Mark;
use super::lockstep::Lockstep;
use super::{FIRST_SLICE, FleetRun, SLICE_SECONDS};
use crate::engine::Outcome;
use crate::engine::Trainee;
use crate::engine::fleet::{Common, Network, World};
use crate::engine::fused_cpu::Snapshot;
use crate::engine::fused_gpu::GpuFault;
use crate::experiments::branch::Branch;
use crate::experiments::event::Event;
use crate::experiments::job::{Job, checkpoints, stage_ends, work_of_step};
use crate::experiments::phase::{
    Piece, Stretch, extent, past, pieces, pretraining_schedule, stop_of, stretches, traces,
};
use crate::experiments::spec::CheckedSpec;
use crate::seed::Stream;
use crate::train::{Mixture, Optimiser, ReplaySchedule};

/// All networks of a phase.
pub struct Stage {
    pub fine_tuning: bool,
    /// Checkpoints reported.
    pub reported: usize,
    fleet: Lockstep,
    members: Vec<Member>,
    checkpoints: Vec<u32>,
    /// Steps still to come at which the losses on all tasks of a sequence are told.
    looks: VecDeque<u32>,
    /// One for each new task.
    mixtures: Vec<Mixture>,
    /// What is trained when, one course for each branch; one in pre-training.
    courses: Vec<Vec<Stretch>>,
    /// The new tasks and replay fractions that occur, one row of weights for each.
    blends: Vec<(usize, f64)>,
    /// Batch streams, one for each row of batches, with the branch whose course they follow.
    streams: Vec<(usize, Stream)>,
    /// Whether the device has run this stage's kernels before: the first time it compiles them.
    warm: bool,
}

struct Member {
    /// Which of the fleet's jobs.
    crew: usize,
    branch: Option<usize>,
    pieces: Vec<Piece>,
    last: Option<u32>,
    ended: bool,
    work_per_step: f64,
}

impl Stage {
    /// A phase of networks as (job, branch, where it stands), all at the same step, of whose checkpoints
    /// `reported` are told.
    pub fn new(run: &FleetRun, networks: Vec<(usize, Option<usize>, Snapshot)>, reported: usize) -> Self {
        let spec = &run.spec;
        let fine_tuning = networks.first().is_some_and(|(_, branch, _)| branch.is_some());
        let (steps, label) = extent(spec, fine_tuning);
        let stages = if fine_tuning { spec.stages() } else { 1 };
        // Nothing is planned here: the kernel is taken on the CPU.
        let schedules: Vec<ReplaySchedule> = if fine_tuning {
            spec.branches().iter().filter_map(Branch::schedule).cloned().collect()
        } else {
            vec![pretraining_schedule(spec)]
        };
        let step = networks.first().map_or(0, |(_, _, network)| network.step);
        let mixtures: Vec<Mixture> =
            (0..stages).map(|stage| run.crew[0].inputs.mixture(spec, fine_tuning, stage)).collect();
        // A phase of no steps has weights, too.
        let course = |schedule: &ReplaySchedule| stretches(steps.max(1), stages, schedule);
        let courses: Vec<Vec<Stretch>> = schedules.iter().map(course).collect();
        let mut blends: Vec<(usize, f64)> = courses.iter().flatten().map(|at| (at.stage, at.replay)).collect();
        blends.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        blends.dedup();

        let mut worlds = Vec::new();
        let mut world_of: BTreeMap<u32, usize> = BTreeMap::new();
        for crew in networks.iter().map(|(k, ..)| &run.crew[*k]) {
            world_of.entry(crew.job.seed).or_insert_with(|| {
                worlds.push(World {
                    x: crew.inputs.training_inputs().to_vec(),
                    y: crew.inputs.labels(fine_tuning).to_vec(),
                    tests: crew.inputs.tests().to_vec(),
                    line: crew.inputs.line().to_vec(),
                });
                worlds.len() - 1
            });
        }
        let mut streams: Vec<(usize, Stream)> = Vec::new();
        let mut row_of: BTreeMap<(u32, usize), usize> = BTreeMap::new();
        let mut traces_of: BTreeMap<usize, Vec<[f64; 2]>> = BTreeMap::new();
        let mut members = Vec::with_capacity(networks.len());
        let mut started = Vec::with_capacity(networks.len());
        for (k, branch, at) in networks {
            let crew = &run.crew[k];
            let mlp = spec.network(crew.job.width);
            let learning_rate = spec.learning_rate_at(crew.job.width) as f32;
            let start = crew.pretrained.clone().unwrap_or_else(|| run.initial(k));
            let which = branch.unwrap_or(0);
            let traces = traces_of.entry(k).or_insert_with(|| {
                let optimiser = Optimiser { kind: spec.optimiser, learning_rate };
                traces(&Trainee::new(mlp, start.clone(), optimiser), &crew.inputs, &mixtures)
            });
            let pieces = pieces(spec, (steps, &schedules[which]), learning_rate, traces);
            let batches = if spec.batch == 0 {
                0
            } else {
                *row_of.entry((crew.job.seed, which)).or_insert_with(|| {
                    let stream = crew.inputs.seed.fork(label).stream();
                    let stream = past(courses[which].iter().copied(), &mixtures, step, spec.batch as usize, stream);
                    streams.push((which, stream));
                    streams.len() - 1
                })
            };
            let last = checkpoints(steps)[..reported].last().copied();
            members.push(Member { crew: k, branch, pieces, last, ended: false, work_per_step: 0.0 });
            started.push(Network {
                mlp,
                learning_rate,
                at,
                start,
                world: world_of[&crew.job.seed],
                weights: 0,
                batches,
            });
        }
        let common = Common {
            activation: spec.activation,
            optimiser: spec.optimiser,
            batch: spec.batch as usize,
            stop: stop_of(spec, fine_tuning),
            weights: blends.iter().map(|&(stage, replay)| mixtures[stage].full_batch(replay)).collect(),
        };
        // What was told where the networks stand was told on arrival there.
        let is_to_come = |&look: &u32| look > step || (look == 0 && reported == 0);
        let looks = [0].into_iter().chain(stage_ends(steps, stages)).filter(is_to_come);
        let mut stage = Self {
            fine_tuning,
            reported,
            fleet: Lockstep::new(&run.gpu, common, worlds, started),
            members,
            checkpoints: checkpoints(steps),
            looks: if stages > 1 { looks.collect() } else { VecDeque::new() },
            mixtures,
            courses,
            blends,
            streams,
            warm: false,
        };
        stage.weigh(run);
        stage
    }

    /// Whether every network has ended.
    pub fn is_over(&self) -> bool {
        self.members.iter().all(|member| member.ended)
    }

    /// The new task and the replay fraction of a course at the present step; at its end, the last ones.
    fn blend(&self, course: usize) -> (usize, f64) {
        let course = &self.courses[course];
        let past = course.partition_point(|stretch| stretch.to <= self.fleet.step());
        let stretch = course[past.min(course.len() - 1)];
        (stretch.stage, stretch.replay)
    }

    /// Gives every network the weights of the present step.
    fn weigh(&mut self, run: &FleetRun) {
        let of = |member: &Member| self.blend(member.branch.unwrap_or(0));
        let blends: Vec<(usize, f64)> = self.members.iter().map(of).collect();
        let row = |blend: &(usize, f64)| self.blends.partition_point(|known| known < blend);
        let rows: Vec<usize> = blends.iter().map(row).collect();
        self.fleet.weigh(&rows);
        for (member, (stage, replay)) in self.members.iter_mut().zip(blends) {
            member.work_per_step = work_of_step(&run.spec, run.crew[member.crew].job.width, stage, replay);
        }
    }

    /// The next step at which some network gets other weights.
    fn next_change(&self) -> u32 {
        let here = self.fleet.step();
        let begins = self.courses.iter().flatten().map(|stretch| stretch.from);
        begins.filter(|&from| from > here).min().unwrap_or(u32::MAX)
    }

    /// Enqueues what should take a slice, waits for it, and tells what there is to tell.
    pub async fn slice(&mut self, run: &mut FleetRun, events: &mut Vec<(Job, Event)>) -> Result<(), GpuFault> {
        // Never less than the first: where waiting alone takes a slice's time, ever smaller slices would
        // be measured as an ever slower device.
        let budget = run.speed.map_or(FIRST_SLICE, |speed| (speed * SLICE_SECONDS).max(FIRST_SLICE));
        let began = run.gpu.now_millis();
        let mut planned = 0.0;
        let mut marks = Vec::new();
        // Without room no step is made either: what is to be told of a step is measured in the slice that gets there.
        while let Some(&target) = self.checkpoints.get(self.reported).filter(|_| self.fleet.has_room()) {
            let here = self.fleet.step();
            let mark = Mark { step: here, is_checkpoint: here == target, is_look: self.looks.front() == Some(&here) };
            if mark.is_checkpoint || mark.is_look {
                self.fleet.measure();
                self.reported += usize::from(mark.is_checkpoint);
                if mark.is_look {
                    self.looks.pop_front();
                }
                marks.push(mark);
                continue;
            }
            let per_step: f64 = self.members.iter().map(|member| member.work_per_step).sum();
            let affordable = ((budget - planned) / per_step).max(if planned == 0.0 { 1.0 } else { 0.0 });
            let change = self.next_change();
            let end = self.looks.iter().copied().chain([target, change]).min().unwrap_or(target);
            let steps = (end - here).min(affordable as u32).min(self.fleet.most_steps());
            if steps == 0 {
                break;
            }
            let batches = self.draw(&run.spec, steps);
            self.fleet.train(steps, &batches, budget).await?;
            planned += per_step * f64::from(steps);
            for member in self.members.iter().filter(|member| !member.ended) {
                run.crew[member.crew].work_done += member.work_per_step * f64::from(steps);
            }
            if here + steps == change {
                self.weigh(run);
            }
        }
        let collected = self.fleet.collect().await?;
        let seconds = (run.gpu.now_millis() - began) / 1e3;
        if self.warm && planned > 0.0 && seconds > 0.0 {
            let measured = planned / seconds;
            run.speed = Some(run.speed.map_or(measured, |speed| (speed + measured) / 2.0));
        }
        self.warm |= planned > 0.0;
        self.tell(run, events, &marks, &collected.outcomes, collected.measured);
        if self.stopped_unmeasured(&collected.outcomes) {
            self.fleet.measure();
            let collected = self.fleet.collect().await?;
            let stopped = |outcome: &Option<Outcome>| outcome.filter(|end| matches!(end, Outcome::Stopped { .. }));
            let outcomes: Vec<Option<Outcome>> = collected.outcomes.iter().map(stopped).collect();
            self.tell(run, events, &[Mark::AFTER_ALL], &outcomes, collected.measured);
        }
        Ok(())
    }

    /// Whether a network has stopped that no measurement since has told of.
    fn stopped_unmeasured(&self, outcomes: &[Option<Outcome>]) -> bool {
        let stopped = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Stopped { .. }));
        self.members.iter().zip(outcomes).any(|(member, outcome)| !member.ended && stopped(outcome))
    }

    /// Draws the next batches of every row.
    fn draw(&mut self, spec: &CheckedSpec, steps: u32) -> Vec<Vec<u32>> {
        let blends: Vec<(usize, f64)> = (0..self.courses.len()).map(|course| self.blend(course)).collect();
        let size = spec.batch as usize;
        let mixtures = &self.mixtures;
        let draw = |(course, stream): &mut (usize, Stream)| {
            let (stage, replay) = blends[*course];
            let mut row = vec![0; size * steps as usize];
            row.chunks_exact_mut(size).for_each(|batch| mixtures[stage].draw(replay, stream, batch));
            row
        };
        self.streams.iter_mut().map(draw).collect()
    }

    /// Jobs that came through this phase, with where they stand.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn survivors(&self) -> Result<Vec<(usize, Snapshot)>, GpuFault> {
        let snapshots = self.fleet.snapshots().await?;
        let whole = |member: &Member| member.last == self.checkpoints.last().copied();
        let all = self.members.iter().zip(snapshots).filter(|(member, _)| whole(member));
        Ok(all.map(|(member, snapshot)| (member.crew, snapshot)).collect())
    }

    /// Networks that have not ended, with where they stand.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn open(&self) -> Result<Vec<(usize, Option<usize>, Snapshot)>, GpuFault> {
        let snapshots = self.fleet.snapshots().await?;
        let open = self.members.iter().zip(snapshots).filter(|(member, _)| !member.ended);
        Ok(open.map(|(member, snapshot)| (member.crew, member.branch, snapshot)).collect())
    }
}
