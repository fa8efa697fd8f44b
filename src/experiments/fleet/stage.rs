//! One phase of all jobs of a fleet: training towards checkpoints, and telling what was measured there.

use std::collections::BTreeMap;

use super::{FIRST_SLICE, FleetRun, SLICE_SECONDS};
use crate::data::{LABEL_X2, OLD_LABEL_X1};
use crate::engine::Outcome;
use crate::engine::Trainee;
use crate::engine::fused_cpu::Snapshot;
use crate::engine::fused_gpu::GpuFault;
use crate::engine::fused_gpu::fleet::{Common, Fleet, Measured, Network, World};
use crate::experiments::branch::Branch;
use crate::experiments::event::{Ending, Event, Measures, Point};
use crate::experiments::job::{Job, checkpoints};
use crate::experiments::phase::{Piece, effective_time, extent, pieces, pretraining_schedule, stop_of, traces};
use crate::experiments::spec::CheckedSpec;
use crate::seed::Stream;
use crate::train::{Mixture, Optimiser, ReplaySchedule};

/// All networks of a phase.
pub struct Stage {
    pub fine_tuning: bool,
    /// Checkpoints reported.
    pub reported: usize,
    fleet: Fleet,
    members: Vec<Member>,
    checkpoints: Vec<u32>,
    mixture: Mixture,
    /// One schedule for each branch; one in pre-training.
    schedules: Vec<ReplaySchedule>,
    /// The replay fractions that occur, one row of weights for each.
    fractions: Vec<f64>,
    /// Batch streams, one for each row of batches, with the branch whose fraction they follow.
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
        // Nothing is planned here: the kernel is taken on the CPU.
        let schedules: Vec<ReplaySchedule> = if fine_tuning {
            spec.branches().iter().filter_map(Branch::schedule).cloned().collect()
        } else {
            vec![pretraining_schedule(spec)]
        };
        let step = networks.first().map_or(0, |(_, _, network)| network.step);
        let mixture = run.crew[0].inputs.mixture(spec, fine_tuning, 0);
        let mut fractions: Vec<f64> = schedules.iter().flat_map(|s| s.segments().iter().map(|&(_, p)| p)).collect();
        fractions.sort_by(f64::total_cmp);
        fractions.dedup();

