//! A network with two tasks, and fine-tuning it under a treatment.

use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Examples};
use lethe::error::Problem;
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
use lethe::seed::{Seed, Stream};
use lethe::train::mitigation::{Base, Treatment};
use lethe::train::{Mitigation, Mixture, Optimiser, OptimiserKind};
use proptest::prelude::*;

pub const KINDS: [OptimiserKind; 4] =
    [OptimiserKind::Gd, OptimiserKind::Sgd, OptimiserKind::Momentum, OptimiserKind::Adam];

/// Examples of each task where none are given.
const SAMPLES: usize = 12;

#[derive(Clone, Debug)]
pub struct World {
    pub mlp: Mlp,
    pub start: Parameters,
    pub new_x: Vec<f32>,
    pub new_y: Vec<f32>,
    pub old_x: Vec<f32>,
    pub old_y: Vec<f32>,
}

impl World {
    /// Two clouds, the network that it starts with, and what it answers on the old one as the old labels.
    pub fn new(mlp: Mlp, seed: u64) -> Self {
        let mut stream = Seed::new(seed).fork("world").stream();
        let start = mlp.init(&mut stream);
        let mut cloud = |centre: f64| -> Vec<f32> {
            (0..SAMPLES * mlp.inputs).map(|_| (centre + 0.5 * stream.normal()) as f32).collect()
        };
        let (new_x, old_x) = (cloud(-0.8), cloud(0.8));
        let old_y = outputs(mlp, &start, &old_x);
        Self { mlp, start, new_x, new_y: vec![-0.7; SAMPLES], old_x, old_y }
    }

    pub fn treatment(&self, of: &Mitigation, strength: f64, optimiser: Optimiser) -> Result<Treatment, Problem> {
        let network = State::new(self.mlp, self.start.clone(), optimiser);
        let base = Base {
            mlp: self.mlp,
            optimiser,
            parameters: &self.start,
            new_inputs: &self.new_x,
            new_labels: &self.new_y,
            new_outputs: &outputs(self.mlp, &self.start, &self.new_x),
            old_inputs: &self.old_x,
            gradients: &|x| network.gradients(x),
        };
        of.treatment(&base, strength)
    }

    /// The network and the examples that a treatment begins with.
    pub fn begin(&self, treatment: &Treatment, optimiser: Optimiser) -> (State, Examples) {
        let sampled = optimiser.kind == OptimiserKind::Sgd;
        let mut network = State::new(self.mlp, self.start.clone(), treatment.optimiser(optimiser, sampled));
        network.restrain(Some(&treatment.restraint));
        let new_y = treatment.labels.as_ref().unwrap_or(&self.new_y);
        let mixture = Mixture::new(self.new_y.len(), &[], &[]);
        let examples = Examples {
            x: [&self.new_x[..], &self.old_x].concat(),
            y: [&new_y[..], &self.old_y].concat(),
            weight: mixture.full_batch_with(treatment.replay),
        };
        (network, examples)
    }

    /// The network as it is measured after some steps.
    pub fn tuned(&self, treatment: &Treatment, optimiser: Optimiser, steps: u32) -> Parameters {
        let (mut network, examples) = self.begin(treatment, optimiser);
        let (mixture, share) = (Mixture::new(self.new_y.len(), &[], &[]), treatment.replay.share());
        let mut stream = Seed::new(5).stream();
        let mut draw = |_: u32, batch: &mut [u32]| mixture.draw(share, &mut stream, batch);
        let batches = match optimiser.kind {
            OptimiserKind::Sgd => Batches::Sampled { size: 5, draw: &mut draw },
            _ => Batches::Full,
        };
        network.train(&examples, steps, batches, None);
        treatment.measured(&self.mlp, network.parameters(), &self.start).unwrap()
    }

    /// The largest change of an output on the old inputs.
    pub fn old_change(&self, after: &Parameters) -> f32 {
        let now = outputs(self.mlp, after, &self.old_x);
        let before = outputs(self.mlp, &self.start, &self.old_x);
        now.iter().zip(before).map(|(now, before)| (now - before).abs()).fold(0.0, f32::max)
    }
}

pub fn outputs(mlp: Mlp, parameters: &Parameters, x: &[f32]) -> Vec<f32> {
    let mut f = vec![0.0; x.len() / mlp.inputs];
    State::new(mlp, parameters.clone(), optimiser(OptimiserKind::Gd, 0.0)).predict(x, &mut f);
    f
}

pub fn optimiser(kind: OptimiserKind, learning_rate: f32) -> Optimiser {
    Optimiser { kind, learning_rate }
}

pub fn mitigation(name: &str) -> &'static Mitigation {
    Mitigation::named(name).unwrap()
}

/// Any small world.
pub fn worlds() -> impl Strategy<Value = World> {
    let activation =
        prop_oneof![Just(Activation::Relu), Just(Activation::Tanh), Just(Activation::Erf), Just(Activation::Linear)];
    let scaling =
        prop_oneof![Just(Parameterisation::Standard), Just(Parameterisation::Ntk), Just(Parameterisation::Meanfield)];
    (1..=4usize, 1..=20usize, activation, scaling, any::<u64>()).prop_map(
        |(inputs, width, activation, scaling, seed)| {
            let line = Mlp::on_a_line(width, activation, scaling);
            World::new(Mlp { inputs, richness: 0.7, ..line }, seed)
        },
    )
}

/// How far two sets of parameters are apart, relative to how far the first is from a third.
pub fn relative_distance(a: &Parameters, b: &Parameters, from: &Parameters) -> f64 {
    let distance = |b: &Parameters| {
        let moved = a.iter().zip(b.iter()).map(|(a, b)| f64::from(a) - f64::from(b));
        moved.map(|moved| moved * moved).sum::<f64>().sqrt()
    };
    distance(b) / distance(from).max(1e-30)
}

/// A world in three dimensions that every parameter matters to.
pub fn smooth_world(parameterisation: Parameterisation) -> World {
    let line = Mlp::on_a_line(9, Activation::Tanh, parameterisation);
    World::new(Mlp { inputs: 3, richness: 0.7, ..line }, 3)
}

/// Standard normal numbers for parameters.
pub fn normal_row(count: usize, stream: &mut Stream) -> Vec<f32> {
    (0..count).map(|_| stream.normal() as f32).collect()
}
