//! What an engine that trains many networks in lockstep is told and what it answers.

use super::fused_cpu::Snapshot;
use super::{Outcome, Stop};
use crate::model::{Activation, Mlp, Parameters};
use crate::train::OptimiserKind;

/// The examples of one seed.
///
/// # Shapes
/// - `x`: training inputs, `[examples, inputs]`, row by row; `y`: their targets, `[examples]`
/// - `tests`: the tasks that measurements look at, if any; those of every world of a fleet are alike
/// - `line`: points whose outputs are recorded, `[points, inputs]` row by row; as many in every world of a fleet
#[derive(Clone, Debug, Default)]
pub struct World {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    pub tests: Vec<Test>,
    pub line: Vec<f32>,
}

/// Test points of one task.
///
/// # Shapes
/// `x`: `[samples, inputs]`, row by row; `y`, `before`: `[samples]`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    /// What pre-training taught of the same points, where fine-tuning overwrites that.
    pub before: Option<Vec<f32>>,
}

/// What all networks of a fleet have in common.
#[derive(Clone, Debug)]
pub struct Common {
    pub activation: Activation,
    pub optimiser: OptimiserKind,
    /// Examples in a batch; 0 is the full batch.
    pub batch: usize,
    pub stop: Option<Stop>,
    /// Loss weights, one row for each mixture that occurs, `[examples]` each.
    pub weights: Vec<Vec<f32>>,
}

/// One network of a fleet.
#[derive(Clone, Debug)]
pub struct Network {
    pub mlp: Mlp,
    pub learning_rate: f32,
    /// Where it stands.
    pub at: Snapshot,
    /// Where the phase began, for distances.
    pub start: Parameters,
    /// Which world it lives in.
    pub world: usize,
    /// Which row of weights its loss has.
    pub weights: usize,
    /// Which row of batches it sees.
    pub batches: usize,
}

/// What one measurement says about one network.
///
/// # Shapes
/// - `tasks`: one for each of [`World::tests`]
/// - `function`: outputs on [`World::line`]
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub tasks: Vec<OnTask>,
    /// L2 distance from the start of the phase.
    pub distance: f32,
    pub function: Vec<f32>,
}

/// What outputs on the test points of one task say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnTask {
    /// Mean of (f - y)^2.
    pub error: f32,
    /// Mean of (f - y)^2 against the labels before; 0 where there are none.
    pub error_before: f32,
    /// Mean of f.
    pub mean: f32,
    /// Whether every output is within bounds.
    pub bounded: bool,
}

/// What has come back from the device.
pub struct Collected {
    /// How each network stands.
    pub outcomes: Vec<Option<Outcome>>,
    /// One entry per measurement, in order: one value per network.
    pub measured: Vec<Vec<Measured>>,
}
