//! The work that engine and peer are given.

use std::time::Instant;

use lethe::engine::autodiff::{Device, Fleet, Member, Shape, Standing, at_once};
use lethe::engine::fleet::{Common, World};
use lethe::model::{Activation, Block, Mlp, Parameterisation};
use lethe::seed::Seed;
use lethe::train::OptimiserKind;

/// The learning rate: every network converges.
pub const RATE: f32 = 0.002;

/// Sample x parameter x steps of all networks, about; between 4 and 60 steps.
const WORK: usize = 4 << 30;

/// Full-batch gradient descent of several networks on the same examples.
pub struct Work {
    pub mlp: Mlp,
    pub x: Vec<f32>,
    pub y: Vec<f32>,
    /// Rows of parameters.
    pub starts: Vec<Vec<f32>>,
    pub steps: u32,
}

impl Work {
    /// Networks of seeds 0.. on a parabola over [-1, 1), for a fraction of a second.
    pub fn new(
        networks: u64,
        samples: usize,
        depth: usize,
        width: usize,
        block: Block,
        activation: Activation,
    ) -> Self {
        let mlp = Mlp { depth, block, ..Mlp::on_a_line(width, activation, Parameterisation::Standard) };
        let x: Vec<f32> = (0..samples).map(|i| 2.0 * i as f32 / samples as f32 - 1.0).collect();
        let y = x.iter().map(|x| x * x - x).collect();
        let start = |seed| mlp.init(&mut Seed::new(seed).stream()).iter().collect();
        let steps = (WORK / (networks as usize * samples * mlp.parameter_count())).clamp(4, 60) as u32;
        Self { mlp, x, y, starts: (0..networks).map(start).collect(), steps }
    }

    /// All networks at their starts.
    pub fn fleet(&self, threads: usize) -> Fleet {
        let common = Common {
            activation: self.mlp.activation,
            optimiser: OptimiserKind::Gd,
            batch: 0,
            stop: None,
            weights: vec![vec![1.0 / self.x.len() as f32; self.x.len()]],
        };
        let world = World { x: self.x.clone(), y: self.y.clone(), ..World::default() };
        let member = |start: &Vec<f32>| Member {
            shape: Shape::scalar(self.mlp),
            learning_rate: RATE,
            at: Standing::at_start(start.clone(), OptimiserKind::Gd),
            start: start.clone(),
            world: 0,
            weights: 0,
            batches: 0,
        };
        let members: Vec<Member> = self.starts.iter().map(member).collect();
        Fleet::new(&Device::flex(), threads, common, vec![world], &members)
    }

    /// Seconds that the steps take.
    pub fn train(&self, fleet: &mut Fleet) -> f64 {
        let start = Instant::now();
        at_once(fleet.train(self.steps, &[])).expect("the CPU always answers");
        start.elapsed().as_secs_f64()
    }

    /// Mean loss of all networks.
    pub fn loss(&self, fleet: &Fleet) -> f64 {
        let outputs = at_once(fleet.predict(&self.x)).expect("the CPU always answers");
        let squares = outputs.iter().flat_map(|f| f.iter().zip(&self.y)).map(|(f, y)| f64::from((f - y) * (f - y)));
        squares.sum::<f64>() / (outputs.len() * self.x.len()) as f64
    }
}
