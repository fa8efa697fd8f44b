//! What a phase of training is, whichever engine carries it out.

use super::inputs::Inputs;
use super::job::stage_ends;
use super::spec::{CheckedSpec, Spec};
use crate::engine::{Stop, Trainee};
use crate::seed::Stream;
use crate::train::{Mixture, OptimiserKind, ReplaySchedule};

/// The steps of a phase, and the label of its batch stream.
pub fn extent(spec: &CheckedSpec, fine_tuning: bool) -> (u32, &'static str) {
    if fine_tuning {
        (spec.fine_tuning_steps, "fine-tuning batches")
    } else {
        (spec.pretraining_steps, "pre-training batches")
    }
}

/// How pre-training mixes: both classes alike or, where the new task is new in every respect, the old task alone.
pub fn pretraining_schedule(spec: &Spec) -> ReplaySchedule {
    ReplaySchedule::constant(if spec.world.overwrites { 0.5 } else { 1.0 })
}

/// The stop rule of a phase.
pub fn stop_of(spec: &CheckedSpec, fine_tuning: bool) -> Option<Stop> {
    (fine_tuning && spec.stop_loss > 0.0)
        .then_some(Stop { level: spec.stop_loss as f32, examples: spec.samples as usize })
}

/// A stretch of a phase on one new task with one replay fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// First step.
    pub from: u32,
    /// One past the last step.
    pub to: u32,
    /// Which of the new tasks.
    pub stage: usize,
    pub replay: f64,
}

/// The stretches of a phase, which has equal parts for its tasks.
pub fn stretches(steps: u32, stages: usize, schedule: &ReplaySchedule) -> Vec<Stretch> {
    let mut begin = 0;
    let mut all = Vec::new();
    for (stage, end) in stage_ends(steps, stages).enumerate() {
        let within =
            schedule.pieces(end).map(|(from, to, replay)| Stretch { from: from.max(begin), to, stage, replay });
        all.extend(within.filter(|stretch| stretch.from < stretch.to));
        begin = end;
    }
    all
}

/// A stream of batches, fresh, as it is after the first `step` steps of a phase.
pub fn past(
    stretches: impl Iterator<Item = Stretch>,
    mixtures: &[Mixture],
    step: u32,
    size: usize,
    stream: Stream,
) -> Stream {
    let made = |at: Stretch| (at.stage, (step.clamp(at.from, at.to) - at.from, at.replay));
    match mixtures {
        [mixture] => mixture.past(&stretches.map(|at| made(at).1).collect::<Vec<_>>(), size, stream),
        mixtures => {
            stretches.map(made).fold(stream, |stream, (stage, made)| mixtures[stage].skip(&[made], size, stream))
        }
    }
}

/// A stretch with what it does to the clock.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    stretch: Stretch,
    /// Effective time of one step.
    time_per_step: f64,
}

impl core::ops::Deref for Piece {
    type Target = Stretch;
    fn deref(&self) -> &Stretch {
        &self.stretch
    }
}

/// tr(W K) of a network where a phase begins, with all the weight on the new task and on the old, by mixture.
pub fn traces(start: &Trainee, inputs: &Inputs, mixtures: &[Mixture]) -> Vec<[f64; 2]> {
    let trace = |weights: Vec<f32>| f64::from(start.kernel_trace(inputs.training_inputs(), &weights));
    mixtures.iter().map(|mixture| [0.0, 1.0].map(|replay| trace(mixture.full_batch(replay)))).collect()
}

/// The pieces of a phase with their effective time, at a learning rate and by the [`traces`] of its start: one pair
/// for each new task, one after the other.
pub fn pieces(
    spec: &CheckedSpec,
    (steps, schedule): (u32, &ReplaySchedule),
    learning_rate: f32,
    traces: &[[f64; 2]],
) -> Vec<Piece> {
    let amplified = match spec.optimiser {
        OptimiserKind::Gd | OptimiserKind::Sgd | OptimiserKind::Momentum => spec.optimiser.amplification(),
        OptimiserKind::Adam => 0.0,
    };
    let rate = 2.0 * f64::from(learning_rate) * amplified;
    let timed = |stretch: Stretch| {
        let [new, old] = traces[stretch.stage];
        let time_per_step = rate * ((1.0 - stretch.replay) * new + stretch.replay * old);
        Piece { stretch, time_per_step }
    };
    stretches(steps, traces.len(), schedule).into_iter().map(timed).collect()
}

/// Effective time of the first `step` steps.
pub fn effective_time(pieces: &[Piece], step: u32) -> f32 {
    let time = |piece: &Piece| f64::from(step.clamp(piece.from, piece.to) - piece.from) * piece.time_per_step;
    pieces.iter().map(time).sum::<f64>() as f32
}
