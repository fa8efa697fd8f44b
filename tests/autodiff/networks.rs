//! Networks to try, fleets of them, and the forward pass once more, in f64 and without any cleverness.

use lethe::engine::autodiff::{Device, Fleet, Member, Shape, Standing, at_once};
use lethe::engine::fleet::{Common, Test, World};
use lethe::engine::{Outcome, Stop};
use lethe::model::{Activation, Block, Mlp, Parameterisation};
use lethe::seed::{Seed, Stream};
use lethe::train::OptimiserKind;

pub use crate::differences::{differences, relative_difference};

pub const ACTIVATIONS: [Activation; 4] = [Activation::Relu, Activation::Tanh, Activation::Erf, Activation::Linear];
pub const PARAMETERISATIONS: [Parameterisation; 3] =
    [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield];
pub const BLOCKS: [Block; 4] = [Block::Plain, Block::Residual, Block::Norm, Block::ResidualNorm];
pub const OPTIMISERS: [OptimiserKind; 3] = [OptimiserKind::Gd, OptimiserKind::Momentum, OptimiserKind::Adam];

pub fn stream(label: &str) -> Stream {
    Seed::new(29).fork(label).stream()
}

pub fn mlp(inputs: usize, width: usize, depth: usize, block: Block, activation: Activation) -> Mlp {
    Mlp { inputs, depth, block, ..Mlp::on_a_line(width, activation, Parameterisation::Ntk) }
}

/// Every number normal, so that no bias, gamma or beta is at its start.
pub fn normal(count: usize, stream: &mut Stream) -> Vec<f32> {
    (0..count).map(|_| stream.normal() as f32).collect()
}

/// Weighted samples of a wave along the first coordinate, with targets `outputs` apart.
pub struct Wave {
    pub world: World,
    pub weight: Vec<f32>,
}

pub fn wave(samples: usize, inputs: usize, outputs: usize, stream: &mut Stream) -> Wave {
    let x = normal(samples * inputs, stream);
    let wave = |k: usize| libm::sinf(2.0 * x[k / outputs * inputs] + (k % outputs) as f32);
    let y: Vec<f32> = (0..samples * outputs).map(wave).collect();
    let weight: Vec<f64> = (0..samples).map(|_| stream.uniform()).collect();
    let total: f64 = weight.iter().sum();
    let world = World { tests: vec![Test { x: x.clone(), y: y.clone(), before: None }], x, y, line: vec![] };
    Wave { world, weight: weight.iter().map(|weight| (weight / total) as f32).collect() }
}

pub fn common(optimiser: OptimiserKind, batch: usize, stop: Option<Stop>, weights: Vec<Vec<f32>>) -> Common {
    Common { activation: Activation::Tanh, optimiser, batch, stop, weights }
}

pub fn member(shape: Shape, learning_rate: f32, start: Vec<f32>, optimiser: OptimiserKind) -> Member {
    let at = Standing::at_start(start.clone(), optimiser);
    Member { shape, learning_rate, at, start, world: 0, weights: 0, batches: 0 }
}

pub fn fleet(common: Common, worlds: Vec<World>, members: &[Member]) -> Fleet {
    Fleet::new(&Device::flex(), 2, common, worlds, members)
}

pub fn train(fleet: &mut Fleet, steps: u32, batches: &[Vec<u32>]) {
    at_once(fleet.train(steps, batches)).unwrap();
}

pub fn standings(fleet: &Fleet) -> Vec<Standing> {
    at_once(fleet.standings()).unwrap()
}

pub fn outcomes(fleet: &mut Fleet) -> Vec<Option<Outcome>> {
    at_once(fleet.collect()).unwrap().outcomes
}

/// The outputs at one point, from parameters in one row.
pub fn outputs(shape: &Shape, theta: &[f64], x: &[f64]) -> Vec<f64> {
    let mlp = &shape.mlp;
    let mut rest = theta;
    let mut take = |count: usize| {
        let (part, after) = rest.split_at(count);
        rest = after;
        part
    };
    let act = |z: f64| match mlp.activation {
        Activation::Relu => z.max(0.0),
        Activation::Tanh => libm::tanh(z),
        Activation::Erf => libm::erf(z),
        Activation::Linear => z,
    };
    let h = mlp.width as f64;
    let inner = |inputs: usize| match mlp.parameterisation {
        Parameterisation::Standard => 1.0,
        Parameterisation::Ntk | Parameterisation::Meanfield => 1.0 / (inputs as f64).sqrt(),
    };
    let outer = match mlp.parameterisation {
        Parameterisation::Standard => 1.0,
        Parameterisation::Ntk => 1.0 / h.sqrt(),
        Parameterisation::Meanfield => 1.0 / (f64::from(mlp.richness) * h),
    };
    let mut a = x.to_vec();
    for layer in 0..mlp.depth {
        let (w, b) = (take(a.len() * mlp.width), take(mlp.width));
        let dot = |row: &[f64]| row.iter().zip(&a).map(|(w, a)| w * a).sum::<f64>();
        let mut z: Vec<f64> = w.chunks(a.len()).zip(b).map(|(row, b)| inner(a.len()) * dot(row) + b).collect();
        if mlp.block.has_norm() {
            let (gamma, beta) = (take(mlp.width), take(mlp.width));
            let mean = z.iter().sum::<f64>() / h;
            let variance = z.iter().map(|z| (z - mean) * (z - mean)).sum::<f64>() / h;
            for ((z, gamma), beta) in z.iter_mut().zip(gamma).zip(beta) {
                *z = gamma * (*z - mean) / (variance + 1e-5).sqrt() + beta;
            }
        }
        let skipped = if layer > 0 && mlp.block.has_residual() { a } else { vec![0.0; mlp.width] };
        a = z.into_iter().zip(skipped).map(|(z, skipped)| act(z) + skipped).collect();
    }
    let w2 = take(shape.outputs * mlp.width);
    let b2 = take(shape.outputs);
    let dot = |row: &[f64]| row.iter().zip(&a).map(|(w, a)| w * a).sum::<f64>();
    w2.chunks(mlp.width).zip(b2).map(|(row, b2)| outer * dot(row) + b2).collect()
}

pub fn wide(row: &[f32]) -> Vec<f64> {
    row.iter().copied().map(f64::from).collect()
}
