//! The work that engine and peers are given.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lethe::engine::fused_cpu::{Instructions, State};
use lethe::engine::{Batches, Examples, Outcome};
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
use lethe::seed::Seed;
use lethe::train::{Optimiser, OptimiserKind};

/// The learning rate of every benchmark: all its networks converge.
pub const RATE: f32 = 0.002;

/// Full-batch gradient descent of several networks on the same examples.
pub struct Work {
    pub mlp: Mlp,
    pub examples: Examples,
    pub starts: Vec<Parameters>,
    pub steps: u32,
}

impl Work {
    /// Networks of seeds 0.. on a parabola over [-1, 1).
    pub fn new(networks: u64, samples: usize, width: usize, activation: Activation, steps: u32) -> Self {
        let mlp = Mlp::on_a_line(width, activation, Parameterisation::Standard);
        let x: Vec<f32> = (0..samples).map(|i| 2.0 * i as f32 / samples as f32 - 1.0).collect();
        let y = x.iter().map(|x| x * x - x).collect();
        let examples = Examples { x, y, weight: vec![1.0 / samples as f32; samples] };
        let starts = (0..networks).map(|seed| mlp.init(&mut Seed::new(seed).stream())).collect();
        Self { mlp, examples, starts, steps }
    }

    pub fn state(&self, network: usize, kind: OptimiserKind) -> State {
        State::new(self.mlp, self.starts[network].clone(), Optimiser { kind, learning_rate: RATE })
    }

    /// Trains all networks on `threads` threads; seconds.
    pub fn train_on(&self, instructions: Instructions, threads: usize) -> f64 {
        let next = AtomicUsize::new(0);
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let network @ 0.. = next.fetch_add(1, Ordering::Relaxed)
                        && network < self.starts.len()
                    {
                        self.trained(network, instructions);
                    }
                });
            }
        });
        start.elapsed().as_secs_f64()
    }

    /// Mean loss at the end.
    pub fn loss(&self) -> f64 {
        let Examples { x, y, .. } = &self.examples;
        let networks = 0..self.starts.len();
        let losses = networks.map(|k| f64::from(self.trained(k, Instructions::fastest()).squared_error(x, y)));
        losses.sum::<f64>() / self.starts.len() as f64
    }

    fn trained(&self, network: usize, instructions: Instructions) -> State {
        let mut state = self.state(network, OptimiserKind::Gd).on(instructions);
        assert_eq!(state.train(&self.examples, self.steps, Batches::Full, None), Outcome::Finished);
        state
    }

    /// Nanoseconds per sample x unit x step.
    pub fn ns(&self, seconds: f64) -> f64 {
        let units = self.starts.len() * self.examples.y.len() * self.mlp.width * self.steps as usize;
        seconds * 1e9 / units as f64
    }
}
