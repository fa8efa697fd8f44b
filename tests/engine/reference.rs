//! The network once more, in f64 and without any cleverness.

use lethe::engine::Examples;
use lethe::engine::fused_cpu::State;
use lethe::model::{Activation, Mlp, Parameterisation, Parameters};
use lethe::seed::{Seed, Stream};
use lethe::train::{Optimiser, OptimiserKind};

pub use crate::differences::{differences, relative_difference};

pub const ACTIVATIONS: [Activation; 4] = [Activation::Relu, Activation::Tanh, Activation::Erf, Activation::Linear];
pub const PARAMETERISATIONS: [Parameterisation; 3] =
    [Parameterisation::Standard, Parameterisation::Ntk, Parameterisation::Meanfield];

/// All activations in all parameterisations, at one width on a line.
pub fn networks(width: usize) -> impl Iterator<Item = Mlp> {
    networks_in(1, width)
}

/// All activations in all parameterisations.
pub fn networks_in(inputs: usize, width: usize) -> impl Iterator<Item = Mlp> {
    ACTIVATIONS.into_iter().flat_map(move |activation| {
        PARAMETERISATIONS.map(|parameterisation| {
            let line = Mlp::on_a_line(width, activation, parameterisation);
            Mlp { inputs, richness: 0.5, ..line }
        })
    })
}

/// Parameters that are normal whatever the parameterisation, and no bias is zero.
pub fn normal_parameters(width: usize, stream: &mut Stream) -> Parameters {
    normal_parameters_in(1, width, stream)
}

/// The same for points of some coordinates.
pub fn normal_parameters_in(inputs: usize, width: usize, stream: &mut Stream) -> Parameters {
    let mut row = |count| (0..count).map(|_| stream.normal() as f32).collect();
    Parameters { w1: row(width * inputs), b1: row(width), middle: Vec::new(), w2: row(width), b2: 0.3 }
}

/// Noisy weighted samples of a wave; `samples` need not fill a tile.
pub fn wave(samples: usize, stream: &mut Stream) -> Examples {
    wave_in(1, samples, stream)
}

/// The same along the diagonal of a space.
pub fn wave_in(inputs: usize, samples: usize, stream: &mut Stream) -> Examples {
    let x: Vec<f32> = (0..samples * inputs).map(|_| stream.normal() as f32).collect();
    let along = x.chunks_exact(inputs).map(|x| x.iter().sum::<f32>());
    let y = along.map(|x| libm::sinf(2.0 * x) + 0.1 * stream.normal() as f32).collect();
    let weight: Vec<f64> = (0..samples).map(|_| stream.uniform()).collect();
    let total: f64 = weight.iter().sum();
    Examples { x, y, weight: weight.iter().map(|weight| (weight / total) as f32).collect() }
}

pub fn stream(label: &str) -> Stream {
    Seed::new(11).fork(label).stream()
}

pub fn optimiser(kind: OptimiserKind, learning_rate: f32) -> Optimiser {
    Optimiser { kind, learning_rate }
}

pub fn state(mlp: Mlp, parameters: &Parameters, kind: OptimiserKind, learning_rate: f32) -> State {
    State::new(mlp, parameters.clone(), optimiser(kind, learning_rate))
}

/// w1, b1, w2, b2 in one row.
pub fn flat(parameters: &Parameters) -> Vec<f64> {
    parameters.iter().map(f64::from).collect()
}

/// f(x) from parameters in one row.
pub fn output(mlp: &Mlp, theta: &[f64], x: &[f32]) -> f64 {
    let (h, d) = (mlp.width, mlp.inputs);
    let act = |z: f64| match mlp.activation {
        Activation::Relu => z.max(0.0),
        Activation::Tanh => libm::tanh(z),
        Activation::Erf => libm::erf(z),
        Activation::Linear => z,
    };
    let (inner, outer) = match mlp.parameterisation {
        Parameterisation::Standard => (1.0, 1.0),
        Parameterisation::Ntk => (1.0 / (d as f64).sqrt(), 1.0 / (h as f64).sqrt()),
        Parameterisation::Meanfield => (1.0 / (d as f64).sqrt(), 1.0 / (f64::from(mlp.richness) * h as f64)),
    };
    let (w1, rest) = theta.split_at(h * d);
    let unit = |j: usize| {
        let z: f64 = w1[j * d..][..d].iter().zip(x).map(|(w, &x)| w * f64::from(x)).sum();
        rest[h + j] * act(inner * z + rest[j])
    };
    outer * (0..h).map(unit).sum::<f64>() + rest[2 * h]
}

pub fn loss(mlp: &Mlp, theta: &[f64], examples: &Examples) -> f64 {
    let rows = examples.x.chunks_exact(mlp.inputs).zip(&examples.y).zip(&examples.weight);
    rows.map(|((x, &y), &weight)| {
        let residual = output(mlp, theta, x) - f64::from(y);
        f64::from(weight) * residual * residual
    })
    .sum()
}
