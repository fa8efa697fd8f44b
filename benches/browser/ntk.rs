//! The tangent kernel as a bare WebAssembly module for `benches/ntk.mjs`, without any glue.

#![expect(unsafe_code, reason = "exported names are unsafe: nothing else here exports them")]

use lethe::kernel::{Activation, Erf, Layer, Network, Relu, TangentKernel, Tanh, Unit};
use lethe::seed::Seed;
use ndarray::{Array1, Array2};

/// The trace of the f64 kernel of points over \[-2, 2) under a network of `depth` hidden layers; NaN if there is none.
/// `unit`: 0 ReLU, 1 tanh, 2 erf.
#[unsafe(no_mangle)]
pub extern "C" fn kernel(points: u32, width: u32, depth: u32, unit: u32) -> f64 {
    match unit {
        0 => trace::<Relu>(points, width, depth),
        1 => trace::<Tanh>(points, width, depth),
        _ => trace::<Erf>(points, width, depth),
    }
}

fn trace<A: Activation<f64>>(points: u32, width: u32, depth: u32) -> f64 {
    let mut stream = Seed::new(5).stream();
    let sizes: Vec<usize> = [vec![1], vec![width as usize; depth as usize], vec![1]].concat();
    let layer = |pair: &[usize]| Layer {
        weights: Array2::from_shape_simple_fn((pair[1], pair[0]), || stream.normal()),
        bias: Array1::from_shape_simple_fn(pair[1], || stream.normal()),
        weight_scale: 1.0 / (pair[0] as f64).sqrt(),
        weight_rate: 1.0,
        bias_rate: 1.0,
    };
    let layers: Vec<_> = sizes.windows(2).map(layer).collect();
    let x = Array2::from_shape_fn((points as usize, 1), |(index, _)| 4.0 * index as f64 / f64::from(points) - 2.0);
    let network = Network::new(&layers, Unit::of::<A>());
    network.and_then(|network| network.kernel(x.view())).map_or(f64::NAN, |kernel| kernel.diag().sum())
}
