//! Networks of any depth: which parameters a mitigation takes for which.

use lethe::model::{Activation, Block, Mlp, Parameterisation, Parameters};
use lethe::train::OptimiserKind::Gd;
use lethe::train::mitigation::{Base, Treatment};

use crate::world::{mitigation, optimiser};

fn mlp() -> Mlp {
    let line = Mlp::on_a_line(4, Activation::Tanh, Parameterisation::Meanfield);
    Mlp { inputs: 3, depth: 3, block: Block::ResidualNorm, richness: 0.5, ..line }
}

/// Treats a network of which every gradient is `gradient`.
fn treated(name: &str, strength: f64, gradient: &Parameters) -> Treatment {
    let mlp = mlp();
    let base = Base {
        mlp,
        optimiser: optimiser(Gd, 0.5),
        parameters: &Parameters::filled(&mlp, 0.25),
        new_inputs: &[1.0, 2.0, 3.0],
        new_labels: &[1.0],
        new_outputs: &[0.5],
        old_inputs: &[0.0; 6],
        gradients: &|x| vec![gradient.clone(); x.len() / 3],
    };
    mitigation(name).treatment(&base, strength).unwrap()
}

fn keep(treatment: Treatment) -> Parameters {
    treatment.restraint.tether.unwrap().keep
}

#[test]
fn freezing_holds_whole_layers_with_their_norms() {
    // W and b of four units, then gamma and beta; the first W has three inputs, the later ones four.
    let [first, later] = [4 * 3 + 4 + 8, 4 * 4 + 4 + 8];
    let gradient = Parameters::filled(&mlp(), 1.0);
    for (layers, held) in [(1, first), (2, first + later), (3, first + 2 * later)] {
        let kept: Vec<f32> = keep(treated("freeze", f64::from(layers), &gradient)).iter().collect();
        assert_eq!(kept.len(), first + 2 * later + 4 + 1);
        assert!(kept[..held].iter().all(|&keep| keep == 0.0), "{layers} layers");
        assert!(kept[held..].iter().all(|&keep| keep == 1.0), "{layers} layers");
    }
}

#[test]
fn penalties_carry_the_parameterisations_factor_on_all_but_the_last_bias() {
    // The factor g0^2 h is 1 at a richness of a half, and 4 at 1.
    let wide = |name| keep(treated(name, 2.0, &Parameters::filled(&mlp(), 0.5)));
    // 1 / (1 + 2 lr lambda) with lr = 0.5 and lambda = 2, and F = 1/4 for all.
    let expected = [("l2", 1.0f32 / 3.0), ("ewc", 1.0 / 1.5)];
    for (name, expected) in expected {
        assert!(wide(name).iter().all(|keep| keep == expected), "{name}");
    }
    let rich = Mlp { richness: 1.0, ..mlp() };
    let base = Base {
        mlp: rich,
        optimiser: optimiser(Gd, 0.5),
        parameters: &Parameters::filled(&rich, 0.25),
        new_inputs: &[],
        new_labels: &[],
        new_outputs: &[],
        old_inputs: &[],
        gradients: &|_| Vec::new(),
    };
    let found = keep(mitigation("l2").treatment(&base, 2.0).unwrap());
    assert!(found.middle.iter().chain(&found.w1).chain(&found.w2).all(|&keep| keep == 1.0 / 9.0));
    assert_eq!(found.b2, 1.0 / 3.0);
}

#[test]
fn equal_gradients_forbid_one_direction() {
    let treatment = treated("ogd", 2.0, &Parameters::filled(&mlp(), 3.0));
    let [direction] = &treatment.restraint.forbidden[..] else { panic!("one direction") };
    let count = direction.iter().count() as f32;
    assert!(direction.iter().all(|value| (value - 1.0 / count.sqrt()).abs() < 1e-7));
}

#[test]
fn gradients_of_another_shape_or_size_are_refused() {
    let mlp = mlp();
    let (shallow, infinite) = (Mlp { depth: 2, ..mlp }, Parameters::filled(&mlp, f32::INFINITY));
    let cases = [(Parameters::filled(&shallow, 1.0), "another shape"), (infinite, "not finite")];
    for (gradient, expected) in cases {
        let base = Base {
            mlp,
            optimiser: optimiser(Gd, 0.5),
            parameters: &Parameters::filled(&mlp, 0.25),
            new_inputs: &[],
            new_labels: &[],
            new_outputs: &[],
            old_inputs: &[0.0; 6],
            gradients: &|x| vec![gradient.clone(); x.len() / 3],
        };
        for name in ["ewc", "ogd"] {
            let problem = mitigation(name).treatment(&base, 1.0).unwrap_err().to_string();
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
