//! Kernels against those of google/neural-tangents, from `tests/golden/kernel_ntk.py`.

use std::collections::BTreeMap;

use lethe::kernel::{InfiniteBias, InfiniteNetwork, InfiniteUnit, Layer, Network, TangentKernel};
use ndarray::{Array1, Array2};
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::networks::{difference, unit};

type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
struct Golden {
    points: Vec<Points>,
    networks: Vec<Empirical>,
    infinite: Vec<Infinite>,
}

#[derive(Deserialize)]
struct Points {
    inputs: usize,
    rows: Rows,
    columns: Rows,
}

#[derive(Deserialize)]
struct Empirical {
    inputs: usize,
    layers: Vec<GoldenLayer>,
    kernels: BTreeMap<String, Kernels>,
}

#[derive(Deserialize)]
struct GoldenLayer {
    weights: Rows,
    bias: Vec<f64>,
    weight_scale: f64,
    weight_rate: f64,
    bias_rate: f64,
}

#[derive(Deserialize)]
struct Kernels {
    outputs: Rows,
    kernel: Rows,
    cross_kernel: Rows,
}

#[derive(Deserialize)]
struct Infinite {
    inputs: usize,
    unit: String,
    hidden_layers: usize,
    prior: [f64; 4],
    ntk: Rows,
    nngp: Rows,
    cross_ntk: Rows,
    cross_nngp: Rows,
}

impl Golden {
    fn read() -> Self {
        serde_json::from_str(include_str!("../golden/kernel_ntk.json")).unwrap()
    }

    /// Rows and columns of the kernels of networks with so many inputs.
    fn points(&self, inputs: usize) -> (Array2<f64>, Array2<f64>) {
        let points = self.points.iter().find(|points| points.inputs == inputs).unwrap();
        (matrix(&points.rows), matrix(&points.columns))
    }
}

fn matrix(rows: &Rows) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[test]
fn empirical_kernels_are_those_of_neural_tangents() {
    let golden = Golden::read();
    assert_eq!(golden.networks.len(), 6);
    for network in &golden.networks {
        let (rows, columns) = golden.points(network.inputs);
        let layer = |layer: &GoldenLayer| Layer {
            weights: matrix(&layer.weights),
            bias: Array1::from(layer.bias.clone()),
            weight_scale: layer.weight_scale,
            weight_rate: layer.weight_rate,
            bias_rate: layer.bias_rate,
        };
        let layers: Vec<_> = network.layers.iter().map(layer).collect();
        assert_eq!(network.kernels.len(), 3);
        for (activation, expected) in &network.kernels {
            let which = ["relu", "tanh", "erf"].iter().position(|name| name == activation).unwrap();
            let found = Network::new(&layers, unit(which)).unwrap();
            // 1e-12: roundings, and the references' erf and tanh, which are good to some 1e-15.
            let close = |found: Array2<f64>, expected: &Rows| {
                let difference = difference(&found, &matrix(expected));
                assert!(difference < 1e-12, "{activation}, {} layers: {difference}", layers.len());
            };
            close(found.outputs(rows.view()).unwrap(), &expected.outputs);
            close(found.kernel(rows.view()).unwrap(), &expected.kernel);
            close(found.cross_kernel(rows.view(), columns.view()).unwrap(), &expected.cross_kernel);
        }
    }
}

#[test]
fn infinite_kernels_are_those_of_neural_tangents() {
    let golden = Golden::read();
    assert_eq!(golden.infinite.len(), 24);
    for case in &golden.infinite {
        let (rows, columns) = golden.points(case.inputs);
        let [weight_variance, bias, output_variance, output_rate] = case.prior;
        let network = InfiniteNetwork {
            unit: if case.unit == "relu" { InfiniteUnit::Relu } else { InfiniteUnit::Erf },
            hidden_layers: case.hidden_layers,
            weight_variance,
            bias: InfiniteBias { variance: bias, rate: bias },
            output_bias: InfiniteBias { variance: output_variance, rate: output_rate },
        };
        // 1e-7: on the diagonal stax goes through an arc cosine near 1, which halves its digits.
        let close = |found: &Array2<f64>, expected: &Rows| {
            let difference = difference(found, &matrix(expected));
            assert!(difference < 1e-7, "{} {}: {difference}", case.unit, case.hidden_layers);
        };
        let found = network.kernels(rows.view()).unwrap();
        close(&found.ntk, &case.ntk);
        close(&found.nngp, &case.nngp);
        let found = network.cross_kernels(rows.view(), columns.view()).unwrap();
        close(&found.ntk, &case.cross_ntk);
        close(&found.nngp, &case.cross_nngp);
    }
}