        let mut worlds = Vec::new();
        let mut world_of: BTreeMap<u32, usize> = BTreeMap::new();
        for crew in networks.iter().map(|(k, ..)| &run.crew[*k]) {
            world_of.entry(crew.job.seed).or_insert_with(|| {
                worlds.push(World {
                    x: crew.inputs.training_inputs().to_vec(),
                    y: crew.inputs.labels(fine_tuning).to_vec(),
                    test: crew.inputs.test_inputs(),
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
            let schedule = &schedules[branch.unwrap_or(0)];
            let traces = traces_of.entry(k).or_insert_with(|| {
                let optimiser = Optimiser { kind: spec.optimiser, learning_rate };
                traces(&Trainee::new(mlp, start.clone(), optimiser), &crew.inputs, core::slice::from_ref(&mixture))
            });
            let pieces = pieces(spec, (steps, schedule), learning_rate, traces);
            let batches = if spec.batch == 0 {
                0
            } else {
                *row_of.entry((crew.job.seed, branch.unwrap_or(0))).or_insert_with(|| {
                    let made: Vec<(u32, f64)> =
                        schedule.pieces(step).map(|(from, to, replay)| (to - from, replay)).collect();
                    let stream = crew.inputs.seed.fork(label).stream();
                    let stream = mixture.past(&made, spec.batch as usize, stream);
                    streams.push((branch.unwrap_or(0), stream));
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
            grid: run.crew[0].inputs.line().to_vec(),
            labels: [spec.new_label as f32, OLD_LABEL_X1, LABEL_X2],
            weights: fractions.iter().map(|&p| mixture.full_batch(p)).collect(),
        };
        let mut stage = Self {
            fine_tuning,
            reported,
            fleet: Fleet::new(&run.gpu, common, &worlds, started),
            members,
            checkpoints: checkpoints(steps),
            mixture,
            schedules,
            fractions,
            streams,
            warm: false,
        };
        stage.weigh();
        stage
    }

    /// Whether every network has ended.
    pub fn is_over(&self) -> bool {
        self.members.iter().all(|member| member.ended)
    }

    /// The fraction of a schedule at the present step.
    fn fraction(&self, schedule: usize) -> f64 {
        let segments = self.schedules[schedule].segments();
        let after = segments.partition_point(|&(from, _)| from <= self.fleet.step());
        segments[after.saturating_sub(1)].1
    }

    /// Gives every network the weights of the present step.
    fn weigh(&mut self) {
        let row = |member: &Member| {
            let fraction = self.fraction(member.branch.unwrap_or(0));
            self.fractions.partition_point(|&p| p < fraction)
        };
        let rows: Vec<usize> = self.members.iter().map(row).collect();
        self.fleet.weigh(&rows);
        for (k, member) in self.members.iter_mut().enumerate() {
            member.work_per_step = self.fleet.work_per_step(k);
        }
    }

    /// The next step at which some schedule changes.
    fn next_change(&self) -> u32 {
        let here = self.fleet.step();
        let changes = self.schedules.iter().flat_map(|schedule| schedule.segments().iter().map(|&(from, _)| from));
        changes.filter(|&from| from > here).min().unwrap_or(u32::MAX)
    }

    /// Enqueues what should take a slice, waits for it, and tells what there is to tell.
    pub async fn slice(&mut self, run: &mut FleetRun, events: &mut Vec<(Job, Event)>) -> Result<(), GpuFault> {
        // Never less than the first: where waiting alone takes a slice's time, ever smaller slices would
        // be measured as an ever slower device.
        let budget = run.speed.map_or(FIRST_SLICE, |speed| (speed * SLICE_SECONDS).max(FIRST_SLICE));
        let per_step: f64 = self.members.iter().map(|member| member.work_per_step).sum();
        let began = run.gpu.now_millis();
        let mut planned = 0.0;
        let mut marks = Vec::new();
        while let Some(&target) = self.checkpoints.get(self.reported + marks.len()) {
            let here = self.fleet.step();
            if here == target {
                if !self.fleet.has_room() {
                    break;
                }
                self.fleet.measure();
                marks.push(target);
                continue;
            }
            let affordable = ((budget - planned) / per_step).max(if planned == 0.0 { 1.0 } else { 0.0 });
            let steps = (target - here).min(affordable as u32).min(self.fleet.most_steps());
            let change = self.next_change();
            let steps = steps.min(change - here);
            if steps == 0 {
                break;
            }
            let batches = self.draw(&run.spec, steps);
            self.fleet.train(steps, &batches, budget);
            planned += per_step * f64::from(steps);
            for member in self.members.iter().filter(|member| !member.ended) {
                run.crew[member.crew].work_done += member.work_per_step * f64::from(steps);
            }
            if here + steps == change {
                self.weigh();
            }
        }
        let collected = self.fleet.collect().await?;
        let seconds = (run.gpu.now_millis() - began) / 1e3;
        if self.warm && planned > 0.0 && seconds > 0.0 {
            let measured = planned / seconds;
            run.speed = Some(run.speed.map_or(measured, |speed| (speed + measured) / 2.0));
        }
        self.warm |= planned > 0.0;
        self.reported += marks.len();
        self.tell(run, events, &marks, &collected.outcomes, collected.measured);
        if self.stopped_unmeasured(&collected.outcomes) {
            self.fleet.measure();
            let collected = self.fleet.collect().await?;
            let stopped = |outcome: &Option<Outcome>| outcome.filter(|end| matches!(end, Outcome::Stopped { .. }));
            let outcomes: Vec<Option<Outcome>> = collected.outcomes.iter().map(stopped).collect();
            self.tell(run, events, &[u32::MAX], &outcomes, collected.measured);
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
        let fractions: Vec<f64> = (0..self.schedules.len()).map(|schedule| self.fraction(schedule)).collect();
        let size = spec.batch as usize;
        let mixture = &self.mixture;
        let draw = |(schedule, stream): &mut (usize, Stream)| {
            let mut row = vec![0; size * steps as usize];
            row.chunks_exact_mut(size).for_each(|batch| mixture.draw(fractions[*schedule], stream, batch));
            row
        };
        self.streams.iter_mut().map(draw).collect()
    }

    /// Turns measurements at `marks` into events, and ends what has ended.
    fn tell(
        &mut self,
        run: &mut FleetRun,
        events: &mut Vec<(Job, Event)>,
        marks: &[u32],
        outcomes: &[Option<Outcome>],
        measured: Vec<Vec<Measured>>,
    ) {
        let last_mark = self.checkpoints.last().copied();
        let mut measured: Vec<_> = measured.into_iter().map(Vec::into_iter).collect();
        for (member, &outcome) in self.members.iter_mut().zip(outcomes) {
            let at_marks: Vec<Measured> = measured.iter_mut().filter_map(Iterator::next).collect();
            for (&mark, values) in marks.iter().zip(at_marks) {
                if member.ended {
                    break;
                }
                let (step, ending) = match outcome {
                    Some(Outcome::Diverged { step }) if mark > step => break,
                    None if mark == u32::MAX => break, // measured for those that have stopped

                    Some(Outcome::Stopped { step }) if mark > step => (step, Some(Ending::Stopped(step))),
                    _ => (mark, (Some(mark) == last_mark).then_some(Ending::Complete)),
                };
                let known = member.last == Some(step);
                let point = member.point(step, values);
                let ending = match (&point, ending) {
                    (None, _) if !known => Some(Ending::Diverged(step)),
                    (_, ending) => ending,
                };
                if let Some(point) = point.filter(|_| !known) {
                    member.last = Some(step);
                    let branch = member.branch.map(|branch| branch as u32);
                    events.push((run.crew[member.crew].job, Event::Checkpoint { branch, point }));
                }
                if let Some(ending) = ending {
                    member.ended = true;
                    events.push(run.end(member.crew, member.branch, ending));
                }
            }
            if let (Some(Outcome::Diverged { step }), false) = (outcome, member.ended) {
                member.ended = true;
                events.push(run.end(member.crew, member.branch, Ending::Diverged(step)));
            }
        }
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

impl Member {
    /// A measurement as the experiment reports it; `None` where it has diverged on what is measured.
    fn point(&self, step: u32, measured: Measured) -> Option<Point> {
        let [id_loss, overwritten_loss, mean_new, old_loss, mean_old] = measured.means;
        let measures = Measures {
            id_loss,
            old_loss,
            overwritten_loss,
            mean_new,
            mean_old,
            distance: measured.distance,
            effective_time: effective_time(&self.pieces, step),
        };
        let whole = measured.bounded && measures.values().iter().all(|value| value.is_finite());
        whole.then_some(Point { step, measures, function: measured.function })
    }
}
