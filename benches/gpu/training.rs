//! A benchmark's networks in training on a GPU.

use lethe::engine::Examples;
use lethe::engine::fused_cpu::{Snapshot, State};
use lethe::engine::fused_gpu::fleet::{Common, Network, World};
use lethe::engine::fused_gpu::{Fleet, Gpu, GpuFault};
use lethe::model::{Mlp, Parameters};
use lethe::train::{Optimiser, OptimiserKind};

/// Milliseconds that one dispatch takes at most, about: more than that may cost a display its driver.
const DISPATCH_MILLIS: f64 = 50.0;

/// Full-batch gradient descent of several networks on the same examples.
pub struct Training {
    fleet: Fleet,
    mlp: Mlp,
    rate: f32,
    examples: Examples,
    steps_per_dispatch: u32,
}

impl Training {
    /// Puts networks on the device and finds out how many steps a dispatch has time for.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn begin(
        gpu: &Gpu,
        mlp: Mlp,
        examples: &Examples,
        starts: &[Parameters],
        rate: f32,
    ) -> Result<Self, GpuFault> {
        let fleet = fleet(gpu, mlp, examples, starts, rate);
        let mut training = Self { fleet, mlp, rate, examples: examples.clone(), steps_per_dispatch: 1 };
        // The first dispatch waits for the kernel's compilation.
        training.train(1).await?;
        let begin = lethe::platform::now_millis();
        training.train(2).await?;
        let millis = (lethe::platform::now_millis() - begin) / 2.0;
        training.fleet = self::fleet(gpu, mlp, examples, starts, rate);
        let most = f64::from(training.fleet.most_steps());
        training.steps_per_dispatch = (DISPATCH_MILLIS / millis.max(1e-3)).clamp(1.0, most) as u32;
        Ok(training)
    }

    /// What one dispatch trains every network for.
    pub fn steps_per_dispatch(&self) -> u32 {
        self.steps_per_dispatch
    }

    /// Trains for some steps, all networks in each dispatch, and waits for the device.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If a network diverges: then there is nothing to time.
    pub async fn train(&mut self, steps: u32) -> Result<(), GpuFault> {
        let mut left = steps;
        while left > 0 {
            let now = left.min(self.steps_per_dispatch);
            self.fleet.train(now, &[], f64::INFINITY);
            left -= now;
        }
        let collected = self.fleet.collect().await?;
        assert!(collected.outcomes.iter().all(Option::is_none), "every network is still in training");
        Ok(())
    }

    /// The mean loss of all networks.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn loss(&self) -> Result<f64, GpuFault> {
        let optimiser = Optimiser { kind: OptimiserKind::Gd, learning_rate: self.rate };
        let Examples { x, y, .. } = &self.examples;
        let snapshots = self.fleet.snapshots().await?;
        let count = snapshots.len() as f64;
        let loss = |at: Snapshot| f64::from(State::new(self.mlp, at.parameters, optimiser).squared_error(x, y));
        Ok(snapshots.into_iter().map(loss).sum::<f64>() / count)
    }
}

fn fleet(gpu: &Gpu, mlp: Mlp, examples: &Examples, starts: &[Parameters], rate: f32) -> Fleet {
    let common = Common {
        activation: mlp.activation,
        optimiser: OptimiserKind::Gd,
        batch: 0,
        stop: None,
        weights: vec![examples.weight.clone()],
    };
    let world = World { x: examples.x.clone(), y: examples.y.clone(), ..World::default() };
    let network = |start: &Parameters| Network {
        mlp,
        learning_rate: rate,
        at: Snapshot { parameters: start.clone(), step: 0, moments: Vec::new() },
        start: start.clone(),
        world: 0,
        weights: 0,
        batches: 0,
    };
    Fleet::new(gpu, common, &[world], starts.iter().map(network).collect())
}
