//! One network of a fleet, whatever its outputs.

use super::shape::Shape;
use crate::engine::fleet::Network;
use crate::engine::fused_cpu::{Snapshot, moments_of};
use crate::model::Parameters;
use crate::train::OptimiserKind;

/// Where a network stands, in rows of [`Shape`]'s order; [`Snapshot`] for any number of outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub parameters: Vec<f32>,
    /// Steps made in this phase.
    pub step: u32,
    /// The optimiser's moments: none, velocity, or Adam's first and second.
    pub moments: Vec<Vec<f32>>,
}

impl Standing {
    /// A network before its first step under an optimiser.
    pub fn at_start(parameters: Vec<f32>, optimiser: OptimiserKind) -> Self {
        let moments = vec![vec![0.0; parameters.len()]; moments_of(optimiser)];
        Self { parameters, step: 0, moments }
    }

    /// As the fused engines have it; `None` for another number of outputs than one.
    pub fn snapshot(&self, shape: &Shape) -> Option<Snapshot> {
        let parameters = |row: &Vec<f32>| Parameters::from_row(&shape.mlp, row).filter(|_| shape.outputs == 1);
        Some(Snapshot {
            parameters: parameters(&self.parameters)?,
            step: self.step,
            moments: self.moments.iter().map(parameters).collect::<Option<_>>()?,
        })
    }
}

impl From<&Snapshot> for Standing {
    fn from(snapshot: &Snapshot) -> Self {
        let row = |parameters: &Parameters| parameters.iter().collect();
        Self {
            parameters: row(&snapshot.parameters),
            step: snapshot.step,
            moments: snapshot.moments.iter().map(row).collect(),
        }
    }
}

/// One network of a fleet; [`Network`] for any number of outputs.
#[derive(Clone, Debug)]
pub struct Member {
    pub shape: Shape,
    pub learning_rate: f32,
    /// Where it stands.
    pub at: Standing,
    /// Where the phase began, for distances, as a row of [`Shape`]'s order.
    pub start: Vec<f32>,
    /// Which world it lives in.
    pub world: usize,
    /// Which row of weights its loss has.
    pub weights: usize,
    /// Which row of batches it sees.
    pub batches: usize,
}

impl From<Network> for Member {
    fn from(network: Network) -> Self {
        Self {
            shape: Shape::scalar(network.mlp),
            learning_rate: network.learning_rate,
            at: (&network.at).into(),
            start: network.start.iter().collect(),
            world: network.world,
            weights: network.weights,
            batches: network.batches,
        }
    }
}
