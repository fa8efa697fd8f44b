//! The fused engine as a bare WebAssembly module for `benches/browser.mjs`, without any glue.

#![expect(unsafe_code, reason = "exported names are unsafe: nothing else here exports them")]

use std::sync::Mutex;

use lethe::engine::fused_cpu::State;
use lethe::engine::{Batches, Examples, Outcome};
use lethe::model::{Activation, Mlp, Parameterisation};
use lethe::seed::Seed;
use lethe::train::{Optimiser, OptimiserKind};

struct Work {
    networks: Vec<State>,
    examples: Examples,
}

static WORK: Mutex<Option<Work>> = Mutex::new(None);

/// Starts networks of seeds 0.. in the standard parameterisation, on a parabola over [-1, 1); `relu`
/// chooses ReLU, otherwise it is tanh.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(networks: u32, samples: u32, width: u32, relu: bool, rate: f32) {
    let activation = if relu { Activation::Relu } else { Activation::Tanh };
    let mlp = Mlp::on_a_line(width as usize, activation, Parameterisation::Standard);
    let n = samples as f32;
    let x: Vec<f32> = (0..samples).map(|i| 2.0 * i as f32 / n - 1.0).collect();
    let y = x.iter().map(|x| x * x - x).collect();
    let examples = Examples { x, y, weight: vec![1.0 / n; samples as usize] };
    let optimiser = Optimiser { kind: OptimiserKind::Gd, learning_rate: rate };
    let start = |seed| State::new(mlp, mlp.init(&mut Seed::new(seed).stream()), optimiser);
    with_work(|work| *work = Some(Work { networks: (0..u64::from(networks)).map(start).collect(), examples }));
}

/// Trains one network after the other; whether none diverged.
#[unsafe(no_mangle)]
pub extern "C" fn train(steps: u32) -> bool {
    with_work(|work| {
        work.as_mut().is_some_and(|Work { networks, examples }| {
            networks.iter_mut().all(|network| network.train(examples, steps, Batches::Full, None) == Outcome::Finished)
        })
    })
}

/// The mean loss of all networks; NaN before there are any.
#[unsafe(no_mangle)]
pub extern "C" fn loss() -> f64 {
    with_work(|work| {
        work.as_ref().map_or(f64::NAN, |Work { networks, examples }| {
            let losses = networks.iter().map(|network| f64::from(network.squared_error(&examples.x, &examples.y)));
            losses.sum::<f64>() / networks.len() as f64
        })
    })
}

/// The parameters of one network, for the peer: w1, b1, w2, then b2. The caller reads 3 width + 1
/// numbers there; they are never freed.
#[unsafe(no_mangle)]
pub extern "C" fn parameters(network: u32) -> *const f32 {
    with_work(|work| {
        work.as_ref().map_or(core::ptr::null(), |work| {
            let now = work.networks[network as usize].parameters();
            let row: Vec<f32> = [now.w1, now.b1, now.w2, vec![now.b2]].concat();
            row.leak().as_ptr()
        })
    })
}

fn with_work<T>(use_it: impl FnOnce(&mut Option<Work>) -> T) -> T {
    // A worker has one thread, and a panic ends it.
    use_it(&mut WORK.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}
