//! Training curves of deep networks against PyTorch's, from `tests/golden/autodiff_training.py`.

use std::collections::BTreeMap;

use lethe::engine::autodiff::{Shape, at_once};
use lethe::engine::fleet::World;
use lethe::model::{Activation, Block, Mlp, Parameterisation};
use lethe::train::OptimiserKind;
use serde::Deserialize;

use crate::networks::*;

#[derive(Deserialize)]
struct Golden {
    inputs: usize,
    width: usize,
    depth: usize,
    richness: f32,
    steps: u32,
    every: u32,
    x: Vec<f32>,
    y: Vec<f32>,
    weight: Vec<f32>,
    starts: BTreeMap<String, Vec<f32>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    block: Block,
    optimiser: OptimiserKind,
    activation: Activation,
    parameterisation: Parameterisation,
    learning_rate: f32,
    /// Outputs at all samples, every so many steps.
    curve: Vec<Vec<f64>>,
    end: Vec<f64>,
}

/// 40 steps in f32 stay within 1e-4 of the same steps in f64, relative to the largest number.
#[test]
fn deep_training_curves_are_those_of_pytorch() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/autodiff_training.json")).unwrap();
    let Golden { inputs, width, depth, richness, .. } = golden;
    assert_eq!(golden.cases.len(), 12);
    for case in golden.cases {
        let Case { block, optimiser, activation, parameterisation, learning_rate, .. } = case;
        let mlp = Mlp { inputs, width, depth, block, activation, parameterisation, richness };
        let name = serde_json::to_value(block).unwrap();
        let start = golden.starts[name.as_str().unwrap()].clone();
        let world = World { x: golden.x.clone(), y: golden.y.clone(), ..World::default() };
        let setting = common(optimiser, 0, None, vec![golden.weight.clone()]);
        let member = member(Shape::scalar(mlp), learning_rate, start, optimiser);
        let mut fleet = fleet(setting, vec![world], &[member]);
        for (mark, expected) in case.curve.iter().enumerate() {
            if mark > 0 {
                train(&mut fleet, golden.every, &[]);
            }
            let found = at_once(fleet.predict(&golden.x)).unwrap();
            let off = relative_difference(&wide(&found[0]), expected);
            assert!(off < 1e-4, "{mlp:?}, {optimiser:?}: {off:e} after {} steps", fleet.step());
        }
        assert_eq!(fleet.step(), golden.steps);
        let off = relative_difference(&wide(&standings(&fleet)[0].parameters), &case.end);
        assert!(off < 1e-4, "{mlp:?}, {optimiser:?}: parameters off by {off:e}");
    }
}
