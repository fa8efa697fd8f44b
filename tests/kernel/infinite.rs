//! Kernels of infinitely wide networks against wide ones.

use lethe::kernel::{
    Activation, Erf, InfiniteBias, InfiniteNetwork, InfiniteUnit, KernelFault, Layer, Network, Relu, TangentKernel,
    Unit,
};
use lethe::seed::Stream;
use ndarray::{Array1, Array2, array};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::networks::{difference, normal, stream};

/// A network in the `ntk` parameterisation at its start.
fn wide(width: usize, hidden: usize, inputs: usize, unit: Unit<f64>, stream: &mut Stream) -> Network<f64> {
    let sizes: Vec<usize> = [vec![inputs], vec![width; hidden], vec![1]].concat();
    let layer = |(index, pair): (usize, &[usize])| Layer {
        weights: normal(pair[1], pair[0], stream),
        bias: if index == hidden {
            Array1::zeros(1)
        } else {
            Array1::from_shape_simple_fn(pair[1], || stream.normal())
        },
        weight_scale: (pair[0] as f64).sqrt().recip(),
        weight_rate: 1.0,
        bias_rate: 1.0,
    };
    Network::new(&sizes.windows(2).enumerate().map(layer).collect::<Vec<_>>(), unit).unwrap()
}

/// Root mean square over networks of the distance to the limit.
fn distance(width: usize, hidden: usize, unit: InfiniteUnit, stream: &mut Stream) -> f64 {
    const NETWORKS: usize = 24;
    let x = array![[-1.5], [-0.4], [0.0], [0.7], [2.0]];
    let limit = InfiniteNetwork::ntk_parameterisation(unit, hidden).kernels(x.view()).unwrap().ntk;
    let activation = match unit {
        InfiniteUnit::Relu => Unit::of::<Relu>(),
        InfiniteUnit::Erf => Unit::of::<Erf>(),
    };
    let one =
        |stream: &mut Stream| difference(&wide(width, hidden, 1, activation, stream).kernel(x.view()).unwrap(), &limit);
    let squares: f64 = (0..NETWORKS).map(|_| one(stream)).map(|distance| distance * distance).sum();
    (squares / NETWORKS as f64).sqrt()
}

#[test]
fn wide_networks_approach_the_limit_like_one_over_the_root_of_the_width() {
    let mut stream = stream("convergence");
    for unit in [InfiniteUnit::Relu, InfiniteUnit::Erf] {
        for hidden in 1..=3 {
            let (narrow, wide) = (distance(32, hidden, unit, &mut stream), distance(512, hidden, unit, &mut stream));
            let slope = libm::log2(wide / narrow) / 4.0;
            // Each distance is known to about 1 / sqrt(2 * 24) = 15 %, the slope to 0.07; it is -1/2.
            assert!((-0.75..-0.3).contains(&slope), "{unit:?}, {hidden} layers: {narrow} to {wide}, slope {slope}");
            assert!(wide < 0.2, "{unit:?}, {hidden} layers: {wide}");
        }
    }
}

#[test]
fn outputs_at_the_start_vary_as_the_nngp_says() {
    let mut stream = stream("outputs");
    let x = array![[-1.0, 0.5], [0.3, 2.0]];
    for (unit, activation) in [(InfiniteUnit::Relu, Unit::of::<Relu>()), (InfiniteUnit::Erf, Unit::of::<Erf>())] {
        let limit = InfiniteNetwork::ntk_parameterisation(unit, 2).kernels(x.view()).unwrap().nngp;
        const NETWORKS: usize = 3000;
        let mut found = Array2::zeros((2, 2));
        for _ in 0..NETWORKS {
            let f = wide(64, 2, 2, activation, &mut stream).outputs(x.view()).unwrap();
            found += &(f.dot(&f.t()) / NETWORKS as f64);
        }
        // A variance from 3,000 networks is good to 2.6 %; width 64 adds a few.
        assert!(difference(&found, &limit) < 0.12, "{unit:?}: {found} {limit}");
    }
}

