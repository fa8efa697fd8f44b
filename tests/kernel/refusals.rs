//! What no kernel can be taken of, and why.

use lethe::kernel::{KernelFault, Layer, Network, Relu, TangentKernel, Tangents, Unit};
use ndarray::{Array1, Array2, array};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn layer(units: usize, inputs: usize) -> Layer<f64> {
    Layer {
        weights: Array2::ones((units, inputs)),
        bias: Array1::zeros(units),
        weight_scale: 1.0,
        weight_rate: 1.0,
        bias_rate: 1.0,
    }
}

fn refused(layers: &[Layer<f64>]) -> KernelFault {
    Network::new(layers, Unit::of::<Relu>()).map(|_| "accepted").unwrap_err()
}

#[test]
fn networks_that_do_not_hold_together_are_refused_by_name() {
    assert_eq!(refused(&[]), KernelFault::NoLayers);
    assert_eq!(refused(&[layer(0, 1)]), KernelFault::EmptyLayer { layer: 1 });
    assert_eq!(refused(&[layer(2, 1), layer(1, 0)]), KernelFault::EmptyLayer { layer: 2 });
    let unchained = KernelFault::LayersDoNotChain { layer: 2, takes: 3, given: 2 };
    assert_eq!(refused(&[layer(2, 1), layer(1, 3)]), unchained);
    assert_eq!(unchained.to_string(), "layer 2 takes 3 inputs, but the layer before has 2 units");
    let short = Layer { bias: Array1::zeros(1), ..layer(2, 1) };
    assert_eq!(refused(&[short]), KernelFault::BiasLength { layer: 1, units: 2, biases: 1 });
    for broken in [
        Layer { weights: array![[f64::NAN]], ..layer(1, 1) },
        Layer { bias: array![f64::INFINITY], ..layer(1, 1) },
        Layer { weight_scale: f64::NAN, ..layer(1, 1) },
        Layer { weight_rate: f64::INFINITY, ..layer(1, 1) },
        Layer { bias_rate: f64::NAN, ..layer(1, 1) },
    ] {
        assert_eq!(refused(&[broken]), KernelFault::LayerNotFinite { layer: 1 });
    }
    assert_eq!(refused(&[Layer { weight_rate: -1.0, ..layer(1, 1) }]), KernelFault::NegativeRate { layer: 1 });
    assert_eq!(refused(&[Layer { bias_rate: -1.0, ..layer(1, 1) }]), KernelFault::NegativeRate { layer: 1 });
}

#[test]
fn points_that_do_not_fit_are_refused_by_name() {
    let network = Network::new(&[layer(3, 2), layer(1, 3)], Unit::of::<Relu>()).unwrap();
    let of = |x: &Array2<f64>| network.kernel(x.view()).unwrap_err();
    assert_eq!(of(&Array2::zeros((0, 2))), KernelFault::NoPoints);
    assert_eq!(of(&Array2::zeros((1, 3))), KernelFault::InputDimension { takes: 2, given: 3 });
    assert_eq!(of(&array![[0.0, 0.0], [1.0, f64::NAN]]), KernelFault::PointNotFinite { point: 1 });
    // The outputs are 3e200, so the kernel's entries would be 1e400.
    assert_eq!(of(&array![[1e200, 0.0]]), KernelFault::Overflow);
    assert_eq!(of(&array![[1e308, 1e308]]), KernelFault::Overflow);
}

#[test]
fn points_of_different_networks_have_no_kernel() {
    let tangents = |hidden: usize| {
        let network = Network::new(&[layer(hidden, 1), layer(1, hidden)], Unit::of::<Relu>()).unwrap();
        network.tangents(array![[1.0]].view()).unwrap()
    };
    assert_eq!(tangents(2).cross_kernel(&tangents(3)).unwrap_err(), KernelFault::DifferentNetworks);
    let joined = Tangents::joined(vec![tangents(2), tangents(3)]).map(|_| "joined");
    assert_eq!(joined.unwrap_err(), KernelFault::DifferentNetworks);
    assert_eq!(Tangents::<f64>::joined(vec![]).map(|_| "joined").unwrap_err(), KernelFault::NoPoints);
}
