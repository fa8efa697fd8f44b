//! The tangent kernel that gradients make: the closed form of plain networks, finite differences and JAX of all others,
//! and what the theory of a network takes.

use lethe::engine::autodiff::{Shape, jacobian, kernel_trace};
use lethe::experiments::analysis::Analysis;
use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Job};
use lethe::kernel::{Erf, Identity, Jacobian, Layer, Network, Relu, TangentKernel, Tanh, Unit};
use lethe::model::{Activation, Block, Mlp, Parameterisation, Parameters};
use lethe::record::Link;
use lethe::seed::Seed;
use ndarray::{Array1, Array2};
use serde::Deserialize;

use crate::networks::*;

/// Layers of a plain network, for the closed form.
fn layers(mlp: &Mlp, theta: &[f32]) -> Vec<Layer<f64>> {
    let parameters = Parameters::from_row(mlp, theta).unwrap();
    let rate = f64::from(mlp.rate_scale());
    let layer = |weights: &[f32], bias: &[f32], inputs: usize, scale: f32, bias_rate: f64| Layer {
        weights: Array2::from_shape_vec((bias.len(), inputs), wide(weights)).unwrap(),
        bias: Array1::from(wide(bias)),
        weight_scale: f64::from(scale),
        weight_rate: rate,
        bias_rate,
    };
    let h = mlp.width;
    let hidden = |inputs| mlp.hidden_scale(inputs);
    let mut layers = vec![layer(&parameters.w1, &parameters.b1, mlp.inputs, hidden(mlp.inputs), rate)];
    for middle in parameters.middle.chunks(h * h + h) {
        layers.push(layer(&middle[..h * h], &middle[h * h..], h, hidden(h), rate));
    }
    layers.push(layer(&parameters.w2, &[parameters.b2], h, mlp.output_scale(), 1.0));
    layers
}

/// The kernel of a network with one output, by its gradients: all parameters but b2 carry the factor.
fn by_gradients(mlp: &Mlp, theta: &[f32], x: &[f32]) -> Array2<f64> {
    let rows = jacobian(&Shape::scalar(*mlp), theta, x, 2);
    let rows = Array2::from_shape_vec((x.len() / mlp.inputs, theta.len()), rows).unwrap();
    let rates = vec![(theta.len() - 1, f64::from(mlp.rate_scale())), (1, 1.0)];
    Jacobian::new(rows, rates).unwrap().kernel().unwrap()
}

/// The same by finite differences of the reference.
fn by_differences(mlp: &Mlp, theta: &[f32], x: &[f32]) -> Array2<f64> {
    let shape = Shape::scalar(*mlp);
    let rows: Vec<Vec<f64>> =
        x.chunks(mlp.inputs).map(|x| differences(&wide(theta), |theta| outputs(&shape, theta, &wide(x))[0])).collect();
    let factor = |k: usize| if k + 1 < theta.len() { f64::from(mlp.rate_scale()) } else { 1.0 };
    Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| {
        rows[i].iter().zip(&rows[j]).enumerate().map(|(k, (a, b))| factor(k) * a * b).sum()
    })
}

fn off(found: &Array2<f64>, expected: &Array2<f64>) -> f64 {
    relative_difference(found.as_slice().unwrap(), expected.as_slice().unwrap())
}

/// Of gradients in f32 the kernel is good to 1e-5 of its largest entry; the closed form is in f64.
#[test]
fn gradients_make_the_tangent_kernel_of_deep_plain_networks() {
    let mut stream = stream("kernel");
    for activation in ACTIVATIONS {
        for (depth, parameterisation) in (1..=4).flat_map(|depth| PARAMETERISATIONS.map(|p| (depth, p))) {
            let mlp = Mlp { parameterisation, richness: 0.5, ..mlp(3, 20, depth, Block::Plain, activation) };
            let theta: Vec<f32> = mlp.init(&mut stream).iter().collect();
            let x = normal(3 * 12, &mut stream);
            let unit = match activation {
                Activation::Relu => Unit::of::<Relu>(),
                Activation::Tanh => Unit::of::<Tanh>(),
                Activation::Erf => Unit::of::<Erf>(),
                Activation::Linear => Unit::of::<Identity>(),
            };
            let points = Array2::from_shape_vec((12, 3), wide(&x)).unwrap();
            let expected = Network::new(&layers(&mlp, &theta), unit).unwrap().kernel(points.view()).unwrap();
            let off = off(&by_gradients(&mlp, &theta, &x), &expected);
            assert!(off < 1e-5, "{mlp:?}: {off:e}");
            let weight: Vec<f32> = (0..12).map(|i| i as f32 / 66.0).collect();
            let trace: f64 = (0..12).map(|i| f64::from(weight[i]) * expected[[i, i]]).sum();
            let found = f64::from(kernel_trace(&Shape::scalar(mlp), &theta, &x, &weight, 2));
            assert!((found / trace - 1.0).abs() < 1e-5, "{mlp:?}: {found}, not {trace}");
        }
    }
}

