//! What an engine that trains many networks in lockstep is told and what it answers.

use super::fused_cpu::Snapshot;
use super::{Outcome, Stop};
use crate::model::{Activation, Mlp, Parameters};
use crate::train::OptimiserKind;

/// The examples of one seed.
///
/// # Shapes
/// - `x`: training inputs, `[examples, inputs]`, row by row; `y`: their targets, `[examples]`
/// - `test`: as many test inputs, X1 first
#[derive(Clone, Debug)]
pub struct World {
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    pub test: Vec<f32>,
}

/// What all networks of a fleet have in common.
#[derive(Clone, Debug)]
pub struct Common {
    pub activation: Activation,
    pub optimiser: OptimiserKind,
    /// Examples in a batch; 0 is the full batch.
    pub batch: usize,
    pub stop: Option<Stop>,
    /// Inputs on which outputs are read, row by row.
    pub grid: Vec<f32>,
    /// The labels that measurements compare with: X1's new one, X1's old one, X2's.
    pub labels: [f32; 3],
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
/// - `function`: outputs on the grid
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Means over X1 of (f - new label)^2, (f - old label)^2 and f; over X2 of (f - label)^2 and f.
    pub means: [f32; 5],
    /// L2 distance from the start of the phase.
    pub distance: f32,
    /// Whether every output on test inputs is within bounds.
    pub bounded: bool,
    pub function: Vec<f32>,
}

/// What has come back from the device.
pub struct Collected {
    /// How each network stands.
    pub outcomes: Vec<Option<Outcome>>,
    /// One entry per measurement, in order: one value per network.
    pub measured: Vec<Vec<Measured>>,
}
