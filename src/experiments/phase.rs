//! What a phase of training is, whichever engine carries it out.

use super::inputs::Inputs;
use super::spec::CheckedSpec;
use crate::engine::Stop;
use crate::engine::fused_cpu::State;
use crate::train::{Mixture, OptimiserKind, ReplaySchedule};

/// The steps of a phase, and the label of its batch stream.
pub fn extent(spec: &CheckedSpec, fine_tuning: bool) -> (u32, &'static str) {
    if fine_tuning {
        (spec.fine_tuning_steps, "fine-tuning batches")
    } else {
        (spec.pretraining_steps, "pre-training batches")
    }
}

/// How pre-training mixes its two classes.
pub fn pretraining_schedule() -> ReplaySchedule {
    ReplaySchedule::constant(0.5)
}

/// The stop rule of a phase.
pub fn stop_of(spec: &CheckedSpec, fine_tuning: bool) -> Option<Stop> {
    (fine_tuning && spec.stop_loss > 0.0)
        .then_some(Stop { level: spec.stop_loss as f32, examples: spec.samples as usize })
}

/// A stretch of a phase with one replay fraction.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// First step.
    pub from: u32,
    /// One past the last step.
    pub to: u32,
    pub replay: f64,
    /// Effective time of one step.
    time_per_step: f64,
}

/// tr(W K) of a network where a phase begins, with all the weight on the new task and on the old.
pub fn traces(start: &State, inputs: &Inputs, mixture: &Mixture) -> [f64; 2] {
    let trace = |replay: f64| start.kernel_trace(inputs.training_inputs(), &mixture.full_batch(replay));
    [0.0, 1.0].map(|replay| f64::from(trace(replay)))
}

/// The pieces of a phase with their effective time, at a learning rate and by the [`traces`] of its start.
pub fn pieces(
    spec: &CheckedSpec,
    (steps, schedule): (u32, &ReplaySchedule),
    learning_rate: f32,
    [new, old]: [f64; 2],
) -> Vec<Piece> {
    let amplified = match spec.optimiser {
        OptimiserKind::Gd | OptimiserKind::Sgd | OptimiserKind::Momentum => spec.optimiser.amplification(),
        OptimiserKind::Adam => 0.0,
    };
    let rate = 2.0 * f64::from(learning_rate) * amplified;
    let piece = |(from, to, replay)| {
        let time_per_step = rate * ((1.0 - replay) * new + replay * old);
        Piece { from, to, replay, time_per_step }
    };
    schedule.pieces(steps).map(piece).collect()
}

/// Effective time of the first `step` steps.
pub fn effective_time(pieces: &[Piece], step: u32) -> f32 {
    let time = |piece: &Piece| f64::from(step.clamp(piece.from, piece.to) - piece.from) * piece.time_per_step;
    pieces.iter().map(time).sum::<f64>() as f32
}
