//! The fused engine as a bare WebAssembly module for `benches/browser.mjs`, without any glue.

#![expect(unsafe_code, reason = "exported names are unsafe: nothing else here exports them")]

use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Examples, Outcome};
use lethe::model::{Activation, Mlp, Parameterisation};
use lethe::seed::Seed;
use lethe::train::{Optimiser, OptimiserKind};

/// Trains networks one after the other; returns their mean loss at the end, or NaN if one diverged.
///
/// `relu` chooses ReLU, otherwise it is tanh. Networks are those of seeds 0.., in the standard
/// parameterisation; the examples are a wave on [-1, 1).
#[unsafe(no_mangle)]
pub extern "C" fn train(networks: u32, samples: u32, width: u32, relu: bool, steps: u32, rate: f32) -> f64 {
    let activation = if relu { Activation::Relu } else { Activation::Tanh };
    let mlp = Mlp { width: width as usize, activation, parameterisation: Parameterisation::Standard, richness: 1.0 };
    let examples = wave(samples);
    let losses = (0..networks).map(|seed| {
        let start = mlp.init(&mut Seed::new(u64::from(seed)).stream());
        let optimiser = Optimiser { kind: OptimiserKind::Gd, learning_rate: rate };
        let mut network = State::new(mlp, start, optimiser);
        match network.train(&examples, steps, Batches::Full, None) {
            Outcome::Finished => f64::from(network.squared_error(&examples.x, &examples.y)),
            Outcome::Stopped { .. } | Outcome::Diverged { .. } => f64::NAN,
        }
    });
    losses.sum::<f64>() / f64::from(networks)
}

/// The initial parameters of one network, for the peer: w1, b1, w2, then b2. The caller reads
/// 3 width + 1 numbers there; they are never freed.
#[unsafe(no_mangle)]
pub extern "C" fn start(seed: u32, width: u32) -> *const f32 {
    let mlp = Mlp {
        width: width as usize,
        activation: Activation::Tanh,
        parameterisation: Parameterisation::Standard,
        richness: 1.0,
    };
    let start = mlp.init(&mut Seed::new(u64::from(seed)).stream());
    let row: Vec<f32> = [start.w1, start.b1, start.w2, vec![start.b2]].concat();
    row.leak().as_ptr()
}

/// x_i = 2 i / n - 1, y_i = x_i^2 - x_i, even weights.
fn wave(samples: u32) -> Examples {
    let n = samples as f32;
    let x: Vec<f32> = (0..samples).map(|i| 2.0 * i as f32 / n - 1.0).collect();
    let y = x.iter().map(|x| x * x - x).collect();
    Examples { x, y, weight: vec![1.0 / n; samples as usize] }
}