/// E over normal (u, v) by a grid, for the closed forms of the expectations.
#[test]
fn closed_forms_are_the_integrals() {
    let by_grid = |q: f64, q_other: f64, s: f64, value_and_slope: fn(f64) -> (f64, f64)| {
        let (step, reach) = (0.02, 8.0);
        let along = s / q.sqrt();
        let across = (q_other - along * along).sqrt();
        let count = (2.0 * reach / step) as usize;
        let place = |index: usize| (index as f64 + 0.5) * step - reach;
        let density = |z: f64| libm::exp(-z * z / 2.0) * step / (2.0 * std::f64::consts::PI).sqrt();
        let (mut of_values, mut of_slopes) = (0.0, 0.0);
        for i in 0..count {
            let (z, weight) = (place(i), density(place(i)));
            let (value, slope) = value_and_slope(q.sqrt() * z);
            for j in 0..count {
                let (other_value, other_slope) = value_and_slope(along * z + across * place(j));
                of_values += weight * density(place(j)) * value * other_value;
                of_slopes += weight * density(place(j)) * slope * other_slope;
            }
        }
        (of_values, of_slopes)
    };
    // One hidden layer at points with q = 1.64, q' = 1.25, s = 0.6.
    let x = array![[0.8], [-0.5]];
    for (unit, function) in [
        (InfiniteUnit::Relu, Relu::value_and_slope as fn(f64) -> (f64, f64)),
        (InfiniteUnit::Erf, Erf::value_and_slope as fn(f64) -> (f64, f64)),
    ] {
        let kernels = InfiniteNetwork::ntk_parameterisation(unit, 1).kernels(x.view()).unwrap();
        let (of_values, of_slopes) = by_grid(1.64, 1.25, 0.6, function);
        // ReLU has a kink and its slope a jump, which a grid of 0.02 blurs.
        assert!((kernels.nngp[[0, 1]] - of_values).abs() < 1e-5, "{unit:?}");
        assert!((kernels.ntk[[0, 1]] - (of_values + 1.0 + of_slopes * 0.6)).abs() < 1e-4, "{unit:?}");
    }
}

#[test]
fn degenerate_points_give_the_limit() {
    let bare = InfiniteBias { variance: 0.0, rate: 0.0 };
    let x = array![[0.0], [0.0], [1e-300], [2.0], [2.0], [-2.0]];
    for unit in [InfiniteUnit::Relu, InfiniteUnit::Erf] {
        for hidden_layers in 0..4 {
            for bias in [bare, InfiniteBias { variance: 1.0, rate: 1.0 }] {
                let network = InfiniteNetwork { unit, hidden_layers, weight_variance: 1.0, bias, output_bias: bias };
                let kernels = network.kernels(x.view()).unwrap();
                for kernel in [&kernels.ntk, &kernels.nngp] {
                    assert!(kernel.iter().all(|entry| entry.is_finite()));
                    assert_eq!(kernel, &kernel.t(), "symmetric");
                    assert_eq!(kernel.row(0), kernel.row(1), "duplicates");
                    assert_eq!(kernel.row(3), kernel.row(4), "duplicates");
                    if bias == bare {
                        assert_eq!(kernel[[0, 3]], 0.0, "without biases nothing is learnt at 0");
                    }
                }
                assert_eq!(network.cross_kernels(x.view(), x.view()).unwrap(), kernels);
            }
        }
    }
}

#[test]
fn numbers_out_of_range_are_refused_by_name() {
    let good = InfiniteNetwork::ntk_parameterisation(InfiniteUnit::Erf, 1);
    let x = array![[1.0]];
    let refused = |network: InfiniteNetwork, x: &Array2<f64>| network.kernels(x.view()).unwrap_err();
    let negative = InfiniteNetwork { weight_variance: -1.0, ..good };
    let expected = KernelFault::OutOfRange { field: "weight_variance", value: "-1".to_owned() };
    assert_eq!(refused(negative, &x), expected);
    let nan = InfiniteNetwork { output_bias: InfiniteBias { variance: 0.0, rate: f64::NAN }, ..good };
    assert_eq!(refused(nan, &x), KernelFault::OutOfRange { field: "output_bias.rate", value: "NaN".to_owned() });
    let deep = InfiniteNetwork { hidden_layers: 1001, ..good };
    assert_eq!(refused(deep, &x), KernelFault::TooDeep { layers: 1001, at_most: 1000 });
    assert_eq!(refused(good, &Array2::zeros((0, 1))), KernelFault::NoPoints);
    assert_eq!(refused(good, &Array2::zeros((1, 0))), KernelFault::EmptyLayer { layer: 1 });
    assert_eq!(refused(good, &array![[f64::NAN]]), KernelFault::PointNotFinite { point: 0 });
    let relu = InfiniteNetwork::ntk_parameterisation(InfiniteUnit::Relu, 1);
    assert_eq!(refused(relu, &array![[1e160]]), KernelFault::Overflow);
    let others = good.cross_kernels(x.view(), array![[1.0, 2.0]].view()).unwrap_err();
    assert_eq!(others, KernelFault::InputDimension { takes: 1, given: 2 });
}