/// Every number normal, so that gammas and betas count, too.
#[test]
fn kernels_of_residual_and_normalised_networks_are_those_of_finite_differences() {
    let mut stream = stream("kernel differences");
    for (block, activation) in BLOCKS[1..].iter().flat_map(|block| ACTIVATIONS.map(|activation| (*block, activation))) {
        for (depth, parameterisation) in [1, 2, 3].into_iter().zip(PARAMETERISATIONS) {
            let mlp = Mlp { parameterisation, richness: 0.5, ..mlp(2, 9, depth, block, activation) };
            let theta = normal(mlp.parameter_count(), &mut stream);
            let x = normal(2 * 6, &mut stream);
            let off = off(&by_gradients(&mlp, &theta, &x), &by_differences(&mlp, &theta, &x));
            assert!(off < 2e-5, "{mlp:?}: {off:e}");
        }
    }
}

#[derive(Deserialize)]
struct Golden {
    inputs: usize,
    width: usize,
    depth: usize,
    richness: f32,
    x: Vec<f32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    block: Block,
    activation: Activation,
    parameterisation: Parameterisation,
    parameters: Vec<f32>,
    kernel: Vec<Vec<f64>>,
}

/// From `tests/golden/kernel_blocks.py`.
#[test]
fn kernels_of_residual_and_normalised_networks_are_those_of_jax() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/kernel_blocks.json")).unwrap();
    let Golden { inputs, width, depth, richness, .. } = golden;
    assert_eq!(golden.cases.len(), 9);
    for Case { block, activation, parameterisation, parameters, kernel } in golden.cases {
        let mlp = Mlp { inputs, width, depth, block, activation, parameterisation, richness };
        let found = by_gradients(&mlp, &parameters, &golden.x);
        // Gradients in f32.
        let off = relative_difference(found.as_slice().unwrap(), &kernel.concat());
        assert!(off < 1e-5, "{mlp:?}: {off:e}");
    }
}

fn spec(link: &str) -> CheckedSpec {
    let (link, warnings) = Link::read_strictly(link, &Limits::NATIVE).unwrap();
    assert_eq!(warnings, []);
    link.spec
}

/// Without pre-training the network is the one that was drawn, and the reference can take its kernel.
#[test]
fn theory_takes_the_kernel_of_networks_that_the_closed_form_does_not_know() {
    let words = ["residual", "norm", "resnorm"];
    for (word, par) in words.iter().flat_map(|word| ["standard", "ntk", "meanfield&g0=0.5"].map(|par| (word, par))) {
        for depth in [1, 2].into_iter().filter(|&depth| depth > 1 || *word == "norm") {
            let asked = format!("#v=1&x=dynamics&w=7&d={depth}&bl={word}&par={par}&act=tanh&n=5&pre=0&ft=10&s=3");
            let spec = spec(&asked);
            let job = Job { seed: 3, width: 7 };
            let (analysis, again) = (Analysis::of(&spec, job).unwrap(), Analysis::of(&spec, job).unwrap());
            let mlp = spec.network(7);
            let theta: Vec<f32> = mlp.init(&mut Seed::new(3).fork("init").stream()).iter().collect();
            let expected = by_differences(&mlp, &theta, analysis.inputs());
            let off = off(analysis.kernel(), &expected);
            assert!(off < 2e-5, "{asked}: {off:e}");
            let f: Vec<f64> = analysis
                .inputs()
                .iter()
                .map(|&x| outputs(&Shape::scalar(mlp), &wide(&theta), &[f64::from(x)])[0])
                .collect();
            assert!(relative_difference(analysis.outputs().as_slice().unwrap(), &f) < 1e-5, "{asked}");
            let bits = |kernel: &Array2<f64>| kernel.iter().map(|entry| entry.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(analysis.kernel()), bits(again.kernel()), "{asked}");
        }
    }
}

/// 2^28 gradients: beyond that the samples are named, with how many are accepted.
#[test]
fn a_jacobian_that_is_too_large_is_refused_by_the_number_of_samples() {
    let mlp = mlp(1, 512, 3, Block::ResidualNorm, Activation::Relu);
    let most = (1 << 28) / (2 * mlp.parameter_count());
    for experiment in ["ntk", "curriculum"] {
        let link = |n: usize| format!("#v=1&x={experiment}&w=512&d=3&bl=resnorm&n={n}");
        let read = |n| Link::read_strictly(&link(n), &Limits::NATIVE).map(|_| ());
        assert_eq!(read(most), Ok(()));
        let refused = read(most + 1).unwrap_err().to_string();
        assert!(refused.contains("samples") && refused.contains(&format!("at most {most} ")), "{refused}");
    }
    let asked = spec(&format!("#v=1&x=dynamics&w=512&d=3&bl=resnorm&n={}", most + 1));
    let refused = Analysis::of(&asked, Job { seed: 0, width: 512 }).map(|_| "taken").unwrap_err().to_string();
    assert!(refused.contains("samples") && refused.contains(&format!("at most {most} ")), "{refused}");
}
